import { deepestPixel } from '../../../src-shared/mask/deepest-pixel.ts';
import { labelParts } from './planner/index.ts';
import type { ModelPoint } from './ports.ts';

const exclude = 0;
const include = 1;
/** A change this near to a click, in cells of the mask, is what was clicked. */
const reach = 2;

/**
 * A point that a correction means without saying: where the first click on a frame excludes, the mask was there before the clicks, and
 * nobody has said what it is right about. So its middle counts as clicked: the place deepest inside it, and twice as deep away from what is
 * excluded. null: the newest click includes, or the mask is empty. `previous` is [side * side]; points are clicks, in model pixels of a picture of
 * `imageSize`. Measured for pebble in models/recipes/pebble/LADDER.md.
 */
export function impliedPoint(
  previous: Float32Array,
  side: number,
  points: readonly ModelPoint[],
  imageSize: number,
): ModelPoint | null {
  if (points[0]?.label !== exclude || points.at(-1)?.label !== exclude) return null;
  const bitmap = Uint8Array.from(previous, (logit) => Number(logit > 0));
  const away = points.filter(({ label }) => label === exclude).map((point) => cellsOf(point, side, imageSize));
  const awayFrom = (at: number) =>
    Math.min(...away.map(({ x, y }) => Math.hypot((at % side) + 0.5 - x, Math.floor(at / side) + 0.5 - y))) / 2;
  const middle = deepestPixel(bitmap, side, side, awayFrom);
  if (middle === null) return null;
  const cell = imageSize / side;
  return { x: ((middle % side) + 0.5) * cell, y: (Math.floor(middle / side) + 0.5) * cell, label: include };
}

/**
 * Takes back, in place, what an answer changed of the mask that it corrects except where it was asked to: what was added stays where an
 * including click lies on it, what was taken away where an excluding one does. `logits` and `previous` are [side * side]; points are clicks.
 * Source: progressive merge of FocalClick.
 */
export function keepLocalChange(
  logits: Float32Array,
  previous: Float32Array,
  side: number,
  points: readonly ModelPoint[],
  imageSize: number,
): void {
  for (const label of [include, exclude]) {
    const changed = logits.map((logit, at) =>
      label === include ? Number(logit > 0 && previous[at] <= 0) : Number(logit <= 0 && previous[at] > 0),
    );
    const { starts, ends, partOf } = labelParts(changed, side, side);
    const clicks = points.filter((point) => point.label === label).map((point) => cellsOf(point, side, imageSize));
    const asked = new Set(
      partOf.filter((_, run) => clicks.some((click) => isNear(click, starts[run], ends[run], side))),
    );
    for (let run = 0; run < starts.length; run++) {
      if (asked.has(partOf[run])) continue;
      for (let at = starts[run]; at < ends[run]; at++) logits[at] = previous[at];
    }
  }
}

/** Whether a run of cells comes within `reach` of a place. */
function isNear({ x, y }: { readonly x: number; readonly y: number }, start: number, end: number, side: number) {
  const row = Math.floor(start / side);
  const [first, last] = [start - row * side + 0.5, end - row * side - 0.5];
  return Math.hypot(x - Math.min(last, Math.max(first, x)), y - row - 0.5) <= reach;
}

/** Model pixels -> cells of the mask. */
function cellsOf({ x, y }: ModelPoint, side: number, imageSize: number) {
  return { x: (x * side) / imageSize, y: (y * side) / imageSize };
}
