import type { PointInVideo } from '../../src-shared/geometry/geometry.ts';
import { maskBox } from '../../src-shared/mask/rle.ts';
import type { Ghost, Marker } from './scene.ts';
import { canvasFromVideo, type ViewTransform } from './view-transform.ts';

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
  context.strokeStyle = '#ffffff';
  context.lineWidth = 2;
  context.lineCap = 'round';
  context.beginPath();
  context.moveTo(x - 4, y);
  context.lineTo(x + 4, y);
  if (marker.include) {
    context.moveTo(x, y - 4);
    context.lineTo(x, y + 4);
  }
  context.stroke();
}

function drawBox(context: CanvasRenderingContext2D, marker: Marker, view: ViewTransform): void {
  if (marker.shape.kind !== 'box') return;
  const { box } = marker.shape;
  const { x, y } = canvasFromVideo(view, box);
  strokeRect(context, x, y, box.width * view.scale, box.height * view.scale, marker.colour, marker.selected);
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
