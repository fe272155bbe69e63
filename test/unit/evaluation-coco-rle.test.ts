import { describe, expect, it } from 'vitest';
import {
  cocoBoxFromMask,
  cocoBoxIou,
  cocoCountsFromMask,
  cocoMaskIou,
  cocoRleFromMask,
  compressCounts,
  decompressCounts,
  maskFromCocoRle,
  mergeMasks,
  spansFromMask,
} from '../../src-main/core/evaluation/index.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
import { bitmapFromRle, emptyMask, type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';

/** '#' is foreground; rows from top to bottom. */
function draw(...rows: string[]): RleMask {
  const bitmap = Uint8Array.from(rows.join(''), (cell) => (cell === '#' ? 1 : 0));
  return rleFromBitmap(bitmap, rows[0].length, rows.length);
}

describe('COCO run lengths', () => {
  it('run down the columns and start with background', () => {
    // columns: (.,#) (#,#) (.,.) -> . ### ..
    expect(cocoCountsFromMask(draw('.#.', '##.'))).toEqual([1, 3, 2]);
    expect(cocoCountsFromMask(draw('##', '##'))).toEqual([0, 4]);
    expect(cocoCountsFromMask(emptyMask(3, 2))).toEqual([6]);
    expect(cocoRleFromMask(draw('.#.', '##.'))).toEqual({ size: [2, 3], counts: '132' });
  });

  it('compress as signed differences to the run two before, five bits a character', () => {
    // 40 = 0b01_01000: 'X' carries 8 with the continuation bit (8 | 32 + 48), then '1'.
    expect(compressCounts([40])).toBe('X1');
    // 5, 2, 5, then 1 - 2 = -1: five bits of ones, no continuation -> 31 + 48 = 'O'.
    expect(compressCounts([5, 2, 5, 1])).toBe('525O');
    expect(decompressCounts('525O', 13)).toEqual([5, 2, 5, 1]);
    // 16 needs a second group because bit 4 is the sign.
    expect(compressCounts([16])).toBe('`0');
    expect(decompressCounts('`0', 16)).toEqual([16]);
  });

  it('survive the round trip for every shape of noise', () => {
    let seed = 7;
    const random = () => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return seed / 0x7fffffff;
    };
    for (let round = 0; round < 60; round++) {
      const width = 1 + Math.floor(random() * 70);
      const height = 1 + Math.floor(random() * 40);
      const density = random();
      const bitmap = Uint8Array.from({ length: width * height }, () => (random() < density ? 1 : 0));
      const mask = rleFromBitmap(bitmap, width, height);
      const counts = cocoCountsFromMask(mask);
      expect(plainColumnCounts(bitmap, width, height)).toEqual(counts);
      expect(maskFromCocoRle(cocoRleFromMask(mask))).toEqual(mask);
      expect(bitmapFromRle(maskFromCocoRle({ size: [height, width], counts }))).toEqual(bitmap);
    }
  });

  it('merge empty runs inside', () => {
    expect(maskFromCocoRle({ size: [2, 2], counts: [1, 1, 0, 1, 1] })).toEqual(draw('.#', '#.'));
  });

  it.each([
    ['too few pixels', { size: [2, 2], counts: [1, 2] }],
    ['too many pixels', { size: [2, 2], counts: [1, 4] }],
    ['a negative run', { size: [2, 2], counts: [5, -1] }],
    ['a fraction', { size: [2, 2], counts: [0.5, 3.5] }],
    ['a size of nothing', { size: [0, 4], counts: [] }],
    ['a size beyond any video', { size: [2 ** 20, 2 ** 20], counts: [2 ** 40] }],
    ['a size that is no number', { size: [Number.NaN, 2], counts: [4] }],
    ['an unfinished number', { size: [2, 2], counts: '`' }],
    ['a character outside the alphabet', { size: [2, 2], counts: '\u00ff4' }],
    ['a number without end', { size: [2, 2], counts: 'o'.repeat(1000) }],
    ['a text that runs below zero', { size: [2, 2], counts: '1O' }],
    ['a huge number', { size: [2, 2], counts: 'ooooooo?' }],
  ] as const)('refuse %s', (_name, rle) => {
    expect(() => maskFromCocoRle(rle)).toThrow(StudioError);
    expect(() => maskFromCocoRle(rle)).toThrow(expect.objectContaining({ code: 'mask-corrupt' }));
  });
});

describe('operations', () => {
  const left = draw('##..', '##..');
  const middle = draw('.##.', '.##.');

  it('union and intersection', () => {
    expect(mergeMasks([left, middle], 'union')).toEqual(draw('###.', '###.'));
    expect(mergeMasks([left, middle], 'intersection')).toEqual(draw('.#..', '.#..'));
    expect(mergeMasks([left], 'intersection')).toEqual(left);
    expect(() => mergeMasks([left, emptyMask(2, 2)], 'union')).toThrow(StudioError);
  });

  it('IoU against an object and against a crowd', () => {
    const spans = [left, middle].map(spansFromMask);
    expect(cocoMaskIou([spans[0]], spans, [false, false])).toEqual([[1, 1 / 3]]);
    expect(cocoMaskIou([spans[0]], spans, [false, true])).toEqual([[1, 1 / 2]]);
    const empty = spansFromMask(emptyMask(4, 2));
    expect(cocoMaskIou([empty], [empty], [false])).toEqual([[0]]);
    expect(cocoBoxIou([[0, 0, 2, 2]], [[1, 0, 2, 2]], [false])).toEqual([[1 / 3]]);
    expect(cocoBoxIou([[0, 0, 2, 2]], [[1, 0, 2, 2]], [true])).toEqual([[1 / 2]]);
    expect(cocoBoxIou([[0, 0, 2, 2]], [[2, 0, 2, 2]], [false])).toEqual([[0]]);
  });

  it('boxes', () => {
    expect(cocoBoxFromMask(middle)).toEqual([1, 0, 2, 2]);
    expect(cocoBoxFromMask(emptyMask(4, 2))).toEqual([0, 0, 0, 0]);
  });
});

/** The definition, pixel by pixel. */
function plainColumnCounts(bitmap: Uint8Array, width: number, height: number): number[] {
  const counts = [0];
  let value = 0;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if (bitmap[y * width + x] !== value) {
        counts.push(0);
        value = 1 - value;
      }
      counts[counts.length - 1]++;
    }
  }
  return counts;
}
