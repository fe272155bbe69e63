import { labelParts } from './planner/index.ts';
import type { ModelPoint } from './ports.ts';

const include = 1;
/** Surely background, and no harder than a model's own background, so that a correction can win it back. */
const leftOut = -8;

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
  const { starts, ends, partOf, areas } = labelParts(logits, side, side);
  const cell = (at: number) => Math.min(side - 1, Math.max(0, Math.floor((at * side) / imageSize)));
  const places = points.flatMap(({ x, y, label }) => (label === include ? [cell(y) * side + cell(x)] : []));
  const clicked = new Set(partOf.filter((_, run) => places.some((at) => at >= starts[run] && at < ends[run])));
  if (clicked.size === 0) return;
  const enough = Math.max(...[...clicked].map((part) => areas[part]));
  const before = new Map<number, number>();
  if (previous !== null) {
    for (let run = 0; run < starts.length; run++) {
      let shared = before.get(partOf[run]) ?? 0;
      for (let at = starts[run]; at < ends[run]; at++) if (previous[at] > 0) shared++;
      before.set(partOf[run], shared);
    }
  }
  const isKept = (part: number) =>
    clicked.has(part) || areas[part] >= enough || 2 * (before.get(part) ?? 0) > areas[part];
  for (let run = 0; run < starts.length; run++) {
    if (!isKept(partOf[run])) for (let at = starts[run]; at < ends[run]; at++) logits[at] = leftOut;
  }
}
