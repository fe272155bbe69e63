/** A picture of 0 and 1: uint8 [height, width]. */
export interface BitmapShape {
  readonly width: number;
  readonly height: number;
}

/** Values that a count can have: 0..25. */
export const WINDOW_COUNTS = 26;

/**
 * Foreground pixels in the 5x5 window of the pixels [from, to) of row y, into `counts` from 0 on. Beyond the frame the border pixel
 * repeats.
 */
export function countWindow(
  bitmap: Uint8Array,
  { width, height }: BitmapShape,
  y: number,
  from: number,
  to: number,
  counts: Uint8Array,
): void {
  if (y < 2 || y >= height - 2 || from < 2 || to > width - 2) {
    for (let x = from; x < to; x++) counts[x - from] = countAtBorder(bitmap, width, height, x, y);
    return;
  }
  // The count is carried from pixel to pixel, column by column.
  const first = (y - 2) * width + from;
  const last = first + 4 * width;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let at = first; at <= last; at += width) {
    a += bitmap[at - 2];
    b += bitmap[at - 1];
    c += bitmap[at];
    d += bitmap[at + 1];
  }
  for (let x = from; x < to; x++) {
    const at = first + x - from + 2;
    const e =
      bitmap[at] + bitmap[at + width] + bitmap[at + 2 * width] + bitmap[at + 3 * width] + bitmap[at + 4 * width];
    counts[x - from] = a + b + c + d + e;
    a = b;
    b = c;
    c = d;
    d = e;
  }
}

function countAtBorder(bitmap: Uint8Array, width: number, height: number, x: number, y: number): number {
  let count = 0;
  for (let dy = -2; dy <= 2; dy++) {
    const base = Math.min(height - 1, Math.max(0, y + dy)) * width;
    for (let dx = -2; dx <= 2; dx++) count += bitmap[base + Math.min(width - 1, Math.max(0, x + dx))];
  }
  return count;
}
