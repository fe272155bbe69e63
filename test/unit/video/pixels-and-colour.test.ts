import { describe, expect, it } from 'vitest';
import { exportReach } from '../../../src-main/core/video/colour/colour-path.ts';
import { hlgScene, pqNits, sdrFromHdr, toneMapCube } from '../../../src-main/core/video/colour/tone-map-cube.ts';
import type { DecodePlan } from '../../../src-main/core/video/decode-plan.ts';
import { nanosFromTicks } from '../../../src-main/core/video/encode/matroska-writer.ts';
import { FrameCache, planarBytes, resampleRgb } from '../../../src-main/core/video/index.ts';
import { jpegSize, pngSize } from '../../../src-main/core/video/pictures.ts';

describe('resampleRgb', () => {
  it('keeps a picture of the same size and a flat picture of any size', () => {
    const picture = Uint8Array.from({ length: 5 * 4 * 3 }, (_, index) => (index * 37) & 255);
    expect(resampleRgb(picture, 5, 4, 5, 4)).toEqual(picture);
    expect(resampleRgb(new Uint8Array(7 * 9 * 3).fill(255), 7, 9, 20, 3).every((value) => value === 255)).toBe(true);
  });

  it('averages over the whole footprint when it shrinks, as Pillow does', () => {
    // Pillow 11: Image.fromarray(row).resize((2, 1), BILINEAR) of 0 0 0 0 255 255 255 255 gives 18 and 237.
    const row = Uint8Array.from([0, 0, 0, 0, 255, 255, 255, 255].flatMap((value) => [value, value, value]));
    expect([...resampleRgb(row, 8, 1, 2, 1)].filter((_, index) => index % 3 === 0)).toEqual(shrinkByHand());
  });

  /** The triangle filter written out: weights 1 - |d| / 4 of the pixels around centres 2 and 6, rounded once. */
  function shrinkByHand(): number[] {
    return [2, 6].map((centre) => {
      let total = 0;
      let sum = 0;
      for (let pixel = 0; pixel < 8; pixel++) {
        const weight = Math.max(0, 1 - Math.abs(pixel + 0.5 - centre) / 4);
        total += weight;
        sum += weight * (pixel < 4 ? 0 : 255);
      }
      return Math.floor(sum / total + 0.5);
    });
  }
});

describe('tone mapping', () => {
  it('follows the transfer curves', () => {
    expect(pqNits(0)).toBe(0);
    expect(pqNits(1)).toBeCloseTo(10_000, 0);
    expect(pqNits(0.5806)).toBeCloseTo(203, 0);
    expect(hlgScene(0.5)).toBeCloseTo(1 / 12, 6);
    expect(hlgScene(1)).toBeCloseTo(1, 5);
  });

  it.each(['pq', 'hlg'] as const)('%s: grey stays grey, black stays black, brighter is brighter', (hdr) => {
    let last = -1;
    for (let code = 0; code <= 1.0001; code += 0.05) {
      const [r, g, b] = sdrFromHdr(hdr, [Math.min(1, code), Math.min(1, code), Math.min(1, code)]);
      expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThan(0.002);
      expect(g).toBeGreaterThanOrEqual(last);
      last = g;
    }
    expect(sdrFromHdr(hdr, [0, 0, 0])).toEqual([0, 0, 0]);
    expect(last).toBeGreaterThan(0.95);
  });

  it('writes red fastest', () => {
    const lines = toneMapCube('pq', 2).trim().split('\n').slice(2);
    expect(lines).toHaveLength(8);
    expect(Number(lines[1]!.split(' ')[0])).toBeGreaterThan(Number(lines[1]!.split(' ')[2]));
  });
});

describe('how far a stored pixel reaches into an export', () => {
  const plan: DecodePlan = {
    media: { kind: 'file', streamIndex: 0 },
    ...{ storedWidth: 161, storedHeight: 91, rotation: 0, seek: 'key-frame' },
    colour: { matrix: 'bt709', fullRange: true, hdr: null },
    tags: { space: null, primaries: null, transfer: null },
  };

  it('is nowhere where planes are as they are stored', () => {
    for (const format of ['yuv420p', 'yuvj420p', 'yuva420p10le', 'nv12', 'p010le'])
      expect(exportReach(plan, format)).toBe(0);
    expect(exportReach({ ...plan, rotation: 90, storedWidth: 160, storedHeight: 90 }, 'yuv420p')).toBe(0);
  });

  it('is some pixels where colour is converted, or moved by a turn of an odd side', () => {
    for (const format of ['yuv444p', 'yuvj422p', 'bgr0']) expect(exportReach(plan, format)).toBe(4);
    expect(exportReach({ ...plan, colour: { ...plan.colour, hdr: 'hlg' } }, 'yuv420p10le')).toBe(4);
    expect(exportReach({ ...plan, rotation: 270 }, 'yuv420p')).toBe(4);
    expect(exportReach({ ...plan, mirrored: true }, 'yuv420p')).toBe(4);
    // Its first picture says nothing about the others.
    expect(exportReach({ ...plan, media: { kind: 'pictures', format: 'jpeg', names: [] } }, 'yuvj420p')).toBe(4);
    expect(exportReach(plan, 'yuv411p')).toBe(8);
  });
});

describe('small pieces', () => {
  it('counts planes of odd sizes', () => {
    expect(planarBytes(175, 99)).toBe(175 * 99 + 2 * 88 * 50);
  });

  it('turns ticks into nanoseconds without floating point', () => {
    expect(nanosFromTicks(1, 1, 3)).toBe(333_333_333n);
    expect(nanosFromTicks(2, 1, 3)).toBe(666_666_667n);
    expect(nanosFromTicks(9_007_199_254_740_991, 1001, 30_000)).toBe(300_540_215_133_191_066_366_667n);
  });

  it('keeps the most recent frames within its bytes', () => {
    const cache = new FrameCache(10);
    const frame = (frameIndex: number) => ({ frameIndex, pts: 0, pixels: new Uint8Array(4) });
    cache.put(frame(1));
    cache.put(frame(2));
    cache.get(1);
    cache.put(frame(3));
    expect([1, 2, 3].map((index) => cache.get(index) !== null)).toEqual([true, false, true]);
    expect(cache.usedBytes).toBe(8);
  });

  it('reads picture headers and nothing else', () => {
    const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc0, 0, 17, 8, 0, 99, 0, 175, 3, 0, 0]);
    expect(jpegSize(jpeg)).toEqual({ width: 175, height: 99 });
    expect(jpegSize(Buffer.from('nonsense'))).toBeNull();
    expect(jpegSize(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]))).toBeNull();
    expect(pngSize(Buffer.alloc(40))).toBeNull();
  });
});
