import { labelParts } from './planner/index.ts';
import type { ModelPoint } from './ports.ts';

const include = 1;
/** Surely background, and no harder than a model's own background, so that a correction can win it back. */
export const leftOut = -8;
/** Parts with a gap of up to twice so many cells are one: a strap or a shadow often cuts what belongs together. */
const near = 2;

/**
 * Leaves out, in place, the parts of an answer to clicks that nobody pointed at: kept is what a positive click lies on, what is at least
 * as large as the largest of these, and what mostly lay in the mask that is being corrected. Without a positive click on a part, or with
 * a box, the answer stays as it is. For packs whose masks of clicks spread to things that look alike (pack.json `tracker.parts`).
 * `logits` and `previous` are [side * side]; points are in model pixels of a picture of `imageSize`.
 */
export function keepClickedParts(
  logits: Float32Array,
  side: number,
  points: readonly ModelPoint[],
  imageSize: number,
  previous: Float32Array | null,
): void {
  if (points.some(({ label }) => label > include)) return;
  const { starts, ends, partOf } = labelParts(grown(logits, side), side, side);
  const cell = (at: number) => Math.min(side - 1, Math.max(0, Math.floor((at * side) / imageSize)));
  const places = points.flatMap(({ x, y, label }) => (label === include ? [cell(y) * side + cell(x)] : []));
  const on = places.filter((at) => logits[at] > 0);
  const clicked = new Set(partOf.filter((_, run) => on.some((at) => at >= starts[run] && at < ends[run])));
  if (clicked.size === 0) return;
  const areas = new Map<number, number>();
  const before = new Map<number, number>();
  for (let run = 0; run < starts.length; run++) {
    const part = partOf[run];
    let area = areas.get(part) ?? 0;
    let shared = before.get(part) ?? 0;
    for (let at = starts[run]; at < ends[run]; at++) {
      if (logits[at] <= 0) continue;
      area++;
      if (previous !== null && previous[at] > 0) shared++;
    }
    areas.set(part, area);
    before.set(part, shared);
  }
  const areaOf = (part: number) => areas.get(part) ?? 0;
  const enough = Math.max(...[...clicked].map(areaOf));
  for (let run = 0; run < starts.length; run++) {
    const part = partOf[run];
    if (clicked.has(part) || areaOf(part) >= enough || 2 * (before.get(part) ?? 0) > areaOf(part)) continue;
    for (let at = starts[run]; at < ends[run]; at++) if (logits[at] > 0) logits[at] = leftOut;
  }
}

/** 1 where a cell of the mask lies within `near` rows and columns, else 0. */
function grown(logits: Float32Array, side: number): Float32Array {
  const wide = new Float32Array(logits.length);
  const result = new Float32Array(logits.length);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      if (logits[row * side + column] <= 0) continue;
      wide.fill(1, row * side + Math.max(0, column - near), row * side + Math.min(side, column + near + 1));
    }
  }
  for (let row = 0; row < side; row++) {
    const last = Math.min(side - 1, row + near);
    for (let other = Math.max(0, row - near); other <= last; other++) {
      for (let column = 0; column < side; column++)
        if (wide[other * side + column] > 0) result[row * side + column] = 1;
    }
  }
  return result;
}
