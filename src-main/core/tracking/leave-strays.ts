import { boxOf, type GridBox } from './box-motion.ts';
import { leftOut } from './keep-clicked-parts.ts';
import type { Heading, Observation } from './memory-bank.ts';
import { areaOf } from './object-step.ts';
import type { Trusted } from './object-track.ts';
import { labelParts } from './planner/index.ts';

/**
 * Leaves out the parts of a tracked mask that lie where the object cannot have come to: for every frame since it was last believed, they
 * are further from its box of then than `reach` times the square root of its area. When something covers it, a model often finds a
 * part of something alike elsewhere. What is left must be the larger share, else the mask stays as it is and other guards judge it.
 * `seen` is not changed; `side` is that of its logits [side * side].
 */
export function withoutStrays(
  seen: Observation,
  lastTrusted: Trusted | null,
  heading: Heading,
  side: number,
  reach: number,
): Observation {
  const before = lastTrusted?.box;
  if (lastTrusted === null || before === undefined) return seen;
  const ago = (seen.frameIndex - lastTrusted.frameIndex) * heading;
  if (ago <= 0) return seen;
  const box = boxOf(seen.logits, side);
  const far = reach * Math.sqrt(lastTrusted.area) * ago;
  if (box === null || overhang(box, before) <= far) return seen;
  const { starts, ends, partOf } = labelParts(seen.logits, side, side);
  const boxes = new Map<number, GridBox>();
  for (const [run, part] of partOf.entries()) boxes.set(part, around(boxes.get(part), starts[run], ends[run], side));
  const strays = new Set([...boxes].flatMap(([part, each]) => (gap(each, before) > far ? [part] : [])));
  if (strays.size === 0) return seen;
  const logits = seen.logits.slice();
  for (const [run, part] of partOf.entries()) if (strays.has(part)) logits.fill(leftOut, starts[run], ends[run]);
  const area = areaOf(logits);
  return 2 * area > seen.area ? { ...seen, logits, area } : seen;
}

/** How far `box` reaches out of `other`; negative within it. */
function overhang(box: GridBox, other: GridBox): number {
  return Math.max(other.left - box.left, box.right - other.right, other.top - box.top, box.bottom - other.bottom);
}

/** Cells between two boxes, on the axis on which they are further apart; negative where they overlap. */
function gap(a: GridBox, b: GridBox): number {
  return Math.max(b.left - a.right, a.left - b.right, b.top - a.bottom, a.top - b.bottom);
}

/** A box grown by the run of cells `start` to `end` (exclusive), which lies in one row. */
function around(box: GridBox | undefined, start: number, end: number, side: number): GridBox {
  const top = Math.floor(start / side);
  const [left, right] = [start - top * side, end - top * side];
  if (box === undefined) return { left, top, right, bottom: top + 1 };
  return {
    left: Math.min(box.left, left),
    top: Math.min(box.top, top),
    right: Math.max(box.right, right),
    bottom: Math.max(box.bottom, top + 1),
  };
}
