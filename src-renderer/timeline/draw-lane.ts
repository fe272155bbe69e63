import { ABSENT, type Lane, PRESENT } from './lanes.ts';
import { frameAt, type TimeScale, xOfFrame } from './time-scale.ts';
import { LANE_HEIGHT } from './timeline-layout.ts';
import type { GhostLane, TimelineColours, TimelineObject, TimelinePrompt } from './timeline-scene.ts';

const BAR_TOP = 8;
const BAR_HEIGHT = 10;
const HEAT_TOP = 21;
const HEAT_HEIGHT = 4;
const DIAMOND = 6;

/**
 * One object's lane: a thin line is the clip, a solid bar a mask, hatching absence, a dashed edge out of date, diamonds prompts;
 * below, confidence from low (hot and tall) to high (a quiet line).
 */
export function drawLane(
  context: CanvasRenderingContext2D,
  lane: Lane | null,
  object: TimelineObject,
  prompts: readonly TimelinePrompt[],
  scale: TimeScale,
  width: number,
  colours: TimelineColours,
): void {
  context.globalAlpha = object.visible ? 1 : 0.4;
  context.fillStyle = colours.line;
  context.fillRect(0, BAR_TOP + BAR_HEIGHT / 2 - 0.5, width, 1);
  if (lane !== null) {
    drawStates(context, lane, object, scale, width, colours);
    drawHeat(context, lane, scale, width, colours);
  }
  for (const prompt of prompts) drawDiamond(context, prompt, object.colour, scale, colours);
  context.globalAlpha = 1;
}

/** Bars of equal state, found pixel by pixel: a column shows a mask when any of its frames has one. */
function drawStates(
  context: CanvasRenderingContext2D,
  { states }: Lane,
  object: TimelineObject,
  scale: TimeScale,
  width: number,
  colours: TimelineColours,
): void {
  const edge = Math.min(width, xOfFrame(scale, states.length));
  let from = 0;
  let state = columnState(states, scale, 0);
  for (let x = 1; x <= edge; x++) {
    const next = x < edge ? columnState(states, scale, x) : -1;
    if (next === state) continue;
    if (state === PRESENT) drawBar(context, object, from, x - from);
    else if (state === ABSENT) drawAbsence(context, from, x - from, colours);
    from = x;
    state = next;
  }
}

function columnState(states: Uint8Array, scale: TimeScale, x: number): number {
  const first = frameAt(scale, x, states.length);
  const last = Math.max(first, frameAt(scale, x + 1, states.length) - 1);
  let found = 0;
  for (let frame = first; frame <= last; frame++) {
    if (states[frame] === PRESENT) return PRESENT;
    if (states[frame] === ABSENT) found = ABSENT;
  }
  return found;
}

function drawBar(context: CanvasRenderingContext2D, object: TimelineObject, x: number, width: number): void {
  context.fillStyle = object.colour;
  if (!object.changed) {
    context.beginPath();
    context.roundRect(x, BAR_TOP, width, BAR_HEIGHT, Math.min(3, width / 2));
    context.fill();
    return;
  }
  // Out of date: dashes instead of a solid bar.
  for (let at = x; at < x + width; at += 10)
    context.fillRect(at, BAR_TOP + 2, Math.min(6, x + width - at), BAR_HEIGHT - 4);
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

function drawHeat(
  context: CanvasRenderingContext2D,
  { confidences }: Lane,
  scale: TimeScale,
  width: number,
  colours: TimelineColours,
): void {
  const edge = Math.min(width, xOfFrame(scale, confidences.length));
  for (let x = 0; x < edge; x++) {
    const lowest = columnConfidence(confidences, scale, x);
    if (lowest === null) continue;
    const doubt = 1 - lowest;
    const height = 1 + doubt * (HEAT_HEIGHT + 2);
    context.fillStyle = heatColour(doubt, colours.muted);
    context.fillRect(x, HEAT_TOP + HEAT_HEIGHT - height + 2, 1, height);
  }
}

/** The lowest confidence of a column: doubt must not vanish when the clip is long. */
function columnConfidence(confidences: Uint8Array, scale: TimeScale, x: number): number | null {
  const first = frameAt(scale, x, confidences.length);
  const last = Math.max(first, frameAt(scale, x + 1, confidences.length) - 1);
  let lowest = 0;
  for (let frame = first; frame <= last; frame++) {
    const value = confidences[frame];
    if (value !== 0 && (lowest === 0 || value < lowest)) lowest = value;
  }
  return lowest === 0 ? null : (lowest - 1) / 254;
}

/** Quiet where the model is sure, amber then red where it is not. */
function heatColour(doubt: number, quiet: string): string {
  if (doubt < 0.2) return quiet;
  return doubt < 0.45 ? '#d99a1e' : '#e5484d';
}

/** A frame around what a stretch would become. */
export function drawGhost(
  context: CanvasRenderingContext2D,
  ghost: GhostLane,
  scale: TimeScale,
  colours: TimelineColours,
): void {
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

function drawDiamond(
  context: CanvasRenderingContext2D,
  prompt: TimelinePrompt,
  colour: string,
  scale: TimeScale,
  colours: TimelineColours,
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

/** Top of a lane's row. */
export function laneTop(index: number): number {
  return index * LANE_HEIGHT;
}
