import { describe, expect, it } from 'vitest';
import { keepClickedParts } from '../../src-main/core/tracking/keep-clicked-parts.ts';
import type { ModelPoint } from '../../src-main/core/tracking/ports.ts';

const SIDE = 8;
const IMAGE = 32;

/** A large part at the upper left (12 pixels), a middling one at the right (6), a speck at the bottom (1). */
const PICTURE = [
  '####....', //
  '####..##',
  '####..##',
  '......##',
  '........',
  '........',
  '.#......',
  '........',
];

const logitsOf = (rows: readonly string[]) =>
  Float32Array.from(rows.join('').split(''), (sign) => (sign === '#' ? 3 : -2));
const rowsOf = (logits: Float32Array) =>
  Array.from({ length: SIDE }, (_, row) =>
    Array.from(logits.subarray(row * SIDE, (row + 1) * SIDE), (logit) => (logit > 0 ? '#' : '.')).join(''),
  );
const at = (column: number, row: number, label: ModelPoint['label'] = 1): ModelPoint => ({
  x: (column + 0.5) * (IMAGE / SIDE),
  y: (row + 0.5) * (IMAGE / SIDE),
  label,
});
function kept(points: readonly ModelPoint[], previous: readonly string[] | null = null): readonly string[] {
  const logits = logitsOf(PICTURE);
  keepClickedParts(logits, SIDE, points, IMAGE, previous === null ? null : logitsOf(previous));
  return rowsOf(logits);
}
const without = (...rows: readonly (readonly [row: number, text: string])[]) =>
  PICTURE.map((line, row) => rows.find(([each]) => each === row)?.[1] ?? line);

describe('keepClickedParts', () => {
  it('keeps the part that was clicked, and leaves out smaller ones', () => {
    expect(kept([at(1, 1)])).toEqual(without([1, '####....'], [2, '####....'], [3, '........'], [6, '........']));
  });

  it('keeps what is at least as large as the part that was clicked', () => {
    expect(kept([at(6, 2)])).toEqual(without([6, '........']));
    expect(kept([at(1, 6)])).toEqual(PICTURE);
  });

  it('keeps every part that has a click, and takes exclusions for none', () => {
    expect(kept([at(1, 1), at(7, 3)])).toEqual(without([6, '........']));
    expect(kept([at(1, 1), at(7, 3, 0)])).toEqual(kept([at(1, 1)]));
  });

  it('keeps what mostly lay in the mask that is corrected', () => {
    const previous: string[] = PICTURE.map((_, row) => (row === 1 || row === 2 ? '......##' : '........'));
    expect(kept([at(1, 1)], previous)).toEqual(without([6, '........']));
    const half = previous.with(2, '......#.');
    expect(kept([at(1, 1)], half)).toEqual(kept([at(1, 1)]));
  });

  it('changes nothing where no click lies on a part, or a box was given', () => {
    expect(kept([at(5, 6)])).toEqual(PICTURE);
    expect(kept([at(1, 1, 0)])).toEqual(PICTURE);
    expect(kept([at(0, 0, 2), at(7, 7, 3), at(1, 1)])).toEqual(PICTURE);
  });

  it('joins parts that touch at a corner', () => {
    const logits = logitsOf(['#.......', '.#......', '..#.....', '.....#..', ...PICTURE.slice(4)]);
    keepClickedParts(logits, SIDE, [at(0, 0)], IMAGE, null);
    expect(rowsOf(logits).slice(0, 4)).toEqual(['#.......', '.#......', '..#.....', '........']);
  });
});
