import { describe, expect, test } from 'vitest';
import { BoxMotion, boxIou, boxOf } from '../../src-main/core/tracking/box-motion.ts';
import {
  logitsFromPromptMask,
  promptMaskFromRle,
  resizeAntialiased,
} from '../../src-main/core/tracking/mask-resize.ts';
import { rleFromLogits } from '../../src-shared/mask/mask-from-logits.ts';
import { resolveOverlaps } from '../../src-shared/mask/resolve-overlaps.ts';
import { bitmapFromRle, forEachRun, maskIou, type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { boxMask } from './tracking-fake-model.ts';

/** Small deterministic generator (mulberry32), 0..1. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Every pixel on its own, as torch `interpolate(align_corners=False)` does; `offset` 0.5 is right. */
function naive(logits: Float32Array, side: number, width: number, height: number, offset = 0.5): RleMask {
  const sample = (at: number, to: number) => {
    const centre = Math.max(0, ((at + offset) * side) / to - offset);
    const low = Math.min(Math.floor(centre), side - 1);
    return { low, high: Math.min(low + 1, side - 1), fraction: centre - low };
  };
  const bitmap = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = sample(y, height);
    for (let x = 0; x < width; x++) {
      const column = sample(x, width);
      const at = (r: number, c: number) => logits[r * side + c];
      const above = at(row.low, column.low) * (1 - column.fraction) + at(row.low, column.high) * column.fraction;
      const below = at(row.high, column.low) * (1 - column.fraction) + at(row.high, column.high) * column.fraction;
      bitmap[y * width + x] = above * (1 - row.fraction) + below * row.fraction > 0 ? 1 : 0;
    }
  }
  return rleFromBitmap(bitmap, width, height);
}

describe('mask from logits', () => {
  const sizes = [
    [32, 150, 100],
    [32, 33, 7],
    [48, 20, 31],
    [1, 9, 5],
    [8, 8, 8],
    [16, 1, 1],
    [24, 640, 361],
  ] as const;

  test.each(sizes)('a grid of %i becomes %i x %i pixel by pixel', (side, width, height) => {
    for (let seed = 1; seed <= 8; seed++) {
      const next = random(seed * 77 + side);
      const logits = Float32Array.from({ length: side * side }, () => (next() - 0.5) * 20);
      const exact = naive(logits, side, width, height);
      const fast = rleFromLogits(logits, side, width, height);
      expect(maskIou(fast, exact)).toBeGreaterThanOrEqual(0.9999);
      expect(differences(fast, exact)).toBeLessThanOrEqual(1);
    }
  });

  test('half a pixel off is noticed', () => {
    const next = random(5);
    const logits = Float32Array.from({ length: 32 * 32 }, () => (next() - 0.5) * 20);
    const shifted = naive(logits, 32, 150, 100, 0);
    expect(maskIou(rleFromLogits(logits, 32, 150, 100), shifted)).toBeLessThan(0.9);
  });

  test('an absent and a full mask', () => {
    const full = rleFromLogits(new Float32Array(64).fill(3), 8, 30, 20);
    expect(bitmapFromRle(full).every((pixel) => pixel === 1)).toBe(true);
    const absent = rleFromLogits(new Float32Array(64).fill(-1024), 8, 30, 20);
    expect(bitmapFromRle(absent).some((pixel) => pixel === 1)).toBe(false);
  });
});

describe('stored runs', () => {
  test.each([
    ['a run of nothing in the middle', [2, 0, 2]],
    ['a run of nothing at the end', [4, 0]],
    ['too few pixels', [2, 1]],
    ['too many pixels', [2, 3]],
    ['a number without an end', [2, 0x82]],
    ['no run', []],
  ])('are refused where they hold %s', (_, bytes) => {
    expect(() => forEachRun({ width: 4, height: 1, bytes: Uint8Array.from(bytes) }, () => {})).toThrow(
      expect.objectContaining({ code: 'mask-corrupt' }),
    );
  });
});

describe('overlaps', () => {
  test('every pixel stays with the highest score, the first of equals', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const next = random(seed);
      const bitmaps = Array.from({ length: 4 }, () => Uint8Array.from({ length: 77 }, () => (next() > 0.6 ? 1 : 0)));
      const scores = bitmaps.map(() => Math.round(next() * 3) / 3);
      const exclusive = resolveOverlaps(
        bitmaps.map((bitmap) => rleFromBitmap(bitmap, 11, 7)),
        scores,
      ).map((mask) => bitmapFromRle(mask));
      for (let at = 0; at < 77; at++) {
        const claims = scores.map((score, index) => (bitmaps[index][at] === 1 ? score : Number.NEGATIVE_INFINITY));
        const owner = claims.indexOf(Math.max(...claims));
        const expected = bitmaps.map((bitmap, index) => (bitmap[at] === 1 && index === owner ? 1 : 0));
        expect(exclusive.map((bitmap) => bitmap[at])).toEqual(expected);
      }
    }
  });

  test('masks that do not meet are returned as they are', () => {
    const half = (first: number) => rleFromBitmap(new Uint8Array(20).fill(1, first, first + 10), 5, 4);
    const masks = [half(0), half(10)];
    const exclusive = resolveOverlaps(masks, [0.2, 0.9]);
    expect([exclusive[0] === masks[0], exclusive[1] === masks[1]]).toEqual([true, true]);
  });
});

describe('mask prompts', () => {
  test('a stretched mask keeps its place', () => {
    const bitmap = new Uint8Array(60 * 40);
    for (let y = 10; y < 30; y++) bitmap.fill(1, y * 60 + 15, y * 60 + 45);
    const prompt = promptMaskFromRle(rleFromBitmap(bitmap, 60, 40), 16);
    const rows = Array.from({ length: 16 }, (_, y) => prompt.slice(y * 16, y * 16 + 16).join(''));
    expect(rows.slice(0, 4)).toEqual(new Array(4).fill('0'.repeat(16)));
    expect(rows.slice(4, 12)).toEqual(new Array(8).fill('0000111111110000'));
    const logits = logitsFromPromptMask(prompt, 16, 4);
    // The corner's filter reaches 0.5 / 3.5 into the foreground on each axis.
    expect(logits[0]).toBeCloseTo(-10 + 20 * (0.5 / 3.5) ** 2);
    expect(logits[5]).toBeGreaterThan(5);
  });

  test('shrinking averages, growing interpolates, and a constant stays', () => {
    const ramp = Float32Array.from({ length: 64 }, (_, at) => at % 8);
    const small = resizeAntialiased(ramp, 8, 8, 2, 2);
    // Taps 0..5 with weights 5, 7, 7, 5, 3, 1 of 28: (7 + 14 + 15 + 12 + 5) / 28.
    expect([small[0], small[1]]).toEqual([expect.closeTo(53 / 28), expect.closeTo(7 - 53 / 28)]);
    const large = resizeAntialiased(ramp, 8, 8, 16, 16);
    expect([large[3], large[4]]).toEqual([expect.closeTo(1.25), expect.closeTo(1.75)]);
    for (const value of resizeAntialiased(new Float32Array(35).fill(7), 7, 5, 3, 9)) expect(value).toBeCloseTo(7);
  });
});

describe('box motion', () => {
  const at = (x: number) => boxMask([x, 2, x + 3, 5]);

  test('predicts steady motion once settled, and then prefers the candidate that lies on the way', () => {
    const motion = new BoxMotion();
    for (let frame = 0; frame < 20; frame++) {
      motion.predict();
      motion.observe(at(2), 8);
    }
    expect(motion.settled).toBe(true);
    motion.predict();
    expect(motion.agreement(at(2), 8)).toBeGreaterThan(0.9);
    expect(motion.agreement(at(5), 8)).toBe(0);
    expect(motion.score(at(2), 8, 0.7)).toBeGreaterThan(motion.score(at(5), 8, 0.8));
  });

  test('has no opinion before it settled, and none after the object jumped', () => {
    const motion = new BoxMotion();
    for (let frame = 0; frame < 10; frame++) motion.moved().observe(at(2), 8);
    expect(motion.settled).toBe(false);
    for (let frame = 0; frame < 20; frame++) motion.observe(at(0), 8);
    expect(motion.settled).toBe(true);
    motion.observe(at(5), 8);
    expect([motion.settled, motion.score(at(0), 8, 0.4)]).toEqual([false, 0.4]);
  });

  test('boxes', () => {
    expect(boxOf(at(1), 8)).toEqual({ left: 1, top: 2, right: 4, bottom: 5 });
    expect(boxOf(new Float32Array(64).fill(-1), 8)).toBeNull();
    const box = { left: 0, top: 0, right: 2, bottom: 2 };
    expect(boxIou(box, { left: 1, top: 0, right: 3, bottom: 2 })).toBeCloseTo(1 / 3);
  });
});

function differences(a: RleMask, b: RleMask): number {
  const left = bitmapFromRle(a);
  const right = bitmapFromRle(b);
  return left.reduce((count, pixel, at) => count + (pixel === right[at] ? 0 : 1), 0);
}
