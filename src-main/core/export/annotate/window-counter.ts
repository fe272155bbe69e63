import type { SpanRows } from './span-rows.ts';

const REACH = 2;

/**
 * Counts foreground pixels in 5x5 windows straight from spans: an edge is a few pixels a row, and painting a whole mask to count there
 * cost more than the counting. What `countWindow` says of the same picture, beyond the frame too, where the border pixel repeats.
 */
export class WindowCounter {
  readonly #rows: SpanRows;
  /** For each of the five rows, the first span that may still be met; stretches come from left to right. */
  readonly #next = new Int32Array(2 * REACH + 1);
  #y = -1;
  #to = 0;

  constructor(rows: SpanRows) {
    this.#rows = rows;
  }

  /** Counts of the pixels [from, to) of row y into `counts` from 0 on; pixels of the mask itself have `own` more. */
  count(y: number, from: number, to: number, counts: Uint8Array, own: number): void {
    if (y !== this.#y || from < this.#to) this.#startRow(y);
    this.#to = to;
    const length = to - from;
    for (let at = 0; at < length; at++) counts[at] = 0;
    const { xs, rowStart, width, height } = this.#rows;
    for (let dy = -REACH; dy <= REACH; dy++) {
      const row = clamped(y + dy, height);
      const last = rowStart[row + 1];
      let at = this.#next[dy + REACH];
      while (at < last && xs[at + 1] + REACH <= from) at += 2;
      this.#next[dy + REACH] = at;
      for (; at < last && xs[at] - REACH < to; at += 2) {
        const left = xs[at] === 0 ? -REACH : xs[at];
        const right = xs[at + 1] === width ? width + REACH : xs[at + 1];
        addShares(counts, from, to, left, right);
        if (dy === 0) addOwn(counts, from, to, xs[at], xs[at + 1], own);
      }
    }
  }

  #startRow(y: number): void {
    this.#y = y;
    const { rowStart, height } = this.#rows;
    for (let dy = -REACH; dy <= REACH; dy++) this.#next[dy + REACH] = rowStart[clamped(y + dy, height)];
  }
}

function clamped(row: number, height: number): number {
  return row < 0 ? 0 : row >= height ? height - 1 : row;
}

/** Adds how much of [x - 2, x + 2] the span [left, right) covers, for every x of [from, to). */
function addShares(counts: Uint8Array, from: number, to: number, left: number, right: number): void {
  const start = left - REACH > from ? left - REACH : from;
  const end = right + REACH < to ? right + REACH : to;
  for (let x = start; x < end; x++) {
    const first = x - REACH > left ? x - REACH : left;
    const stop = x + REACH + 1 < right ? x + REACH + 1 : right;
    counts[x - from] += stop - first;
  }
}

function addOwn(counts: Uint8Array, from: number, to: number, left: number, right: number, own: number): void {
  const end = right < to ? right : to;
  for (let x = left > from ? left : from; x < end; x++) counts[x - from] += own;
}
