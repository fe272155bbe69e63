import type { SpanRows } from './span-rows.ts';

const REACH = 2;
const SIDE = 2 * REACH + 1;

/** Values that a count can have: 0..25. */
export const WINDOW_COUNTS = SIDE * SIDE + 1;

/**
 * Counts foreground pixels in 5x5 windows straight from spans: an edge is a few pixels a row, and painting a whole mask to count there
 * cost more than the counting. Beyond the frame the border pixel repeats.
 * From pixel to pixel the count of one row rises by one while a window slides over a span's start, and falls over its end; so
 * only where a slope changes is written down.
 */
export class WindowCounter {
  readonly #rows: SpanRows;
  /** For each of the five rows, the first span that may still be met; stretches come from left to right. */
  readonly #next = new Int32Array(SIDE);
  /** By how much the slope changes at each pixel of the stretch; zero between calls. */
  readonly #turns: Int8Array;
  #y = -1;
  #to = 0;
  /** Count of the pixel before the stretch, and its slope. */
  #count = 0;
  #slope = 0;

  constructor(rows: SpanRows) {
    this.#rows = rows;
    this.#turns = new Int8Array(rows.width);
  }

  /** Counts of the pixels [from, to) of row y into `counts` from 0 on; pixels of the mask itself have `own` more. */
  count(y: number, from: number, to: number, counts: Uint8Array, own: number): void {
    if (y !== this.#y || from < this.#to) this.#startRow(y);
    this.#to = to;
    this.#count = 0;
    this.#slope = 0;
    const { xs, rowStart, width, height } = this.#rows;
    for (let dy = 0; dy < SIDE; dy++) {
      const last = rowStart[clamped(y + dy - REACH, height) + 1];
      let at = this.#next[dy];
      while (at < last && xs[at + 1] + REACH <= from) at += 2;
      this.#next[dy] = at;
      for (; at < last && xs[at] - REACH < to; at += 2) {
        if (xs[at] > 0) this.#turn(xs[at] - REACH, 1, from, to);
        else this.#count += SIDE;
        if (xs[at + 1] < width) this.#turn(xs[at + 1] - REACH, -1, from, to);
      }
    }
    this.#sum(to - from, counts);
    if (own === 0) return;
    for (let at = this.#next[REACH]; at < rowStart[y + 1] && xs[at] < to; at += 2) {
      addOwn(counts, from, to, xs[at], xs[at + 1], own);
    }
  }

  #startRow(y: number): void {
    this.#y = y;
    const { rowStart, height } = this.#rows;
    for (let dy = 0; dy < SIDE; dy++) this.#next[dy] = rowStart[clamped(y + dy - REACH, height)];
  }

  /** The count rises (falls) by one at each of the five pixels from `first` on. */
  #turn(first: number, sign: number, from: number, to: number): void {
    const before = from - first;
    if (before >= SIDE) {
      this.#count += SIDE * sign;
      return;
    }
    if (before > 0) {
      this.#count += before * sign;
      this.#slope += sign;
    } else if (first < to) this.#turns[first - from] += sign;
    if (first + SIDE < to) this.#turns[first + SIDE - from] -= sign;
  }

  #sum(length: number, counts: Uint8Array): void {
    const turns = this.#turns;
    let count = this.#count;
    let slope = this.#slope;
    for (let at = 0; at < length; at++) {
      slope += turns[at];
      turns[at] = 0;
      count += slope;
      counts[at] = count;
    }
  }
}

function clamped(row: number, height: number): number {
  return row < 0 ? 0 : row >= height ? height - 1 : row;
}

function addOwn(counts: Uint8Array, from: number, to: number, left: number, right: number, own: number): void {
  const end = right < to ? right : to;
  for (let x = left > from ? left : from; x < end; x++) counts[x - from] += own;
}
