import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cocoBoxFromMask, cocoRleFromMask, maskFromPolygons } from '../../src-main/core/evaluation/index.ts';
import { maskArea } from '../../src-shared/mask/rle.ts';

interface PolygonCase {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly polygons: number[][];
  readonly counts: string;
  readonly area: number;
  readonly bbox: number[];
}
const file = join(import.meta.dirname, '../golden/data/coco-polygons.json');
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: PolygonCase[] };

describe('COCO polygons', () => {
  it.each(cases.map((item) => [item.name, item] as const))('%s has the pixels of pycocotools', (_, item) => {
    const mask = maskFromPolygons(item.polygons, item.width, item.height);
    expect(cocoRleFromMask(mask).counts).toBe(item.counts);
    expect(maskArea(mask)).toBe(item.area);
    expect(cocoBoxFromMask(mask)).toEqual(item.bbox);
  });

  it('a corner moved by one pixel changes the mask: the comparison can fail', () => {
    const [{ polygons, width, height, counts }] = cases;
    const moved = [[polygons[0][0] + 1, ...polygons[0].slice(1)]];
    expect(cocoRleFromMask(maskFromPolygons(moved, width, height)).counts).not.toBe(counts);
  });

  it('points and lines beside an outline add nothing', () => {
    const [{ polygons, width, height, counts }] = cases;
    const mask = maskFromPolygons([[3, 3], ...polygons, [1, 1, 9, 9]], width, height);
    expect(cocoRleFromMask(mask).counts).toBe(counts);
  });

  it.each([
    ['two corners', [[1, 1, 5, 5]]],
    ['an odd number', [[1, 1, 5, 5, 3, 9, 2]]],
    ['a corner far outside', [[0, 0, 1e9, 0, 5, 5]]],
    ['no number', [[0, 0, Number.NaN, 0, 5, 5]]],
    ['no polygon', []],
  ])('%s is refused in one sentence', (_, polygons) => {
    expect(() => maskFromPolygons(polygons, 10, 10)).toThrow(/^A COCO polygon is none: .*nothing was scored\.$/);
  });
});
