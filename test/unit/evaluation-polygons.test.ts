import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  cocoBoxFromMask,
  cocoDetectionsFromJson,
  cocoGroundTruthFromJson,
  cocoRleFromMask,
  maskFromPolygons,
} from '../../src-main/core/evaluation/index.ts';
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

describe('COCO files', () => {
  const images = [{ id: 7, width: 10, height: 10 }];
  const square = [[1, 1, 1, 5, 5, 5, 5, 1]];
  const item = { image_id: 7, category_id: 1, segmentation: square };
  const truth = (...annotations: readonly object[]) =>
    cocoGroundTruthFromJson({ images, categories: [{ id: 1, name: 'a' }], annotations });
  const detections = (...list: readonly object[]) =>
    cocoDetectionsFromJson(list, [{ id: 7, fileName: null, width: 10, height: 10 }]);

  it('may have an empty list for the box beside a mask, as pycocotools takes it', () => {
    const [{ box, mask }] = detections({ ...item, score: 1, bbox: [] });
    expect([box, maskArea(mask)]).toEqual([null, 16]);
    expect(truth({ ...item, bbox: [] }).truths[0].box).toEqual([1, 1, 4, 4]);
    expect(() => detections({ image_id: 7, category_id: 1, score: 1, bbox: [] })).toThrow(/neither a segmentation/);
  });

  it('name the annotation or detection whose mask is none', () => {
    const line = { ...item, segmentation: [[1, 1, 5, 5]] };
    expect(() => truth(item, { ...line, id: 31 })).toThrow(/^Annotation 31 of image 7 cannot be used\. A COCO polygon/);
    expect(() => detections({ ...item, score: 1 }, { ...line, score: 1 })).toThrow(
      /^Detection 2 .* of image 7.* cannot be/,
    );
  });
});
