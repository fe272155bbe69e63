import { type Blend, blendByte, blendRun, blendTowards, wordsOf } from './blend-run.ts';
import type { SpanRows } from './span-rows.ts';
import type { YuvColour } from './yuv-colour.ts';
import type { YuvImage } from './yuv-image.ts';

/**
 * Lays `colour` over the spans at `opacity` (0..1): Y per pixel, U and V by how much of their 2x2 block (less at odd edges) is
 * covered. out = round(in * (1 - a) + colour * a), a = opacity * coverage in whole 256ths.
 */
export function tintMask(image: YuvImage, rows: SpanRows, colour: YuvColour, opacity: number): void {
  if (opacity <= 0) return;
  const { data, width, height } = image;
  const words = wordsOf(data);
  tintLuma(data, words, rows, blendTowards(colour.y, opacity));
  const chromaWidth = Math.ceil(width / 2);
  const chromaHeight = Math.ceil(height / 2);
  const blendsU = chromaBlends(colour.u, opacity);
  const blendsV = chromaBlends(colour.v, opacity);
  const uStart = width * height;
  const vStart = uStart + chromaWidth * chromaHeight;
  const coverage = new Uint8Array(chromaWidth);
  const evenWidth = width % 2 === 0;
  for (let row = 0; row < chromaHeight; row++) {
    const lower = Math.min(height, row * 2 + 2);
    if (rows.rowStart[row * 2] === rows.rowStart[lower]) continue;
    if (evenWidth && lower - row * 2 === 2 && spansPairUp(rows, row * 2)) {
      const above = rows.rowStart[row * 2];
      const below = rows.rowStart[row * 2 + 1];
      for (let at = 0; at < below - above; at += 2) {
        tintPair(data, words, uStart + row * chromaWidth, rows.xs, above + at, below + at, blendsU);
        tintPair(data, words, vStart + row * chromaWidth, rows.xs, above + at, below + at, blendsV);
      }
      continue;
    }
    // A block row of one luma row (odd height) counts that row twice: coverage stays in quarters.
    const weight = lower - row * 2 === 2 ? 1 : 2;
    for (let y = row * 2; y < lower; y++) coverRow(coverage, rows, y, weight);
    const base = row * chromaWidth;
    const [left, right] = columnsOf(rows, row * 2, lower);
    tintCovered(data, words, uStart + base, coverage, left, right, blendsU);
    tintCovered(data, words, vStart + base, coverage, left, right, blendsV);
    coverage.fill(0, left, right);
  }
}

function tintLuma(data: Uint8Array, words: Int32Array, { width, height, rowStart, xs }: SpanRows, blend: Blend): void {
  for (let y = 0; y < height; y++) {
    const base = y * width;
    for (let at = rowStart[y]; at < rowStart[y + 1]; at += 2) {
      blendRun(data, words, base + xs[at], base + xs[at + 1], blend);
    }
  }
}

/** The usual case: rows y and y + 1 have as many spans, and no chroma sample lies under two of a row and its neighbour. */
function spansPairUp({ rowStart, xs }: SpanRows, y: number): boolean {
  const above = rowStart[y];
  const below = rowStart[y + 1];
  if (below - above !== rowStart[y + 2] - below) return false;
  for (let at = 2; at < below - above; at += 2) {
    const reached = Math.max(xs[above + at - 1], xs[below + at - 1]);
    if ((reached + 1) >> 1 > Math.min(xs[above + at], xs[below + at]) >> 1) return false;
  }
  return true;
}

/** Chroma under a span and one below it: what both cover wholly is one run, and only its ends are looked at one by one. */
function tintPair(
  data: Uint8Array,
  words: Int32Array,
  base: number,
  xs: Int32Array,
  above: number,
  below: number,
  blends: readonly Blend[],
): void {
  const [from, to, fromBelow, toBelow] = [xs[above], xs[above + 1], xs[below], xs[below + 1]];
  const right = (Math.max(to, toBelow) + 1) >> 1;
  const whole = Math.min(right, (Math.max(from, fromBelow) + 1) >> 1);
  const end = Math.max(whole, Math.min(to, toBelow) >> 1);
  const ends = (first: number, last: number) => {
    for (let x = first; x < last; x++) {
      const covered = shareOf(x, from, to) + shareOf(x, fromBelow, toBelow);
      if (covered > 0) data[base + x] = blendByte(data[base + x], blends[covered]);
    }
  };
  ends(Math.min(from, fromBelow) >> 1, whole);
  blendRun(data, words, base + whole, base + end, blends[4]);
  ends(end, right);
}

/** How many of the columns 2x and 2x + 1 lie in [from, to): 0, 1, 2. */
function shareOf(x: number, from: number, to: number): number {
  const first = 2 * x > from ? 2 * x : from;
  const last = 2 * x + 2 < to ? 2 * x + 2 : to;
  return last > first ? last - first : 0;
}

/** Samples that are covered as a whole lie in runs; the others are few. */
function tintCovered(
  data: Uint8Array,
  words: Int32Array,
  base: number,
  coverage: Uint8Array,
  left: number,
  right: number,
  blends: readonly Blend[],
): void {
  for (let x = left; x < right; ) {
    const covered = coverage[x];
    if (covered === 4) {
      let end = x + 1;
      while (end < right && coverage[end] === 4) end++;
      blendRun(data, words, base + x, base + end, blends[4]);
      x = end;
    } else {
      if (covered > 0) data[base + x] = blendByte(data[base + x], blends[covered]);
      x++;
    }
  }
}

/** Chroma columns [from, to) that the luma rows first .. end - 1 reach. */
function columnsOf(rows: SpanRows, first: number, end: number): readonly [number, number] {
  let left = rows.width;
  let right = 0;
  for (let y = first; y < end; y++) {
    if (rows.rowStart[y] === rows.rowStart[y + 1]) continue;
    left = Math.min(left, rows.xs[rows.rowStart[y]]);
    right = Math.max(right, rows.xs[rows.rowStart[y + 1] - 1]);
  }
  return [left >> 1, (right + 1) >> 1];
}

/** Adds quarters of coverage (0..4) per chroma column for one luma row. */
function coverRow(coverage: Uint8Array, { width, rowStart, xs }: SpanRows, y: number, weight: number): void {
  const lastColumn = width - 1;
  for (let at = rowStart[y]; at < rowStart[y + 1]; at += 2) {
    let x = xs[at];
    let end = xs[at + 1];
    if (x & 1) coverage[x++ >> 1] += weight;
    if (end & 1 && end > x) {
      end--;
      // The last column of an odd width has no right neighbour: it stands for the whole block.
      coverage[end >> 1] += end === lastColumn ? 2 * weight : weight;
    }
    const last = end >> 1;
    for (let column = x >> 1; column < last; column++) coverage[column] += 2 * weight;
  }
}

function chromaBlends(value: number, opacity: number): readonly Blend[] {
  return [0, 1, 2, 3, 4].map((quarters) => blendTowards(value, (opacity * quarters) / 4));
}
