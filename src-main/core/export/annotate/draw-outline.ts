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
  forEachSpanBetween(outside, erodeSpans(outside, 1, drawn), drawn, (y, from, to) => {
    for (let x = from; x < to; x++) drawEdgePixel(ink, rows, stroke, bitmap, x, y, 0);
  });
  const covered = rowsAround(rows, 0);
  forEachSpanBetween(rows, erodeSpans(rows, stroke.thickness, covered), covered, (y, from, to) => {
    for (let x = from; x < to; x++) drawEdgePixel(ink, rows, stroke, bitmap, x, y, 0.6);
  });
  paint(bitmap, rows, 0);
}

function paint(bitmap: Uint8Array, rows: SpanRows, value: number): void {
  rows.forEach((y, from, to) => {
    bitmap.fill(value, y * rows.width + from, y * rows.width + to);
  });
}

/** `least` keeps an object of a few pixels visible. */
function drawEdgePixel(
  ink: Ink,
  rows: SpanRows,
  stroke: OutlineStroke,
  bitmap: Uint8Array,
  x: number,
  y: number,
  least: number,
): void {
  // A straight edge counts 15 just inside and 10 just outside.
  const smooth = Math.min(1, Math.max(least, coverage5x5(bitmap, rows, x, y) / 5 - 2));
  if (smooth <= 0 || (stroke.dash > 0 && inGap(bitmap, rows, x, y, stroke))) return;
  ink.dot(x, y, Math.round(255 * stroke.opacity * smooth));
}

/** Foreground pixels (0..25) in the 5x5 window; beyond the frame the border pixel repeats. */
function coverage5x5(bitmap: Uint8Array, { width, height }: SpanRows, x: number, y: number): number {
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
