import { forEachRun, type RleMask } from './rle.ts';

/** Calls `visit(y, from, to)` for each stretch of foreground within one row (columns, end exclusive), in reading order. */
export function forEachRowRun(mask: RleMask, visit: (y: number, from: number, to: number) => void): void {
  const { width } = mask;
  forEachRun(mask, (start, end) => {
    for (let at = start; at < end; ) {
      const y = Math.floor(at / width);
      const rowEnd = Math.min(end, (y + 1) * width);
      visit(y, at - y * width, rowEnd - y * width);
      at = rowEnd;
    }
  });
}
