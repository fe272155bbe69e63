import { describe, expect, it } from 'vitest';
import { keepClickedParts } from '../../src-main/core/tracking/keep-clicked-parts.ts';
import type { ModelPoint } from '../../src-main/core/tracking/ports.ts';

/** Cells of a sign of the pictures below: gaps between their parts are larger than those that are bridged. */
const SCALE = 3;
const SIGNS = 8;
const SIDE = SCALE * SIGNS;
const IMAGE = 4 * SIDE;

/** A large part at the upper left (12 signs), a middling one at the right (6), a speck at the bottom (1). */
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
  Float32Array.from({ length: SIDE * SIDE }, (_, at) => {
    const [row, column] = [Math.floor(at / SIDE / SCALE), Math.floor((at % SIDE) / SCALE)];
    return rows[row][column] === '#' ? 3 : -2;
  });
/** A sign whose cells are not all alike is `?`. */
const rowsOf = (logits: Float32Array) =>
  Array.from({ length: SIGNS }, (_, row) =>
    Array.from({ length: SIGNS }, (__, column) => {
      const cells = Array.from({ length: SCALE * SCALE }, (___, cell) => {
        const [y, x] = [row * SCALE + Math.floor(cell / SCALE), column * SCALE + (cell % SCALE)];
        return logits[y * SIDE + x] > 0;
      });
      return cells.every(Boolean) ? '#' : cells.some(Boolean) ? '?' : '.';
    }).join(''),
  );
const at = (column: number, row: number, label: ModelPoint['label'] = 1): ModelPoint => ({
  x: (column + 0.5) * (IMAGE / SIGNS),
  y: (row + 0.5) * (IMAGE / SIGNS),
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

  it('takes parts with a small gap for one, and leaves the gap open', () => {
    const bars = (second: number) =>
      Float32Array.from({ length: SIDE * SIDE }, (_, cell) => {
        const column = cell % SIDE;
        return cell < 4 * SIDE && (column < 8 || (column >= second && column < second + 4)) ? 3 : -2;
      });
    const count = (second: number) => {
      const logits = bars(second);
      keepClickedParts(logits, SIDE, [at(0, 0)], IMAGE, null);
      return logits.filter((logit) => logit > 0).length;
    };
    expect(count(12)).toBe(4 * 12);
    expect(count(13)).toBe(4 * 8);
  });
});
