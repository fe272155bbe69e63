import type { Plane } from './planes.ts';

interface Box {
  first: number;
  last: number;
  left: number;
  right: number;
}

/**
 * The plane in parts, each with a box of its own, so that what lies between distant objects costs nothing: the boxes are at least `gap`
 * samples apart, and every touched span lies wholly in one.
 */
export function apart(plane: Plane, gap: number): readonly Plane[] {
  const { xs, rowStart } = plane.touched;
  const boxes: Box[] = [];
  for (let y = plane.first; y <= plane.last; y++) {
    for (let at = rowStart[y]; at < rowStart[y + 1]; at += 2) {
      join(boxes, { first: y, last: y, left: xs[at], right: xs[at + 1] }, gap);
    }
  }
  return boxes.map((box) => ({ ...plane, ...box }));
}

/** Adds a box; those that come near it become part of it, and then those that come near what it has become. */
function join(boxes: Box[], added: Box, gap: number): void {
  for (let index = 0; index < boxes.length; ) {
    const box = boxes[index];
    if (!isNear(box, added, gap)) {
      index++;
      continue;
    }
    const grew = added.first < box.first || added.last > box.last || added.left < box.left || added.right > box.right;
    if (!grew) return;
    boxes.splice(index, 1);
    added.first = Math.min(added.first, box.first);
    added.last = Math.max(added.last, box.last);
    added.left = Math.min(added.left, box.left);
    added.right = Math.max(added.right, box.right);
    index = 0;
  }
  boxes.push(added);
}

function isNear(a: Box, b: Box, gap: number): boolean {
  const across = Math.max(a.left - b.right, b.left - a.right);
  const down = Math.max(a.first - b.last, b.first - a.last) - 1;
  return across < gap && down < gap;
}
