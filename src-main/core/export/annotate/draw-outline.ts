import { dilateSpans, erodeSpans } from './grow-spans.ts';
import type { Ink } from './ink.ts';
import { forEachSpanBetween, rowsAround, type SpanRows } from './span-rows.ts';
import { WINDOW_COUNTS, WindowCounter } from './window-counter.ts';

/** How an edge is drawn. */
export interface OutlineStroke {
  /** Whole pixels, measured inwards from the mask's edge; >= 1. */
  readonly thickness: number;
  /** 0..1 */
  readonly opacity: number;
  /** Length of a dash and of a gap in pixels; 0: solid. */
  readonly dash: number;
}

/**
 * Draws the edge of a mask. The stair steps of the binary edge are smoothed over a 5x5 window, which may tint the ring of pixels
 * just outside; nothing further out is touched. `bitmap`: zeroed scratch of width * height bytes, zero again afterwards.
 */
export function drawOutline(ink: Ink, rows: SpanRows, stroke: OutlineStroke, bitmap: Uint8Array): void {
  const dashed = stroke.dash > 0;
  if (dashed) paint(bitmap, rows, 1);
  const line = new Uint8Array(rows.width);
  const edge: Edge = {
    ink,
    rows,
    stroke,
    bitmap,
    alphas: alphasOf(stroke.opacity),
    line,
    window: new WindowCounter(rows),
  };
  const around = dilateSpans(rows, 1);
  const kept = erodeSpans(rows, stroke.thickness, rowsAround(rows, 0));
  forEachSpanBetween(around, kept, rowsAround(rows, 1), (y, from, to) => drawEdgeRow(edge, y, from, to));
  if (dashed) paint(bitmap, rows, 0);
}

interface Edge {
  readonly ink: Ink;
  readonly rows: SpanRows;
  readonly stroke: OutlineStroke;
  readonly bitmap: Uint8Array;
  readonly alphas: Uint8Array;
  /** Counts, then alphas of the pixels of one span. */
  readonly line: Uint8Array;
  readonly window: WindowCounter;
}

/** At least so much inside: an object of a few pixels stays visible. */
const LEAST_INSIDE = 0.6;

/**
 * Alpha 0..255 by foreground pixels in the 5x5 window, first of pixels outside the mask, then of its own: a straight edge counts 15
 * just inside and 10 just outside.
 */
function alphasOf(opacity: number): Uint8Array {
  return Uint8Array.from({ length: 2 * WINDOW_COUNTS }, (_, at) => {
    const least = at < WINDOW_COUNTS ? 0 : LEAST_INSIDE;
    return Math.round(255 * opacity * Math.min(1, Math.max(least, (at % WINDOW_COUNTS) / 5 - 2)));
  });
}

function paint(bitmap: Uint8Array, rows: SpanRows, value: number): void {
  rows.forEach((y, from, to) => {
    bitmap.fill(value, y * rows.width + from, y * rows.width + to);
  });
}

/** Pixels [from, to) of row y. */
function drawEdgeRow(
  { ink, rows, stroke, bitmap, alphas, line, window }: Edge,
  y: number,
  from: number,
  to: number,
): void {
  window.count(y, from, to, line, WINDOW_COUNTS);
  for (let at = 0; at < to - from; at++) line[at] = alphas[line[at]];
  if (stroke.dash > 0) {
    for (let x = from; x < to; x++) if (inGap(bitmap, rows, x, y, stroke)) line[x - from] = 0;
  }
  ink.dots(y, from, to - from, line, 0);
}

/** Dashes run along the edge: counted by x where the edge is rather horizontal, by y where it is rather vertical. */
function inGap(bitmap: Uint8Array, { width, height }: SpanRows, x: number, y: number, stroke: OutlineStroke): boolean {
  const reach = stroke.thickness + 2;
  const left = Math.max(0, x - reach);
  const right = Math.min(width - 1, x + reach);
  const top = Math.max(0, y - reach) * width;
  const bottom = Math.min(height - 1, y + reach) * width;
  const middle = y * width;
  let across = 0;
  let down = 0;
  for (let row = top; row <= bottom; row += width) {
    across += bitmap[row + right] - bitmap[row + left];
    down += Math.sign(row - middle) * (bitmap[row + left] + bitmap[row + x] + bitmap[row + right]);
  }
  const along = Math.abs(down) >= Math.abs(across) ? x : y;
  return Math.floor(along / stroke.dash) % 2 === 1;
}
