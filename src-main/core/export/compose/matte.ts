import {
  complementSpans,
  erodeSpans,
  forEachSpanBetween,
  type RowRange,
  rowsAround,
  type SpanRows,
} from '../annotate/span-rows.ts';
import { columnsOf } from './span-sets.ts';

/** How far outside the mask its soft edge reaches, in pixels. */
export const EDGE_REACH = 2;

/**
 * How much of each pixel belongs to the objects, 0..255: 255 inside, 0 outside, rising over an edge of four pixels that also
 * smooths the steps of the mask. `chroma` is the mean of each 2x2 block. Outside `rows` and `left .. right` all is 0.
 */
export class Matte {
  readonly width: number;
  readonly height: number;
  readonly luma: Uint8Array;
  readonly chromaWidth: number;
  readonly chroma: Uint8Array;
  /** Touched luma rows, inclusive, and columns [left, right); none when last < first. */
  rows: RowRange = { first: 0, last: -1 };
  left = 0;
  right = 0;
  readonly #bitmap: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.luma = new Uint8Array(width * height);
    this.#bitmap = new Uint8Array(width * height);
    this.chromaWidth = Math.ceil(width / 2);
    this.chroma = new Uint8Array(this.chromaWidth * Math.ceil(height / 2));
  }

  /** Replaces the matte by that of the spans. */
  paint(spans: SpanRows): void {
    this.#clear();
    this.rows = rowsAround(spans, EDGE_REACH);
    if (this.rows.last < this.rows.first) return;
    const [left, right] = columnsOf(spans, this.rows);
    this.left = Math.max(0, left - EDGE_REACH);
    this.right = Math.min(this.width, right + EDGE_REACH);
    fillSpans(this.#bitmap, spans, 1);
    fillSpans(this.luma, spans, 255);
    this.#softenEdge(spans);
    fillSpans(this.#bitmap, spans, 0);
    this.#averageBlocks();
  }

  #clear(): void {
    const { width, rows, left, right } = this;
    for (let y = rows.first; y <= rows.last; y++) this.luma.fill(0, y * width + left, y * width + right);
    for (let y = rows.first >> 1; y <= rows.last >> 1; y++) {
      this.chroma.fill(0, y * this.chromaWidth + (left >> 1), y * this.chromaWidth + ((right + 1) >> 1));
    }
    this.rows = { first: 0, last: -1 };
  }

  #softenEdge(spans: SpanRows): void {
    const soften = (y: number, from: number, to: number) => {
      const base = y * this.width;
      for (let x = from; x < to; x++) this.luma[base + x] = EDGE_ALPHA[this.#covered(x, y)];
    };
    const near = rowsAround(spans, 2 * EDGE_REACH);
    const outside = complementSpans(spans, near);
    forEachSpanBetween(outside, erodeSpans(outside, EDGE_REACH, this.rows), this.rows, soften);
    const inside = rowsAround(spans, 0);
    forEachSpanBetween(spans, erodeSpans(spans, EDGE_REACH, inside), inside, soften);
  }

  /** Pixels of the mask (0..25) in the 5x5 window; beyond the frame the border pixel repeats. */
  #covered(x: number, y: number): number {
    const bitmap = this.#bitmap;
    const { width, height } = this;
    let count = 0;
    if (x >= 2 && y >= 2 && x < width - 2 && y < height - 2) {
      for (let at = (y - 2) * width + x, row = 0; row < 5; row++, at += width) {
        count += bitmap[at - 2] + bitmap[at - 1] + bitmap[at] + bitmap[at + 1] + bitmap[at + 2];
      }
      return count;
    }
    for (let dy = -2; dy <= 2; dy++) {
      const base = Math.min(height - 1, Math.max(0, y + dy)) * width;
      for (let dx = -2; dx <= 2; dx++) count += bitmap[base + Math.min(width - 1, Math.max(0, x + dx))];
    }
    return count;
  }

  #averageBlocks(): void {
    const { width, luma, chroma, chromaWidth, height } = this;
    const right = (this.right + 1) >> 1;
    for (let row = this.rows.first >> 1; row <= this.rows.last >> 1; row++) {
      const top = row * 2 * width;
      const bottom = row * 2 + 1 < height ? top + width : top;
      for (let column = this.left >> 1; column < right; column++) {
        const x = column * 2;
        const beside = x + 1 < width ? x + 1 : x;
        const sum = luma[top + x] + luma[top + beside] + luma[bottom + x] + luma[bottom + beside];
        chroma[row * chromaWidth + column] = (sum + 2) >> 2;
      }
    }
  }
}

/** Alpha by coverage of the 5x5 window: a straight edge counts 5, 10 outside and 15, 20 inside. */
const EDGE_ALPHA = Uint8Array.from({ length: 26 }, (_, count) =>
  Math.round(255 * Math.min(1, Math.max(0, (count - 4) / 17))),
);

function fillSpans(plane: Uint8Array, spans: SpanRows, value: number): void {
  const { width, rowStart, xs } = spans;
  for (let y = 0; y < spans.height; y++) {
    for (let at = rowStart[y]; at < rowStart[y + 1]; at += 2)
      plane.fill(value, y * width + xs[at], y * width + xs[at + 1]);
  }
}
