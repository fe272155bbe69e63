import type { PointInVideo, Size } from '../../src-shared/geometry/geometry.ts';
import { maskBox } from '../../src-shared/mask/rle.ts';
import type { Ghost, Marker, Wipe } from './scene.ts';
import { canvasFromVideo, type PointOnCanvas, type ViewTransform } from './view-transform.ts';

const RADIUS = 8;
const INCLUDE = '#0c8f4f';
const EXCLUDE = '#d3263a';

/** Prompt markers in CSS pixels: the same size at every zoom, told apart by shape first and colour second. */
export function drawMarkers(context: CanvasRenderingContext2D, markers: readonly Marker[], view: ViewTransform): void {
  for (const marker of markers) {
    if (marker.shape.kind === 'box') drawBox(context, marker, view);
    else drawPoint(context, marker, view);
  }
}

function drawPoint(context: CanvasRenderingContext2D, marker: Marker, view: ViewTransform): void {
  if (marker.shape.kind !== 'point') return;
  const { x, y } = canvasFromVideo(view, marker.shape.at);
  const radius = marker.selected ? RADIUS + 2 : RADIUS;
  context.beginPath();
  context.arc(x, y, radius + 2, 0, 2 * Math.PI);
  context.fillStyle = marker.selected ? '#ffffff' : marker.colour;
  context.fill();
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = marker.include ? INCLUDE : EXCLUDE;
  context.fill();
  drawSign(context, x, y, marker.include);
}

function drawBox(context: CanvasRenderingContext2D, marker: Marker, view: ViewTransform): void {
  if (marker.shape.kind !== 'box') return;
  const { box } = marker.shape;
  const { x, y } = canvasFromVideo(view, box);
  strokeRect(context, x, y, box.width * view.scale, box.height * view.scale, marker.colour, marker.selected);
  if (marker.example) drawExampleSign(context, x, y, marker.include);
}

/** An example says with its sign whether it shows what is meant or what is not. */
function drawExampleSign(context: CanvasRenderingContext2D, x: number, y: number, include: boolean): void {
  context.fillStyle = include ? INCLUDE : EXCLUDE;
  context.beginPath();
  context.roundRect(x - 9, y - 9, 18, 18, 4);
  context.fill();
  drawSign(context, x, y, include);
}

function drawSign(context: CanvasRenderingContext2D, x: number, y: number, include: boolean): void {
  context.strokeStyle = '#ffffff';
  context.lineWidth = 2;
  context.lineCap = 'round';
  context.beginPath();
  context.moveTo(x - 4, y);
  context.lineTo(x + 4, y);
  if (include) {
    context.moveTo(x, y - 4);
    context.lineTo(x, y + 4);
  }
  context.stroke();
}

/** The box that the keyboard spans between two places. */
export function drawSpan(
  context: CanvasRenderingContext2D,
  from: PointInVideo,
  to: PointInVideo,
  view: ViewTransform,
): void {
  const { x, y } = canvasFromVideo(view, { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y) });
  const width = Math.abs(to.x - from.x) * view.scale;
  strokeRect(context, x, y, width, Math.abs(to.y - from.y) * view.scale, '#ffffff', true);
}

/** The reach of the brush: a light ring in a dark one. */
export function drawBrush(context: CanvasRenderingContext2D, at: PointOnCanvas, radius: number): void {
  for (const [colour, width] of [
    ['rgb(0 0 0 / 0.75)', 3],
    ['#ffffff', 1.25],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    context.arc(at.x, at.y, Math.max(2, radius), 0, 2 * Math.PI);
    context.stroke();
  }
}

/** The line between before and after, with both words beside it. */
export function drawWipe(context: CanvasRenderingContext2D, wipe: Wipe, video: Size, view: ViewTransform): void {
  const { x, y } = canvasFromVideo(view, { x: wipe.share * video.width, y: 0 });
  const height = video.height * view.scale;
  context.fillStyle = 'rgb(0 0 0 / 0.65)';
  context.fillRect(x - 2, y, 4, height);
  context.fillStyle = '#ffffff';
  context.fillRect(x - 1, y, 2, height);
  context.beginPath();
  context.arc(x, y + height / 2, 11, 0, 2 * Math.PI);
  context.fill();
  context.strokeStyle = '#14181f';
  context.lineWidth = 2;
  context.beginPath();
  for (const side of [-1, 1]) {
    context.moveTo(x + side * 3, y + height / 2 - 4);
    context.lineTo(x + side * 7, y + height / 2);
    context.lineTo(x + side * 3, y + height / 2 + 4);
  }
  context.stroke();
  context.font = '600 12px "Inter Variable", system-ui, sans-serif';
  context.textBaseline = 'middle';
  drawTag(context, wipe.before, x - context.measureText(wipe.before).width - 24, y + 10);
  drawTag(context, wipe.after, x + 10, y + 10);
}

function drawTag(context: CanvasRenderingContext2D, text: string, x: number, y: number): void {
  context.fillStyle = 'rgb(10 12 16 / 0.82)';
  context.beginPath();
  context.roundRect(x, y, context.measureText(text).width + 14, 22, 5);
  context.fill();
  context.fillStyle = '#ffffff';
  context.fillText(text, x + 7, y + 11.5);
}

/** A rectangle that reads on any picture: a dark line under a dashed coloured one. */
export function strokeRect(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  colour: string,
  strong: boolean,
): void {
  context.setLineDash([]);
  context.strokeStyle = 'rgb(0 0 0 / 0.7)';
  context.lineWidth = strong ? 5 : 4;
  context.strokeRect(x, y, width, height);
  context.setLineDash(strong ? [] : [7, 4]);
  context.strokeStyle = strong ? '#ffffff' : colour;
  context.lineWidth = 2;
  context.strokeRect(x, y, width, height);
  context.setLineDash([]);
}

/** The crosshair that the keyboard moves: light on dark, so that it reads on any picture. */
export function drawPointer(context: CanvasRenderingContext2D, at: PointInVideo, view: ViewTransform): void {
  const { x, y } = canvasFromVideo(view, at);
  for (const [colour, width] of [
    ['rgb(0 0 0 / 0.75)', 5],
    ['#ffffff', 2],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]) {
      context.moveTo(x + dx * 5, y + dy * 5);
      context.lineTo(x + dx * 22, y + dy * 22);
    }
    context.stroke();
  }
}

/** The score of each instance that the detector sees, at its top-left corner. */
export function drawGhostScores(
  context: CanvasRenderingContext2D,
  ghosts: readonly Ghost[],
  view: ViewTransform,
): void {
  // To name a font is dear, and most frames have no ghosts.
  if (ghosts.length === 0) return;
  context.font = '600 12px "Inter Variable", system-ui, sans-serif';
  context.textBaseline = 'middle';
  for (const ghost of ghosts) {
    const box = maskBox(ghost.mask);
    if (box === null) continue;
    const { x, y } = canvasFromVideo(view, box);
    const text = `${ghost.accepted ? '' : '✕ '}${ghost.score.toFixed(2)}`;
    const width = context.measureText(text).width + 12;
    context.fillStyle = 'rgb(10 12 16 / 0.82)';
    context.beginPath();
    context.roundRect(x, y - 22, width, 20, 5);
    context.fill();
    context.fillStyle = ghost.accepted ? '#ffffff' : '#b9c0cc';
    context.fillText(text, x + 6, y - 11.5);
  }
}
