import type { Ink } from './ink.ts';
import { complementSpans, erodeSpans, forEachSpanBetween, rowsAround, type SpanRows } from './span-rows.ts';

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
  paint(bitmap, rows, 1);
  const near = rowsAround(rows, 2);
  const outside = complementSpans(rows, near);
  const drawn = rowsAround(rows, 1);
  const outer: Edge = { ink, rows, stroke, bitmap, alphas: alphaByCoverage(stroke.opacity, 0) };
  forEachSpanBetween(outside, erodeSpans(outside, 1, drawn), drawn, (y, from, to) => drawEdgeRow(outer, y, from, to));
  const covered = rowsAround(rows, 0);
  // At least so much inside: an object of a few pixels stays visible.
  const inner: Edge = { ...outer, alphas: alphaByCoverage(stroke.opacity, 0.6) };
  const kept = erodeSpans(rows, stroke.thickness, covered);
  forEachSpanBetween(rows, kept, covered, (y, from, to) => drawEdgeRow(inner, y, from, to));
  paint(bitmap, rows, 0);
}

interface Edge {
  readonly ink: Ink;
  readonly rows: SpanRows;
  readonly stroke: OutlineStroke;
  readonly bitmap: Uint8Array;
  readonly alphas: Uint8Array;
}

/** Alpha 0..255 by foreground pixels in the 5x5 window: a straight edge counts 15 just inside and 10 just outside. */
function alphaByCoverage(opacity: number, least: number): Uint8Array {
  return Uint8Array.from({ length: 26 }, (_, count) =>
    Math.round(255 * opacity * Math.min(1, Math.max(0, least, count / 5 - 2))),
  );
}

function paint(bitmap: Uint8Array, rows: SpanRows, value: number): void {
  rows.forEach((y, from, to) => {
    bitmap.fill(value, y * rows.width + from, y * rows.width + to);
  });
}

/** Pixels [from, to) of row y; the window's count is carried from pixel to pixel, column by column. */
function drawEdgeRow(edge: Edge, y: number, from: number, to: number): void {
  const { ink, rows, stroke, bitmap, alphas } = edge;
  const { width, height } = rows;
  const top = Math.max(0, y - 2) * width;
  const upper = Math.max(0, y - 1) * width;
  const middle = y * width;
  const lower = Math.min(height - 1, y + 1) * width;
  const bottom = Math.min(height - 1, y + 2) * width;
  const last = width - 1;
  // Beyond the frame the border pixel repeats.
  const column = (x: number) => {
    const at = x < 0 ? 0 : x > last ? last : x;
    return bitmap[top + at] + bitmap[upper + at] + bitmap[middle + at] + bitmap[lower + at] + bitmap[bottom + at];
  };
  let a = column(from - 2);
  let b = column(from - 1);
  let c = column(from);
  let d = column(from + 1);
  let e = column(from + 2);
  for (let x = from; x < to; x++) {
    const alpha = alphas[a + b + c + d + e];
    if (alpha > 0 && (stroke.dash === 0 || !inGap(bitmap, rows, x, y, stroke))) ink.dot(x, y, alpha);
    a = b;
    b = c;
    c = d;
    d = e;
    e = column(x + 3);
  }
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
