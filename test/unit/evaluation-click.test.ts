import { describe, expect, it } from 'vitest';
import { clickOnLargestError } from '../../src-main/core/evaluation/index.ts';
import { emptyMask, type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';

/** Rows of `#` and `.`. */
function mask(...rows: string[]): RleMask {
  const bitmap = Uint8Array.from([...rows.join('')].map((character) => (character === '#' ? 1 : 0)));
  return rleFromBitmap(bitmap, rows[0].length, rows.length);
}

describe('the click of a person who corrects', () => {
  it('first in the middle of the largest part of the object', () => {
    const truth = mask('#......', '..###..', '..###..', '..###..', '.......');
    expect(clickOnLargestError(emptyMask(7, 5), truth)).toEqual({ x: 3.5, y: 2.5, include: true });
  });

  it('then on what is missing or surplus, whichever is larger', () => {
    const truth = mask('###....', '###....', '###....');
    expect(clickOnLargestError(mask('#######', '#######', '#######'), truth)).toMatchObject({ include: false });
    expect(clickOnLargestError(mask('#.....#', '#......', '#......'), truth)).toMatchObject({ include: true });
  });

  it('nothing is left to click when the masks are equal', () => {
    expect(clickOnLargestError(mask('##.', '...'), mask('##.', '...'))).toBeNull();
    expect(clickOnLargestError(emptyMask(3, 3), emptyMask(3, 3))).toBeNull();
  });

  it('lies as deep as the deepest point that a brute-force search finds', () => {
    let seed = 9;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    for (let round = 0; round < 12; round++) {
      const [width, height] = [9 + Math.floor(random() * 12), 7 + Math.floor(random() * 9)];
      const bitmap = new Uint8Array(width * height);
      const [cx, cy, rx, ry] = [random() * width, random() * height, 2 + random() * 6, 2 + random() * 5];
      for (let at = 0; at < bitmap.length; at++) {
        const [x, y] = [at % width, Math.floor(at / width)];
        bitmap[at] = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1 ? 1 : 0;
      }
      const inside = (x: number, y: number) =>
        x >= 0 && y >= 0 && x < width && y < height && bitmap[y * width + x] === 1;
      const depth = (x: number, y: number) => {
        let least = Number.POSITIVE_INFINITY;
        for (let v = -1; v <= height; v++)
          for (let u = -1; u <= width; u++) if (!inside(u, v)) least = Math.min(least, (u - x) ** 2 + (v - y) ** 2);
        return least;
      };
      const click = clickOnLargestError(emptyMask(width, height), rleFromBitmap(bitmap, width, height));
      if (click === null) {
        expect(bitmap.includes(1)).toBe(false);
        continue;
      }
      const depths = [...bitmap.keys()].map((at) => (bitmap[at] ? depth(at % width, Math.floor(at / width)) : 0));
      expect(depth(click.x - 0.5, click.y - 0.5)).toBe(Math.max(...depths));
    }
  });
});
