import { describe, expect, it } from 'vitest';
import { blendByte, blendRun, blendTowards, wordsOf } from '../../src-main/core/export/annotate/blend-run.ts';
import { dilateSpans, erodeSpans } from '../../src-main/core/export/annotate/grow-spans.ts';
import { type SpanRows, spansFromMask } from '../../src-main/core/export/annotate/span-rows.ts';
import { tintMask } from '../../src-main/core/export/annotate/tint-mask.ts';
import { WindowCounter } from '../../src-main/core/export/annotate/window-counter.ts';
import { rleFromBitmap } from '../../src-shared/mask/rle.ts';

const [width, height] = [47, 31];

/** Numbers 0..1 from a fixed recurrence. */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

/** Blobs, some at the border, some with holes; at times single pixels. */
function bitmapOf(seed: number): Uint8Array {
  const random = randoms(seed);
  const bitmap = new Uint8Array(width * height);
  for (let blob = 0; blob < 1 + (seed % 4); blob++) {
    const [cx, cy, radius] = [random() * width, random() * height, 1 + random() * 12];
    const value = blob === 2 ? 0 : 1;
    for (let at = 0; at < bitmap.length; at++) {
      if (Math.hypot((at % width) - cx, Math.floor(at / width) - cy) <= radius) bitmap[at] = value;
    }
  }
  if (seed % 5 === 0) for (let at = 0; at < bitmap.length; at++) if (random() < 0.1) bitmap[at] = 1 - bitmap[at];
  return bitmap;
}

/** Teeth of a comb, as many in every row, that lean and sway: one lies above the gap, or above the next tooth, of the row below. */
function combOf(seed: number): Uint8Array {
  const random = randoms(seed);
  const bitmap = new Uint8Array(width * height);
  const [tooth, gap, slope] = [1 + Math.floor(random() * 5), 1 + Math.floor(random() * 4), (random() - 0.5) * 6];
  for (let y = 0; y < height; y++) {
    const shift = Math.round(slope * y + random() * 2);
    for (let x = 0; x < width; x++) {
      const place = (((x + shift) % (tooth + gap)) + tooth + gap) % (tooth + gap);
      bitmap[y * width + x] = place < tooth && x > 2 ? 1 : 0;
    }
  }
  return bitmap;
}

/** Blobs and combs. */
function pictureOf(seed: number): Uint8Array {
  return seed % 2 === 0 ? combOf(seed) : bitmapOf(seed);
}

/** Spans do not touch, or something would be drawn twice. */
function drawn(rows: SpanRows): Uint8Array {
  const bitmap = new Uint8Array(width * height);
  rows.forEach((y, from, to) => {
    const before = from === 0 ? 0 : bitmap[y * width + from - 1];
    expect([before, ...bitmap.subarray(y * width + from, y * width + to)]).not.toContain(1);
    bitmap.fill(1, y * width + from, y * width + to);
  });
  return bitmap;
}

/** Pixel by pixel: set where any (dilate) or every (erode) pixel of the disc is; beyond the frame nothing changes the answer. */
function byDefinition(bitmap: Uint8Array, radius: number, how: 'any' | 'every', reach = 0.5): Uint8Array {
  return bitmap.map((_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    const disc: number[] = [];
    for (let dy = -radius; dy <= radius; dy++) {
      const side = Math.floor(Math.sqrt(radius * radius - dy * dy + reach * radius));
      for (let dx = -side; dx <= side; dx++) {
        if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue;
        disc.push(bitmap[at + dy * width + dx]);
      }
    }
    return how === 'any' ? Math.max(...disc) : Math.min(...disc);
  });
}

const all = { first: 0, last: height - 1 };
const cases = Array.from({ length: 80 }, (_, seed) => [seed, 1 + (seed % 5)] as const);

describe('spans that grow and shrink', () => {
  it.each(cases)('are those of the definition (picture %i, radius %i)', (seed, radius) => {
    const bitmap = pictureOf(seed + 1);
    const rows = spansFromMask(rleFromBitmap(bitmap, width, height));
    expect(drawn(dilateSpans(rows, radius))).toEqual(byDefinition(bitmap, radius, 'any'));
    expect(drawn(erodeSpans(rows, radius, all))).toEqual(byDefinition(bitmap, radius, 'every'));
  });

  it('would be told from a disc of another shape', () => {
    const bitmap = bitmapOf(3);
    const rows = spansFromMask(rleFromBitmap(bitmap, width, height));
    expect(drawn(dilateSpans(rows, 3))).not.toEqual(byDefinition(bitmap, 3, 'any', 0));
  });
});

describe('WindowCounter', () => {
  /** Pixel by pixel, the border repeated; `reach` of anything but 2 is the mutation. */
  function windowsOf(bitmap: Uint8Array, y: number, reach = 2): number[] {
    const pixel = (px: number, py: number) =>
      bitmap[Math.min(height - 1, Math.max(0, py)) * width + Math.min(width - 1, Math.max(0, px))];
    return Array.from({ length: width }, (_, x) => {
      let sum = 100 * pixel(x, y);
      for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= reach; dx++) sum += pixel(x + dx, y + dy);
      return sum;
    });
  }

  it.each(cases)('counts what a window sees, stretch by stretch, in any order of rows (picture %i)', (seed, length) => {
    const bitmap = bitmapOf(seed + 1);
    const counter = new WindowCounter(spansFromMask(rleFromBitmap(bitmap, width, height)));
    for (const y of [0, 1, 2, 9, height - 2, height - 1, 4, 15, 16, 17]) {
      const line = new Uint8Array(width);
      const found: number[] = [];
      for (let from = 0; from < width; from += length + 1) {
        const to = Math.min(width, from + length + 1);
        counter.count(y, from, to, line, 100);
        found.push(...line.subarray(0, to - from));
      }
      expect(found).toEqual(windowsOf(bitmap, y));
    }
  });

  it('would be told from a window of another width', () => {
    const bitmap = bitmapOf(3);
    expect(windowsOf(bitmap, 15, 1)).not.toEqual(windowsOf(bitmap, 15));
  });
});

describe('blendRun', () => {
  it.each([0, 0.29, 0.45, 1])('gives every value what a single byte gets, share %d', (share) => {
    const blend = blendTowards(203.4, share);
    for (const [from, to] of [
      [0, 256],
      [1, 255],
      [2, 3],
      [5, 11],
      [7, 7],
    ]) {
      const data = Uint8Array.from({ length: 256 }, (_, at) => at);
      blendRun(data, wordsOf(data), from, to, blend);
      const expected = Uint8Array.from({ length: 256 }, (_, at) => (at < from || at >= to ? at : blendByte(at, blend)));
      expect(data).toEqual(expected);
    }
  });

  it('stays within half a step and one 256th of the exact mixture', () => {
    for (const share of [0.1, 0.45, 0.72]) {
      for (let under = 0; under < 256; under++) {
        const exact = under * (1 - share) + 41.7 * share;
        expect(Math.abs(blendByte(under, blendTowards(41.7, share)) - exact)).toBeLessThan(1.01);
      }
    }
  });

  it('goes byte by byte where the memory does not lie on a word', () => {
    const data = new Uint8Array(new ArrayBuffer(64), 1, 50).fill(100);
    blendRun(data, wordsOf(data), 3, 40, blendTowards(200, 0.5));
    expect([data[2], data[3], data[39], data[40]]).toEqual([100, 150, 150, 100]);
  });
});

describe('chroma of a tinted mask', () => {
  const [wide, high] = [width + 1, height + 1];

  /** The blend of a sample by how many of its four pixels are covered. */
  function tintedByDefinition(bitmap: Uint8Array, under: number, over: number, opacity: number): number[] {
    return Array.from({ length: (wide * high) / 4 }, (_, sample) => {
      const [x, y] = [(sample % (wide / 2)) * 2, Math.floor(sample / (wide / 2)) * 2];
      const covered = [0, 1, wide, wide + 1].reduce((sum, step) => sum + bitmap[y * wide + x + step], 0);
      return covered === 0 ? under : blendByte(under, blendTowards(over, (opacity * covered) / 4));
    });
  }

  it.each(cases)('is that of the definition (picture %i)', (seed) => {
    const small = pictureOf(seed + 1);
    const bitmap = new Uint8Array(wide * high);
    for (let y = 0; y < height; y++) bitmap.set(small.subarray(y * width, (y + 1) * width), y * wide);
    const data = new Uint8Array((wide * high * 3) / 2).fill(60);
    const image = { data, width: wide, height: high, matrix: 'bt709', fullRange: false } as const;
    tintMask(image, spansFromMask(rleFromBitmap(bitmap, wide, high)), { y: 100, u: 200, v: 40 }, 0.45);
    const [u, v] = [data.subarray(wide * high, (wide * high * 5) / 4), data.subarray((wide * high * 5) / 4)];
    expect([...u]).toEqual(tintedByDefinition(bitmap, 60, 200, 0.45));
    expect([...v]).toEqual(tintedByDefinition(bitmap, 60, 40, 0.45));
  });
});
