import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type PictureFilter, resamplePicture, squarePicture } from '../../src-main/core/models/index.ts';
import { meanDirection, proposeSame, type Stretch, similarity } from '../../src-main/core/reports/index.ts';

const file = join(import.meta.dirname, '../golden/data/pillow-resize.json');
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as {
  cases: {
    width: number;
    height: number;
    targetWidth: number;
    targetHeight: number;
    filter: PictureFilter;
    sha256: string;
    first: number[];
  }[];
};

/** The picture of test/golden/data/README.md. */
function picture(width: number, height: number): Uint8Array {
  return Uint8Array.from(
    { length: width * height * 3 },
    (_, at) => (Math.floor((at * at) / 7) + at * 31 + Math.floor(at / 97) * 13) % 256,
  );
}

describe('preparing pictures', () => {
  it.each(
    cases.map(
      (item) =>
        [`${item.filter} ${item.width}x${item.height} to ${item.targetWidth}x${item.targetHeight}`, item] as const,
    ),
  )('%s: the bytes of Pillow', (_, { width, height, targetWidth, targetHeight, filter, sha256, first }) => {
    const resized = resamplePicture(picture(width, height), width, height, targetWidth, targetHeight, filter);
    expect([...resized.subarray(0, first.length)]).toEqual(first);
    expect(createHash('sha256').update(resized).digest('hex')).toBe(sha256);
  });

  it('the middle square of a wide and of a tall picture', () => {
    const image = {
      size: 2,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      resize: 'shortest-crop',
      filter: 'bicubic-aa',
      cropPct: 1,
    } as const;
    const wide = Uint8Array.from({ length: 4 * 2 * 3 }, (_, at) => Math.floor(at / 3) % 4);
    const settings = {
      ...image,
      mean: [0, 0, 0] as [number, number, number],
      std: [1, 1, 1] as [number, number, number],
    };
    expect([...squarePicture({ width: 4, height: 2, pixels: wide }, settings)]).toEqual([
      1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2,
    ]);
    const tall = Uint8Array.from({ length: 2 * 4 * 3 }, (_, at) => Math.floor(at / 6));
    expect([...squarePicture({ width: 2, height: 4, pixels: tall }, settings)]).toEqual([
      1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2,
    ]);
  });
});

describe('the same object?', () => {
  const stretch = (objectId: number, first: number, last: number, ...vector: number[]): Stretch => ({
    objectId,
    name: `Object ${objectId}`,
    first,
    last,
    vector: Float32Array.from(vector),
  });
  const shown = (stretches: Stretch[], bound = 0.8) =>
    proposeSame(stretches, bound).map(({ kind, before, after, gapFrames }) => [
      kind,
      before.objectId,
      after.objectId,
      gapFrames,
    ]);

  it('cosine and mean direction', () => {
    expect(similarity(Float32Array.of(1, 0), Float32Array.of(3, 4))).toBeCloseTo(0.6, 6);
    expect(similarity(Float32Array.of(0, 0), Float32Array.of(3, 4))).toBe(0);
    expect(
      [...meanDirection([Float32Array.of(10, 0), Float32Array.of(0, 1)])].map((value) => value.toFixed(4)),
    ).toEqual(['0.7071', '0.7071']);
  });

  it('joins what looks alike over a gap, the likest first, each stretch once a side', () => {
    const before = stretch(1, 0, 10, 1, 0);
    expect(shown([before, stretch(2, 20, 30, 1, 0.1), stretch(3, 20, 30, 1, 0.4)])).toEqual([['join', 1, 2, 9]]);
  });

  it('objects that are ever seen together are never one', () => {
    expect(shown([stretch(1, 0, 10, 1, 0), stretch(2, 20, 30, 1, 0), stretch(1, 25, 30, 1, 0)])).toEqual([]);
  });

  it('doubts one object that looks like another after a gap; what looks the same is left alone', () => {
    expect(shown([stretch(1, 0, 10, 1, 0), stretch(1, 20, 30, 0, 1), stretch(1, 40, 50, 0, 1)])).toEqual([
      ['doubt', 1, 1, 9],
    ]);
  });
});
