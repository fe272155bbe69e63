import type { FramePictures } from '../viewport/frame-pictures.ts';
import { drawDiamond, drawGhost, drawLane, type LaneView } from './draw-lane.ts';
import { drawOverview } from './draw-overview.ts';
import { drawCuts, drawFilm, drawMarks, drawRuler, drawWaveform } from './draw-strips.ts';
import type { Lanes } from './lanes.ts';
import type { TimeScale } from './time-scale.ts';
import {
  FILM_HEIGHT,
  GUTTER,
  LANE_HEIGHT,
  type LaneRows,
  laneTop,
  OVERVIEW_HEIGHT,
  RULER_HEIGHT,
  stripWidth,
  visibleLanes,
} from './timeline-layout.ts';
import type { TimelineObject, TimelineScene } from './timeline-scene.ts';
import type { Waveform } from './waveform.ts';

export interface GroundParts {
  readonly lanes: Lanes;
  readonly thumbnails: FramePictures;
  readonly waveform: Waveform;
}

export interface GroundView {
  readonly scale: TimeScale;
  readonly width: number;
  readonly height: number;
  readonly rows: LaneRows;
  readonly scrollTop: number;
}

type Context = CanvasRenderingContext2D;
const EMPTY_LINE = 18;
const FAMILY = '"Inter Variable", "Noto Sans CJK SC", system-ui, sans-serif';

/** Everything but the playhead. Only what is in sight is drawn, whatever the clip's length. */
export function drawGround(context: Context, scene: TimelineScene, parts: GroundParts, view: GroundView): void {
  const { scale, width, height, rows } = view;
  const strip = stripWidth(width);
  context.fillStyle = scene.colours.ground;
  context.fillRect(0, 0, width, height);
  if (scene.objects.length === 0) drawEmpty(context, scene, rows.top, width);
  else drawRows(context, scene, parts, view);
  const within = (top: number, draw: () => void) => drawWithin(context, GUTTER, top, strip, height, draw);
  within(0, () => drawRuler(context, scene, scale, strip));
  within(RULER_HEIGHT, () => drawFilm(context, scene, scale, strip, parts.thumbnails));
  if (rows.top > RULER_HEIGHT + FILM_HEIGHT) {
    within(RULER_HEIGHT + FILM_HEIGHT, () => drawWaveform(context, scene, scale, strip, parts.waveform));
  }
  within(0, () => drawCuts(context, scene, scale, strip, height));
  within(0, () => drawMarks(context, scene, scale, strip, height));
}

function drawEmpty(context: Context, scene: TimelineScene, top: number, width: number): void {
  context.font = `400 13px ${FAMILY}`;
  context.textBaseline = 'middle';
  context.fillStyle = scene.colours.muted;
  const lines = wrapped(context, scene.emptyText, width - GUTTER - 40);
  for (const [at, line] of lines.entries()) context.fillText(line, GUTTER + 18, top + 24 + at * EMPTY_LINE);
}

function drawRows(context: Context, scene: TimelineScene, parts: GroundParts, view: GroundView): void {
  const { rows, scrollTop, width, height, scale } = view;
  const lane: LaneView = {
    scale,
    width: stripWidth(width),
    frameCount: scene.frameCount,
    colours: scene.colours,
  };
  context.save();
  context.beginPath();
  context.rect(0, rows.top, width, height - rows.top);
  context.clip();
  if (rows.overview > 0 && scrollTop < rows.overview) drawOverviewRow(context, scene, parts, view, lane);
  const { first, last } = visibleLanes(rows, scrollTop, height);
  for (let index = first; index <= last; index++) {
    drawRow(context, scene, parts, lane, rows.objects[index], laneTop(rows, index, scrollTop), width);
  }
  context.restore();
}

function drawOverviewRow(
  context: Context,
  scene: TimelineScene,
  { lanes }: GroundParts,
  { rows, scrollTop, width, height }: GroundView,
  lane: LaneView,
): void {
  const top = rows.top - scrollTop;
  const { colours, unfolded, objects } = scene;
  context.fillStyle = colours.line;
  context.fillRect(0, top + OVERVIEW_HEIGHT - 1, width, 1);
  drawChevron(context, 20, top + OVERVIEW_HEIGHT / 2, unfolded, colours.muted);
  context.font = `500 12.5px ${FAMILY}`;
  context.textBaseline = 'middle';
  context.fillStyle = colours.text;
  context.fillText(scene.overviewText, 34, top + OVERVIEW_HEIGHT / 2 + 0.5, GUTTER - 46);
  drawWithin(context, GUTTER, top, lane.width, height, () => drawOverview(context, objects, lanes, lane));
}

function drawChevron(context: Context, x: number, y: number, open: boolean, colour: string): void {
  context.save();
  context.translate(x, y);
  if (open) context.rotate(Math.PI / 2);
  context.strokeStyle = colour;
  context.lineWidth = 1.8;
  context.lineCap = 'round';
  context.beginPath();
  context.moveTo(-2, -4);
  context.lineTo(2, 0);
  context.lineTo(-2, 4);
  context.stroke();
  context.restore();
}

function drawRow(
  context: Context,
  scene: TimelineScene,
  { lanes }: GroundParts,
  lane: LaneView,
  object: TimelineObject,
  top: number,
  width: number,
): void {
  const { colours, ghosts, prompts } = scene;
  if (object.selected) {
    context.fillStyle = colours.selection;
    context.fillRect(0, top, width, LANE_HEIGHT);
  }
  context.fillStyle = colours.line;
  context.fillRect(0, top + LANE_HEIGHT - 1, width, 1);
  drawName(context, object, top, scene);
  drawWithin(context, GUTTER, top, lane.width, LANE_HEIGHT, () => {
    context.globalAlpha = object.visible ? 1 : 0.4;
    drawLane(context, lanes.get(object.objectId), object, lanes.changedStretches(object.objectId), lane);
    for (const ghost of ghosts) if (ghost.objectId === object.objectId) drawGhost(context, ghost, lane);
    for (const prompt of prompts.get(object.objectId) ?? []) drawDiamond(context, prompt, object.colour, lane);
    context.globalAlpha = 1;
  });
}

function drawName(context: Context, object: TimelineObject, top: number, { colours }: TimelineScene): void {
  context.fillStyle = object.colour;
  context.beginPath();
  context.roundRect(14, top + 10, 12, 12, 3);
  context.fill();
  context.font = `${object.selected ? 600 : 500} 12.5px ${FAMILY}`;
  context.textBaseline = 'middle';
  context.fillStyle = object.visible ? colours.text : colours.muted;
  const room = GUTTER - (object.locked ? 62 : 46);
  context.fillText(fitting(context, object.label, room), 34, top + LANE_HEIGHT / 2 + 0.5);
  if (object.locked) drawPadlock(context, GUTTER - 20, top + LANE_HEIGHT / 2, colours.muted);
}

/** In lines of at most that many pixels, broken between words of any language. */
function wrapped(context: Context, text: string, room: number): string[] {
  const lines = [''];
  for (const { segment, isWordLike } of new Intl.Segmenter(undefined, { granularity: 'word' }).segment(text)) {
    const line = lines.at(-1)! + segment;
    // Spaces and signs stay with the word before them.
    if (isWordLike !== true || context.measureText(line).width <= room) lines[lines.length - 1] = line;
    else lines.push(segment);
  }
  return lines;
}

/** Cut short instead of squeezed. */
function fitting(context: Context, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let length = text.length - 1;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > room) length--;
  return `${text.slice(0, length).trimEnd()}…`;
}

function drawPadlock(context: Context, x: number, y: number, colour: string): void {
  context.fillStyle = colour;
  context.strokeStyle = colour;
  context.lineWidth = 1.4;
  context.fillRect(x - 4, y - 1, 8, 6);
  context.beginPath();
  context.arc(x, y - 1, 2.6, Math.PI, 0);
  context.stroke();
}

/** Draws with the origin at a place, clipped to a strip (with room for what sits on its edges). */
function drawWithin(
  context: Context,
  left: number,
  top: number,
  width: number,
  height: number,
  draw: () => void,
): void {
  context.save();
  context.translate(left, top);
  context.beginPath();
  context.rect(-8, -8, width + 16, height + 16);
  context.clip();
  draw();
  context.restore();
}
