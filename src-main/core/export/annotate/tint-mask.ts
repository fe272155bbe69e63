import type { SpanRows } from './span-rows.ts';
import type { YuvColour } from './yuv-colour.ts';
import type { YuvImage } from './yuv-image.ts';

/**
 * Lays `colour` over the spans at `opacity` (0..1): Y per pixel, U and V by how much of their 2x2 block (less at odd edges) is
 * covered. out = round(in * (1 - a) + colour * a), a = opacity * coverage.
 */
export function tintMask(image: YuvImage, rows: SpanRows, colour: YuvColour, opacity: number): void {
  if (opacity <= 0) return;
  tintLuma(image.data, image.width, rows, blendTable(colour.y, opacity));
  const chromaWidth = Math.ceil(image.width / 2);
  const chromaHeight = Math.ceil(image.height / 2);
  const tablesU = chromaTables(colour.u, opacity);
  const tablesV = chromaTables(colour.v, opacity);
  const uStart = image.width * image.height;
  const vStart = uStart + chromaWidth * chromaHeight;
  const coverage = new Uint8Array(chromaWidth);
  for (let row = 0; row < chromaHeight; row++) {
    const lower = Math.min(image.height, row * 2 + 2);
    if (rows.rowStart[row * 2] === rows.rowStart[lower]) continue;
    // A block row of one luma row (odd height) counts that row twice: coverage stays in quarters.
    const weight = lower - row * 2 === 2 ? 1 : 2;
    for (let y = row * 2; y < lower; y++) coverRow(coverage, rows, y, weight);
    const base = row * chromaWidth;
    const [left, right] = columnsOf(rows, row * 2, lower);
    tintCovered(image.data, uStart + base, coverage, left, right, tablesU);
    tintCovered(image.data, vStart + base, coverage, left, right, tablesV);
    coverage.fill(0, left, right);
  }
}

function tintLuma(data: Uint8Array, width: number, { height, rowStart, xs }: SpanRows, table: Uint8Array): void {
  for (let y = 0; y < height; y++) {
    const base = y * width;
    for (let at = rowStart[y]; at < rowStart[y + 1]; at += 2) {
      const end = base + xs[at + 1];
      for (let pixel = base + xs[at]; pixel < end; pixel++) data[pixel] = table[data[pixel]];
    }
  }
}

function tintCovered(
  data: Uint8Array,
  base: number,
  coverage: Uint8Array,
  left: number,
  right: number,
  tables: readonly Uint8Array[],
): void {
  const whole = tables[4];
  for (let x = left; x < right; x++) {
    const covered = coverage[x];
    if (covered === 4) data[base + x] = whole[data[base + x]];
    else if (covered > 0) data[base + x] = tables[covered][data[base + x]];
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

function chromaTables(value: number, opacity: number): readonly Uint8Array[] {
  return [0, 1, 2, 3, 4].map((quarters) => blendTable(value, (opacity * quarters) / 4));
}

/** Tables of the colours in use: an object keeps its colour from frame to frame. */
const tables = new Map<string, Uint8Array>();
const MOST_TABLES = 512;

function blendTable(value: number, opacity: number): Uint8Array {
  const key = `${value} ${opacity}`;
  let table = tables.get(key);
  if (table === undefined) {
    table = Uint8Array.from({ length: 256 }, (_, under) => Math.round(under * (1 - opacity) + value * opacity));
    if (tables.size === MOST_TABLES) tables.clear();
    tables.set(key, table);
  }
  return table;
}
