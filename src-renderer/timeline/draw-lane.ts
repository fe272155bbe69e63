import { laneBits } from '../../src-shared/domain/lane.ts';
import type { Lane, Stretch } from './lanes.ts';
import { frameAt, type TimeScale, xOfFrame } from './time-scale.ts';
import type { GhostLane, TimelineColours, TimelineObject, TimelinePrompt } from './timeline-scene.ts';

const BAR_TOP = 8;
const BAR_HEIGHT = 10;
const HEAT_TOP = 21;
const HEAT_HEIGHT = 4;
const DIAMOND = 6;

/** How a column of a lane looks: told by shape first, colour second. */
type Look = 'none' | 'mask' | 'changed' | 'provisional' | 'absent';

export interface LaneView {
  readonly scale: TimeScale;
  readonly width: number;
  readonly frameCount: number;
  readonly colours: TimelineColours;
}

/**
 * One object's lane: a thin line is the clip, a solid bar a mask, dashes are out of date, dots may still go, hatching is absence, diamonds
 * are prompts; below, confidence from low (hot and tall) to high (a quiet line).
 */
export function drawLane(
  context: CanvasRenderingContext2D,
  lane: Lane | null,
  object: TimelineObject,
  changed: readonly Stretch[],
  view: LaneView,
): void {
  context.fillStyle = view.colours.line;
  context.fillRect(0, BAR_TOP + BAR_HEIGHT / 2 - 0.5, view.width, 1);
  if (lane === null) return;
  const edge = Math.min(view.width, xOfFrame(view.scale, view.frameCount));
  const whole = object.changed && changed.length === 0;
  let from = 0;
  let look = lookAt(lane, whole, changed, view, 0);
  for (let x = 1; x <= edge; x++) {
    const next = x < edge ? lookAt(lane, whole, changed, view, x) : null;
    if (next === look) continue;
    drawStretch(context, look, object.colour, from, x - from, view.colours);
    from = x;
    look = next ?? 'none';
  }
  drawHeat(context, lane, view, edge);
}

/** A column shows a mask when any of its frames has one. */
function lookAt(lane: Lane, whole: boolean, changed: readonly Stretch[], view: LaneView, x: number): Look {
  const { first, last } = framesOf(view, x);
  const bits = lane.states.column(first, last);
  if ((bits & laneBits.present) !== 0) {
    if (whole || changed.some((stretch) => stretch.first <= last && stretch.last >= first)) return 'changed';
    return (bits & laneBits.provisional) !== 0 ? 'provisional' : 'mask';
  }
  return (bits & laneBits.absent) !== 0 ? 'absent' : 'none';
}

export function framesOf({ scale, frameCount }: LaneView, x: number): Stretch {
  const first = frameAt(scale, x, frameCount);
  return { first, last: Math.max(first, frameAt(scale, x + 1, frameCount) - 1) };
}

function drawStretch(
  context: CanvasRenderingContext2D,
  look: Look,
  colour: string,
  x: number,
  width: number,
  colours: TimelineColours,
): void {
  context.fillStyle = colour;
  if (look === 'mask') {
    context.beginPath();
    context.roundRect(x, BAR_TOP, width, BAR_HEIGHT, Math.min(3, width / 2));
    context.fill();
  } else if (look === 'changed') {
    for (let at = x; at < x + width; at += 10)
      context.fillRect(at, BAR_TOP + 2, Math.min(6, x + width - at), BAR_HEIGHT - 4);
  } else if (look === 'provisional') {
    for (let at = x; at < x + width; at += 6) {
      context.beginPath();
      context.arc(at + 2, BAR_TOP + BAR_HEIGHT / 2, 2, 0, 2 * Math.PI);
      context.fill();
    }
  } else if (look === 'absent') drawAbsence(context, x, width, colours);
}

function drawAbsence(context: CanvasRenderingContext2D, x: number, width: number, colours: TimelineColours): void {
  context.save();
  context.beginPath();
  context.rect(x, BAR_TOP + 1, width, BAR_HEIGHT - 2);
  context.clip();
  context.strokeStyle = colours.muted;
  context.globalAlpha *= 0.7;
  context.lineWidth = 1;
  context.beginPath();
  for (let at = x - BAR_HEIGHT; at < x + width; at += 5) {
    context.moveTo(at, BAR_TOP + BAR_HEIGHT);
    context.lineTo(at + BAR_HEIGHT, BAR_TOP);
  }
  context.stroke();
  context.restore();
}

function drawHeat(context: CanvasRenderingContext2D, { confidences }: Lane, view: LaneView, edge: number): void {
  for (let x = 0; x < edge; x++) {
    const { first, last } = framesOf(view, x);
    const lowest = confidences.column(first, last);
    if (lowest === 0) continue;
    const doubt = 1 - (lowest - 1) / 254;
    const height = 1 + doubt * (HEAT_HEIGHT + 2);
    context.fillStyle = heatColour(doubt, view.colours);
    context.fillRect(x, HEAT_TOP + HEAT_HEIGHT - height + 2, 1, height);
  }
}

/** Quiet where the model is sure, amber then red where it is not. */
function heatColour(doubt: number, { muted, warning, danger }: TimelineColours): string {
  if (doubt < 0.2) return muted;
  return doubt < 0.45 ? warning : danger;
}

/** A frame around what a stretch would become. */
export function drawGhost(context: CanvasRenderingContext2D, ghost: GhostLane, { scale, colours }: LaneView): void {
  const left = xOfFrame(scale, ghost.first);
  const width = Math.max(2, xOfFrame(scale, ghost.last + 1) - left);
  context.fillStyle = ghost.colour ?? colours.ground;
  context.globalAlpha = 0.75;
  context.fillRect(left, BAR_TOP - 2, width, BAR_HEIGHT + 4);
  context.globalAlpha = 1;
  context.strokeStyle = colours.text;
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  context.strokeRect(left + 0.5, BAR_TOP - 2.5, width - 1, BAR_HEIGHT + 5);
  context.setLineDash([]);
}

export function drawDiamond(
  context: CanvasRenderingContext2D,
  prompt: TimelinePrompt,
  colour: string,
  { scale, colours }: LaneView,
): void {
  const x = xOfFrame(scale, prompt.frameIndex + 0.5);
  const y = BAR_TOP + BAR_HEIGHT / 2;
  const size = prompt.selected ? DIAMOND + 1.5 : DIAMOND;
  context.beginPath();
  context.moveTo(x, y - size);
  context.lineTo(x + size, y);
  context.lineTo(x, y + size);
  context.lineTo(x - size, y);
  context.closePath();
  context.fillStyle = prompt.include ? colour : colours.ground;
  context.fill();
  context.lineWidth = prompt.selected ? 2.5 : 1.5;
  context.strokeStyle = prompt.include ? colours.text : colour;
  context.stroke();
}

/** The prompt whose diamond covers x. */
export function promptAt(prompts: readonly TimelinePrompt[], scale: TimeScale, x: number): TimelinePrompt | null {
  return prompts.findLast(({ frameIndex }) => Math.abs(xOfFrame(scale, frameIndex + 0.5) - x) <= DIAMOND + 2) ?? null;
}
