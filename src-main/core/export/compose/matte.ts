import { dilateSpans, erodeSpans } from '../annotate/grow-spans.ts';
import { forEachSpanBetween, rowsAround, SpanRows } from '../annotate/span-rows.ts';
import { WINDOW_COUNTS, WindowCounter } from '../annotate/window-counter.ts';
import { chromaSpans } from './span-sets.ts';

/** How far outside the mask its soft edge reaches, in pixels. */
export const EDGE_REACH = 2;

/**
 * How much of each pixel belongs to the objects, 0..255: 255 inside, 0 outside, rising over an edge of four pixels that also
 * smooths the steps of the mask. `chroma` is the mean of each 2x2 block.
 */
export class Matte {
  readonly width: number;
  readonly height: number;
  readonly luma: Uint8Array;
  readonly chromaWidth: number;
  readonly chroma: Uint8Array;
  /** Outside of these all is 0. */
  touched: SpanRows;
  touchedChroma: SpanRows;
  readonly #counts: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.luma = new Uint8Array(width * height);
    this.#counts = new Uint8Array(width);
    this.chromaWidth = Math.ceil(width / 2);
    this.chroma = new Uint8Array(this.chromaWidth * Math.ceil(height / 2));
    this.touched = new SpanRows(width, height, 0);
    this.touchedChroma = chromaSpans(this.touched);
  }

  /** Replaces the matte by that of the spans. */
  paint(spans: SpanRows): void {
    fillSpans(this.luma, this.touched, 0);
    fillSpans(this.chroma, this.touchedChroma, 0);
    this.touched = dilateSpans(spans, EDGE_REACH);
    this.touchedChroma = chromaSpans(this.touched);
    fillSpans(this.luma, spans, 255);
    this.#softenEdge(spans);
    this.#averageBlocks();
  }

  #softenEdge(spans: SpanRows): void {
    const window = new WindowCounter(spans);
    const inside = erodeSpans(spans, EDGE_REACH, rowsAround(spans, 0));
    forEachSpanBetween(this.touched, inside, rowsAround(spans, EDGE_REACH), (y, from, to) => {
      window.count(y, from, to, this.#counts, 0);
      const base = y * this.width + from;
      for (let at = 0; at < to - from; at++) this.luma[base + at] = EDGE_ALPHA[this.#counts[at]];
    });
  }

  #averageBlocks(): void {
    const { width, height, luma, chroma, chromaWidth } = this;
    this.touchedChroma.forEach((row, from, to) => {
      const top = row * 2 * width;
      const bottom = row * 2 + 1 < height ? top + width : top;
      for (let column = from; column < to; column++) {
        const x = column * 2;
        const beside = x + 1 < width ? x + 1 : x;
        const sum = luma[top + x] + luma[top + beside] + luma[bottom + x] + luma[bottom + beside];
        chroma[row * chromaWidth + column] = (sum + 2) >> 2;
      }
    });
  }
}

/** Alpha by coverage of the 5x5 window: a straight edge counts 5, 10 outside and 15, 20 inside. */
const EDGE_ALPHA = Uint8Array.from({ length: WINDOW_COUNTS }, (_, count) =>
  Math.round(255 * Math.min(1, Math.max(0, (count - 4) / 17))),
);

function fillSpans(plane: Uint8Array, spans: SpanRows, value: number): void {
  const { width, rowStart, xs } = spans;
  for (let y = 0; y < spans.height; y++) {
    for (let at = rowStart[y]; at < rowStart[y + 1]; at += 2)
      plane.fill(value, y * width + xs[at], y * width + xs[at + 1]);
  }
}
