import { describe, expect, test } from 'vitest';
import { hideCovered } from '../../src-main/core/tracking/hide-covered.ts';
import {
  bitMaskFromLogits,
  bitMaskIou,
  fillHoles,
  intersectionArea,
  measureShrinkage,
  memoryScoreLogit,
  resizeLogits,
  selectDetections,
  suppressLogits,
} from '../../src-main/core/tracking/planner/index.ts';
import { packedMask, unpackedMask } from '../support/bit-masks.ts';

/** A mask or logit map drawn with characters: '#' is foreground. */
const bitmap = (rows: readonly string[]) => Uint8Array.from(rows.join(''), (pixel) => (pixel === '#' ? 1 : 0));
const mask = (rows: readonly string[]) => packedMask(bitmap(rows), rows[0].length, rows.length);
const logits = (rows: readonly string[]) => Float32Array.from(rows.join(''), (pixel) => (pixel === '#' ? 5 : -5));

describe('bit masks', () => {
  test('any width survives packing, with area and intersection counted pixel by pixel', () => {
    for (const [width, height] of [
      [1, 1],
      [31, 3],
      [32, 2],
      [33, 5],
      [288, 7],
      [1000, 4],
    ]) {
      const draw = (step: number) =>
        Uint8Array.from({ length: width * height }, (_, at) => ((at * step) % 7 < 3 ? 1 : 0));
      const [a, b] = [draw(3), draw(5)];
      const [packedA, packedB] = [a, b].map((pixels) => packedMask(pixels, width, height));
      expect(unpackedMask(packedA)).toEqual(a);
      expect(packedA.area).toBe(a.reduce((sum, pixel) => sum + pixel, 0));
      expect(intersectionArea(packedA, packedB)).toBe(a.reduce((sum, pixel, at) => sum + (pixel & b[at]), 0));
    }
  });

  test('a full mask of 4096 x 16 is counted without overflow', () => {
    const full = packedMask(new Uint8Array(4096 * 16).fill(1), 4096, 16);
    expect(full.area).toBe(65_536);
    expect(intersectionArea(full, full)).toBe(65_536);
  });

  test('logits: 0 and NaN are background; the offset selects one map of many', () => {
    const maps = new Float32Array([9, 9, 9, 9, 0, -1, 1e-30, Number.NaN]);
    expect([...unpackedMask(bitMaskFromLogits(maps, 2, 2, 4))]).toEqual([0, 0, 1, 0]);
  });

  test('IoU is rounded to float32; masks without pixels give 0', () => {
    expect(bitMaskIou(mask(['##..']), mask(['.##.']))).toBe(Math.fround(1 / 3));
    expect(bitMaskIou(mask(['....']), mask(['....']))).toBe(0);
  });
});

test('resizing takes half-pixel centres and repeats edges', () => {
  const source = { width: 4, height: 1, logits: new Float32Array([0, 1, 2, 3]) };
  expect([...resizeLogits(source, 2, 1)]).toEqual([0.5, 2.5]);
  expect([...resizeLogits(source, 8, 2)].slice(0, 3)).toEqual([0, 0.25, 0.75]);
});

describe('fill holes', () => {
  const options = { maxArea: 2, fillHoles: true, removeSprinkles: true };

  test('a small hole is filled, a small speck goes, diagonals join', () => {
    const map = logits(['#######', '#.###.#', '#.####.', '#######', '.......', '#......']);
    fillHoles(map, 7, 6, options);
    expect([...map.slice(8, 9)]).toEqual([Math.fround(0.1)]);
    // The right hole touches the row below it and the edge by its corner only: still one hole of two pixels.
    expect([map[12], map[20]]).toEqual([Math.fround(0.1), Math.fround(0.1)]);
    expect(map[35]).toBe(Math.fround(-0.1));
    expect(map[28]).toBe(-5);
  });

  test('a tiny object is not a speck of itself', () => {
    const map = logits(['....', '.##.', '....']);
    fillHoles(map, 4, 3, options);
    expect(map).toEqual(logits(['....', '.##.', '....']));
  });
});

describe('overlap', () => {
  test('an object that others cover is suppressed strictly below the float32 ratio; alone it never is', () => {
    const covered = [logits(['##########']), logits(['##########'])];
    covered[0].fill(9, 0, 3);
    covered[1].fill(9, 3);
    const { suppressed, exclusiveArea } = measureShrinkage(covered, 0.7);
    // 7 / 10 and 0.7 are the same float32, but not the same double.
    expect({ suppressed, exclusiveArea }).toEqual({ suppressed: [true, false], exclusiveArea: [3, 7] });
    expect(measureShrinkage([logits(['....'])], 0.3).suppressed).toEqual([false]);
    suppressLogits(covered[0]);
    expect([covered[0][0], memoryScoreLogit(covered[0]), memoryScoreLogit(covered[1])]).toEqual([-10, -10, 10]);
  });
});

describe('what memory sees of several objects', () => {
  const spec = { lowres: 4, maskPromptSize: 8 };
  const rows = (text: string) => logits([text, text, text, text]);

  test('an empty mask is -10 everywhere, whether or not the others overlap; its neighbour stays as it is', () => {
    const [object, empty] = [rows('##..'), rows('....')];
    const before = object.slice();
    hideCovered([object, empty], spec, 0.3);
    expect([object, [...empty]]).toEqual([before, Array(16).fill(-10)]);
  });

  test('so is one that another covers almost whole; alone neither is', () => {
    const [front, behind, alone] = [rows('###.').map((logit) => logit * 2), rows('.##.'), rows('....')];
    const before = alone.slice();
    hideCovered([front, behind], spec, 0.3);
    expect([...behind]).toEqual(Array(16).fill(-10));
    hideCovered([alone], spec, 0.3);
    expect(alone).toEqual(before);
  });
});

test('detections are thresholded, freed of doubles and keep their query', () => {
  const masks = new Float32Array([...logits(['##', '..']), ...logits(['##', '..']), ...logits(['..', '##'])]);
  const boxes = new Float32Array([0, 0, 1, 0.5, 0, 0, 1, 0.5, 0, 0.5, 1, 1]);
  const constants = { scoreThreshold: 0.5, detNmsThresh: 0.1 };
  const picked = selectDetections({ scores: new Float32Array([0.6, 0.9, 0.51]), boxes, masks }, 2, constants);
  expect(picked.map(({ query, box, mask: { area } }) => [query, box.top, area])).toEqual([
    [1, 0, 2],
    [2, 0.5, 2],
  ]);
});
