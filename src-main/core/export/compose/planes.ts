import type { YuvImage } from '../annotate/yuv-image.ts';
import type { Matte } from './matte.ts';

/** One plane of a 4:2:0 picture beside its matte. Touched part of the matte: rows first .. last, columns left .. right - 1. */
export interface Plane {
  readonly kind: 'y' | 'u' | 'v';
  /** Offset of the plane in the picture's bytes. */
  readonly start: number;
  readonly width: number;
  readonly height: number;
  /** Luma pixels of one sample: 1 or 2. */
  readonly step: 1 | 2;
  readonly matte: Uint8Array;
  readonly first: number;
  readonly last: number;
  readonly left: number;
  readonly right: number;
}

/** Y, U and V of a picture, in this order. */
export function planesOf({ width, height }: YuvImage, matte: Matte): readonly [Plane, Plane, Plane] {
  const { rows, left, right, chromaWidth } = matte;
  const chromaHeight = Math.ceil(height / 2);
  const luma: Plane = {
    kind: 'y',
    start: 0,
    width,
    height,
    step: 1,
    matte: matte.luma,
    first: rows.first,
    last: rows.last,
    left,
    right,
  };
  const chroma = (kind: 'u' | 'v', index: number): Plane => ({
    kind,
    start: width * height + index * chromaWidth * chromaHeight,
    width: chromaWidth,
    height: chromaHeight,
    step: 2,
    matte: matte.chroma,
    first: rows.first >> 1,
    last: rows.last >> 1,
    left: left >> 1,
    right: (right + 1) >> 1,
  });
  return [luma, chroma('u', 0), chroma('v', 1)];
}

/** `whole` sends every value through `table`; samples inside the matte keep their bytes, those of its edge are mixed. */
export function mapOutside(data: Uint8Array, plane: Plane, table: Uint8Array): void {
  const { start, width, height, matte, left, right } = plane;
  for (let y = 0; y < height; y++) {
    const row = start + y * width;
    if (y < plane.first || y > plane.last) {
      mapRun(data, row, row + width, table);
      continue;
    }
    mapRun(data, row, row + left, table);
    const shift = y * width - row;
    for (let at = row + left; at < row + right; at++) {
      const part = matte[at + shift];
      if (part === 255) continue;
      const value = data[at];
      data[at] = part === 0 ? table[value] : mixed(table[value], value, part);
    }
    mapRun(data, row + right, row + width, table);
  }
}

function mapRun(data: Uint8Array, from: number, to: number, table: Uint8Array): void {
  for (let at = from; at < to; at++) data[at] = table[data[at]];
}

/** Replaces everything outside the matte by one value. */
export function fillOutside(data: Uint8Array, plane: Plane, value: number): void {
  const { start, width, height, matte, left, right } = plane;
  if (plane.last < plane.first) {
    data.fill(value, start, start + width * height);
    return;
  }
  data.fill(value, start, start + plane.first * width);
  for (let y = plane.first; y <= plane.last; y++) {
    const row = start + y * width;
    data.fill(value, row, row + left);
    const shift = y * width - row;
    for (let at = row + left; at < row + right; at++) {
      const part = matte[at + shift];
      if (part !== 255) data[at] = part === 0 ? value : mixed(value, data[at], part);
    }
    data.fill(value, row + right, row + width);
  }
  data.fill(value, start + (plane.last + 1) * width, start + width * height);
}

/** `outside` and `inside` mixed by `part` 0..255 of the inside. */
export function mixed(outside: number, inside: number, part: number): number {
  return ((outside * (255 - part) + inside * part + 127) / 255) | 0;
}
