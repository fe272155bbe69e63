import { type Blend, blendByte, blendRun, wordsOf } from '../annotate/blend-run.ts';
import { rowsAround, type SpanRows } from '../annotate/span-rows.ts';
import type { YuvImage } from '../annotate/yuv-image.ts';
import type { Matte } from './matte.ts';
import { columnsOf } from './span-sets.ts';

/** One plane of a 4:2:0 picture beside its matte. */
export interface Plane {
  readonly kind: 'y' | 'u' | 'v';
  /** Offset of the plane in the picture's bytes. */
  readonly start: number;
  readonly width: number;
  readonly height: number;
  /** Luma pixels of one sample: 1 or 2. */
  readonly step: 1 | 2;
  readonly matte: Uint8Array;
  /** Where the matte is not 0. */
  readonly touched: SpanRows;
  /** The box around that: rows first .. last, columns left .. right - 1. */
  readonly first: number;
  readonly last: number;
  readonly left: number;
  readonly right: number;
}

/** Y, U and V of a picture, in this order. */
export function planesOf({ width, height }: YuvImage, matte: Matte): readonly [Plane, Plane, Plane] {
  const { chromaWidth } = matte;
  const chromaHeight = Math.ceil(height / 2);
  const size = width * height;
  const luma = { matte: matte.luma, ...boxOf(matte.touched), width, height, step: 1 as const };
  const chroma = {
    ...{ matte: matte.chroma, ...boxOf(matte.touchedChroma) },
    ...{ width: chromaWidth, height: chromaHeight, step: 2 as const },
  };
  return [
    { kind: 'y', start: 0, ...luma },
    { kind: 'u', start: size, ...chroma },
    { kind: 'v', start: size + chromaWidth * chromaHeight, ...chroma },
  ];
}

function boxOf(touched: SpanRows) {
  const range = rowsAround(touched, 0);
  const [left, right] = columnsOf(touched, range);
  return { touched, ...range, left, right };
}

/** Blends every sample outside the matte; those inside keep their bytes, those of its edge are mixed. */
export function blendOutside(data: Uint8Array, plane: Plane, blend: Blend): void {
  const words = wordsOf(data);
  forEachPart(
    plane,
    (from, to) => blendRun(data, words, from, to, blend),
    (from, to, matteAt) => {
      for (let at = from, beside = matteAt; at < to; at++, beside++) {
        const part = plane.matte[beside];
        if (part !== 255) data[at] = mixed(blendByte(data[at], blend), data[at], part);
      }
    },
  );
}

/** Replaces everything outside the matte by one value. */
export function fillOutside(data: Uint8Array, plane: Plane, value: number): void {
  forEachPart(
    plane,
    (from, to) => data.fill(value, from, to),
    (from, to, matteAt) => {
      for (let at = from, beside = matteAt; at < to; at++, beside++) {
        const part = plane.matte[beside];
        if (part !== 255) data[at] = mixed(value, data[at], part);
      }
    },
  );
}

/** Calls `outside(from, to)` where the matte is 0 and `touched(from, to, matteAt)` elsewhere, row by row; offsets of bytes. */
function forEachPart(
  { start, width, height, touched: { rowStart, xs } }: Plane,
  outside: (from: number, to: number) => void,
  touched: (from: number, to: number, matteAt: number) => void,
): void {
  // Rows that nothing touches are taken together.
  let done = 0;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let at = rowStart[y]; at < rowStart[y + 1]; at += 2) {
      const from = row + xs[at];
      const to = row + xs[at + 1];
      if (from > done) outside(start + done, start + from);
      touched(start + from, start + to, from);
      done = to;
    }
  }
  if (done < width * height) outside(start + done, start + width * height);
}

/** `outside` and `inside` mixed by `part` 0..255 of the inside. */
export function mixed(outside: number, inside: number, part: number): number {
  return ((outside * (255 - part) + inside * part + 127) / 255) | 0;
}
