import { describe, expect, it } from 'vitest';
import { joinRings } from '../../src-shared/mask/join-rings.ts';
import { maskFromRings } from '../../src-shared/mask/mask-from-rings.ts';
import { bitmapFromRle, maskArea, maskIou, type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { simplifyRing } from '../../src-shared/mask/simplify-ring.ts';
import { type Ring, traceRings } from '../../src-shared/mask/trace-rings.ts';
import { discMask, speckledMask } from '../support/export-fakes.ts';

/** '#' is foreground. */
function draw(...rows: string[]): RleMask {
  const bitmap = Uint8Array.from(rows.join(''), (cell) => (cell === '#' ? 1 : 0));
  return rleFromBitmap(bitmap, rows[0].length, rows.length);
}

describe('traceRings', () => {
  it('walks pixel edges clockwise, holes the other way, corners only', () => {
    const rings = traceRings(draw('.....', '.###.', '.#.#.', '.###.', '.....'));
    expect(rings.outers).toEqual([[4, 1, 4, 4, 1, 4, 1, 1]]);
    expect(rings.holes).toHaveLength(1);
    expect(new Set(pairs(rings.holes[0]))).toEqual(new Set(['2,2', '3,2', '3,3', '2,3']));
  });

  it('keeps pixels that touch at a corner apart', () => {
    expect(traceRings(draw('#.', '.#')).outers).toHaveLength(2);
    expect(traceRings(draw('##', '##')).outers).toEqual([[2, 0, 2, 2, 0, 2, 0, 0]]);
    expect(traceRings(draw('..', '..'))).toEqual({ outers: [], holes: [] });
  });

  it('gives back any mask exactly when its rings are filled', () => {
    for (const mask of [
      speckledMask(37, 21, 7),
      speckledMask(1, 9, 3),
      discMask(60, 44, 50, 40, 20),
      draw('###', '#.#', '###'),
    ]) {
      const { outers, holes } = traceRings(mask);
      const back = maskFromRings([...outers, ...holes], mask.width, mask.height, { holes: true });
      expect(maskIou(back, mask)).toBe(1);
      // A ring that loses a point is another mask: the comparison can fail.
      const wrong = maskFromRings([outers[0].slice(2), ...outers.slice(1), ...holes], mask.width, mask.height, {
        holes: true,
      });
      expect(maskIou(wrong, mask)).toBeLessThan(1);
    }
  });
});

describe('simplifyRing', () => {
  it.each([0.5, 1, 3])('moves no pixel further than %s from the outline', (tolerance) => {
    const mask = discMask(120, 90, 60, 45, 38);
    const { outers } = traceRings(mask);
    const simple = outers.map((ring) => simplifyRing(ring, tolerance));
    expect(simple[0].length).toBeLessThan(outers[0].length);
    const back = maskFromRings(simple, 120, 90);
    expect(furthestChange(mask, back)).toBeLessThanOrEqual(tolerance + Math.SQRT1_2);
    expect(maskIou(mask, back)).toBeGreaterThan(0.9);
  });

  it('changes nothing at 0 and never loses a small part', () => {
    const ring = traceRings(draw('#..', '##.', '.##')).outers[0];
    expect(simplifyRing(ring, 0)).toBe(ring);
    expect(maskArea(maskFromRings([simplifyRing(ring, 50)], 3, 3))).toBeGreaterThan(0);
  });
});

describe('joinRings', () => {
  it('is one outline with the area of all parts', () => {
    const mask = draw('##....##', '##....##', '........', '...##...', '...##...');
    const joined = joinRings(traceRings(mask).outers);
    expect(maskIou(maskFromRings([joined], 8, 5), mask)).toBe(1);
  });

  // As shares of the picture with six decimals, the way YOLO labels hold them.
  it.each([
    [400, 400],
    [320, 200],
    [800, 800],
  ])('joins parts by lines without area at %sx%s', (width, height) => {
    const random = randomNumbers(width);
    const sides = (value: number, at: number) => {
      const side = at % 2 === 0 ? width : height;
      return Number((value / side).toFixed(6)) * side;
    };
    for (let round = 0; round < 60; round++) {
      const { outers } = traceRings(scatteredDiscs(width, height, random));
      const apart = maskFromRings(outers, width, height);
      const joined = maskFromRings([joinRings(outers).map(sides)], width, height);
      expect(joined, `mask ${round}`).toEqual(apart);
    }
  });
});

describe('maskFromRings', () => {
  it('unites overlapping rings, cuts at the frame, refuses what is no polygon', () => {
    const square = (x: number, y: number, side: number): Ring => [x, y, x + side, y, x + side, y + side, x, y + side];
    expect(maskArea(maskFromRings([square(0, 0, 4), square(2, 2, 4)], 10, 10))).toBe(28);
    expect(maskArea(maskFromRings([square(-5, -5, 8)], 10, 10))).toBe(9);
    expect(maskArea(maskFromRings([[1, 1, 2, 2]], 10, 10))).toBe(0);
    expect(maskArea(maskFromRings([square(0, 0, 4), [...square(1, 1, 2)].reverse()], 10, 10))).toBe(16);
    expect(() => maskFromRings([[0, 0, Number.NaN, 4, 4, 4]], 10, 10)).toThrow(/not a number/);
    const zigzag = Array.from({ length: 40_000 }, (_, at) => (at % 4 === 1 ? 0 : at % 4 === 3 ? 9000 : 5));
    expect(() => maskFromRings([zigzag], 10, 9000)).toThrow(/absurdly long/);
  });
});

/** Numbers 0..1 that are the same in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32;
  };
}

function scatteredDiscs(width: number, height: number, random: () => number): RleMask {
  const bitmap = new Uint8Array(width * height);
  const [left, top] = [random() * width * 0.6, random() * height * 0.6];
  for (let part = 0; part < 5; part++) {
    const [cx, cy, radius] = [left + random() * 90, top + random() * 90, 1 + random() * 12];
    for (let y = Math.max(0, Math.floor(cy - radius)); y < Math.min(height, cy + radius); y++)
      for (let x = Math.max(0, Math.floor(cx - radius)); x < Math.min(width, cx + radius); x++)
        if ((x - cx) ** 2 + (y - cy) ** 2 < radius * radius) bitmap[y * width + x] = 1;
  }
  return rleFromBitmap(bitmap, width, height);
}

function pairs(ring: Ring): string[] {
  return Array.from({ length: ring.length / 2 }, (_, at) => `${ring[at * 2]},${ring[at * 2 + 1]}`);
}

/** Greatest distance of a changed pixel to the nearest pixel of the other value, in pixels. */
function furthestChange(before: RleMask, after: RleMask): number {
  const a = bitmapFromRle(before);
  const b = bitmapFromRle(after);
  const { width } = before;
  let furthest = 0;
  for (let at = 0; at < a.length; at++) {
    if (a[at] === b[at]) continue;
    let nearest = Number.POSITIVE_INFINITY;
    for (let other = 0; other < a.length; other++) {
      if (a[other] === a[at]) continue;
      const distance = Math.hypot((other % width) - (at % width), Math.floor(other / width) - Math.floor(at / width));
      nearest = Math.min(nearest, distance);
    }
    furthest = Math.max(furthest, nearest);
  }
  return furthest;
}
