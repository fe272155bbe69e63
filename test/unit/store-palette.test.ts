import { describe, expect, it } from 'vitest';
import { objectColour, objectPalette } from '../../src-shared/domain/palette.ts';

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/** Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB. */
const visions: Readonly<Record<string, Matrix>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};
const toLms: Matrix = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
const toLab: Matrix = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
];

const times = (matrix: Matrix, v: Triple): Triple =>
  matrix.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]) as unknown as Triple;
const each = (v: Triple, change: (value: number) => number): Triple => v.map(change) as unknown as Triple;

function linear(colour: string): Triple {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255) as unknown as Triple;
  return each(channels, (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
}

/** Oklab as someone with this vision sees it. */
function seen(colour: string, vision: Matrix): Triple {
  const light = each(times(vision, linear(colour)), (c) => Math.min(1, Math.max(0, c)));
  return times(toLab, each(times(toLms, light), Math.cbrt));
}

function closestPair(colours: readonly string[], vision: Matrix): number {
  const points = colours.map((colour) => seen(colour, vision));
  const distances = points.flatMap((a, i) =>
    points.slice(i + 1).map((b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])),
  );
  return Math.min(...distances);
}

describe('the palette of objects', () => {
  it('has twelve colours that repeat by object id', () => {
    expect(new Set(objectPalette).size).toBe(12);
    expect(objectPalette.every((colour) => /^#[0-9a-f]{6}$/.test(colour))).toBe(true);
    expect([1, 12, 13].map(objectColour)).toEqual([objectPalette[0], objectPalette[11], objectPalette[0]]);
  });

  it.each([
    ['normal', 0.18],
    ['protanopia', 0.1],
    ['deuteranopia', 0.1],
    ['tritanopia', 0.1],
  ])('keeps any two apart with %s vision (Oklab distance at least %f)', (vision, least) => {
    expect(closestPair(objectPalette, visions[vision])).toBeGreaterThanOrEqual(least);
  });

  it('would fail the check with a pair that red-green blindness confuses', () => {
    expect(closestPair(['#c23b22', '#6b7a1e'], visions.deuteranopia)).toBeLessThan(
      closestPair(['#c23b22', '#6b7a1e'], visions.normal) / 2,
    );
  });
});
