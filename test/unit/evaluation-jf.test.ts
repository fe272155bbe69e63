import { describe, expect, it } from 'vitest';
import {
  contourAccuracy,
  contourRadius,
  type FrameMasks,
  type MaskSequence,
  regionSimilarity,
  scoreDataset,
  scoreVideo,
} from '../../src-main/core/evaluation/index.ts';
import { emptyMask, type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';

function draw(...rows: string[]): RleMask {
  const bitmap = Uint8Array.from(rows.join(''), (cell) => (cell === '#' ? 1 : 0));
  return rleFromBitmap(bitmap, rows[0].length, rows.length);
}

describe('J', () => {
  it('is intersection over union, 1 for two empty masks', () => {
    expect(regionSimilarity(draw('##..'), draw('.##.'))).toBe(1 / 3);
    expect(regionSimilarity(draw('##..'), draw('..##'))).toBe(0);
    expect(regionSimilarity(emptyMask(4, 1), emptyMask(4, 1))).toBe(1);
    expect(regionSimilarity(draw('##..'), emptyMask(4, 1))).toBe(0);
    expect(() => regionSimilarity(draw('##..'), emptyMask(2, 2))).toThrow(/2x2/);
  });
});

describe('F', () => {
  it('uses the contour that differs from right, lower or lower-right', () => {
    // One pixel in the middle of 4x4: contour at itself, left, above, above-left = 4 pixels. Shifted right by one: 2 shared.
    const one = draw('....', '....', '..#.', '....');
    const shifted = draw('....', '....', '...#', '....');
    // shifted's contour: (2,1) (2,2) by x; last column looks down only: (3,1) and (3,2). Shared with one's (1..2, 1..2): 2 of 4.
    expect(contourAccuracy(one, shifted, 0)).toBe(0.5);
    expect(contourAccuracy(one, shifted, 1)).toBe(1);
    expect(contourAccuracy(one, one, 0)).toBe(1);
  });

  it('sees no contour in a full frame, an empty frame or the bottom-right corner alone', () => {
    const full = draw('###', '###');
    expect(contourAccuracy(full, emptyMask(3, 2))).toBe(1);
    expect(contourAccuracy(draw('...', '..#'), emptyMask(3, 2))).toBe(0);
    expect(contourAccuracy(draw('#'), emptyMask(1, 1))).toBe(1);
    expect(contourAccuracy(full, draw('##.', '##.'))).toBe(0);
  });

  it('agrees with the definition pixel by pixel, across word borders', () => {
    let seed = 3;
    const random = () => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return seed / 0x7fffffff;
    };
    for (const [width, height, radius] of [
      [1, 9, 1],
      [9, 1, 2],
      [31, 8, 1],
      [32, 8, 2],
      [33, 8, 3],
      [64, 9, 5],
      [65, 20, 31],
      [97, 20, 32],
      [130, 40, 33],
    ]) {
      for (const density of [0.02, 0.5, 0.98]) {
        const bitmaps = [0, 1].map(() =>
          Uint8Array.from({ length: width * height }, () => (random() < density ? 1 : 0)),
        );
        const [a, b] = bitmaps.map((bitmap) => rleFromBitmap(bitmap, width, height));
        expect(contourAccuracy(a, b, radius), `${width}x${height} r${radius}`).toBe(
          plainF(bitmaps[0], bitmaps[1], width, height, radius),
        );
      }
    }
  });

  it('tolerates 0.008 of the diagonal, rounded up', () => {
    expect(contourRadius(854, 480)).toBe(8);
    expect(contourRadius(1920, 1080)).toBe(18);
    expect(contourRadius(64, 48)).toBe(1);
  });
});

describe('a sequence', () => {
  const sequence = (masks: readonly FrameMasks[]): MaskSequence => ({
    ...{ kind: 'masks', name: 'clip', width: 4, height: 1 },
    frames: masks.map((_, at) => String(at).padStart(5, '0')),
    masksAt: (position) => masks[position],
  });
  const scored = async (truth: readonly FrameMasks[], prediction: readonly FrameMasks[], skipFirstAndLast = false) => {
    const options = { skipFirstAndLast, signal: new AbortController().signal, onFrame: () => {} };
    return (await scoreVideo(sequence(truth), sequence(prediction), options)).jf!;
  };
  const at = (mask: RleMask) => new Map([[1, mask]]);
  const truth = [draw('##..'), draw('##..'), draw('##..'), draw('..##')].map(at);

  it('leaves out the first and the last frame', async () => {
    const prediction = [draw('....'), draw('##..'), draw('.##.'), draw('....')].map(at);
    const score = await scored(truth, prediction, true);
    expect(score.objects[0].j.perFrame).toEqual([1, 1 / 3]);
    expect(score.mean?.j).toBeCloseTo(2 / 3, 12);
    const whole = await scored(truth, prediction);
    expect(whole.objects[0].j.perFrame).toEqual([0, 1, 1 / 3, 0]);
    expect(whole.objects[0].j.recall).toBe(0.25);
  });

  it('starts an object where it is first seen and ignores what the truth never has', async () => {
    const late = [new Map(), new Map(), at(draw('##..')), at(draw('##..'))];
    const extra = [1, 2, 3, 4].map(() => new Map([[7, draw('##..')]]));
    const score = await scored(late, extra);
    expect(score.objects.map((object) => object.objectId)).toEqual([1]);
    expect(score.objects[0].firstFrame).toBe(2);
    expect(score.objects[0].j.perFrame).toEqual([0, 0]);
    expect((await scored([new Map()], [new Map()])).mean).toBeNull();
  });

  it('decay is the first quarter less the last', async () => {
    const frames = 9;
    const prediction = Array.from({ length: frames }, (_, index) => at(draw(index < 5 ? '##..' : '.##.')));
    const score = await scored(Array(frames).fill(truth[0]), prediction);
    // bins of frames 0..2 and 6..8
    expect(score.objects[0].j.decay).toBeCloseTo(1 - 1 / 3, 12);
  });

  it('a dataset is the mean over objects, not over sequences', async () => {
    const two = [new Map([...at(draw('##..')), [2, draw('..##')]])];
    const perfect = await scored(two, two);
    const missed = await scored([at(draw('##..'))], [new Map()]);
    expect(scoreDataset([perfect, missed])).toEqual({ j: 2 / 3, f: 2 / 3, jf: 2 / 3 });
    expect(scoreDataset([])).toBeNull();
  });
});

/** The definition, pixel by pixel (sam-pipeline 7.2). */
function plainF(prediction: Uint8Array, truth: Uint8Array, width: number, height: number, radius: number): number {
  const contour = (bitmap: Uint8Array) =>
    [...bitmap.keys()].filter((at) => {
      const x = at % width;
      const y = Math.floor(at / width);
      const differs = (dx: number, dy: number) => bitmap[at] !== bitmap[at + dy * width + dx];
      if (x === width - 1 && y === height - 1) return false;
      if (y === height - 1) return differs(1, 0);
      if (x === width - 1) return differs(0, 1);
      return differs(1, 0) || differs(0, 1) || differs(1, 1);
    });
  const ours = contour(prediction);
  const theirs = contour(truth);
  if (ours.length === 0 || theirs.length === 0) return ours.length === theirs.length ? 1 : 0;
  const near = (at: number, others: readonly number[]) =>
    others.some((other) => {
      const dx = (at % width) - (other % width);
      const dy = Math.floor(at / width) - Math.floor(other / width);
      return dx * dx + dy * dy <= radius * radius;
    });
  const precision = ours.filter((at) => near(at, theirs)).length / ours.length;
  const recall = theirs.filter((at) => near(at, ours)).length / theirs.length;
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}
