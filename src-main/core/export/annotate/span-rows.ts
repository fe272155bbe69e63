import { forEachRun, type RleMask } from '../../../../src-shared/mask/rle.ts';

/**
 * A binary picture as horizontal spans: row y owns `xs[rowStart[y] .. rowStart[y + 1])`, pairs (from, to), `to` exclusive,
 * ascending and disjoint. What drawing works on: its cost follows the number of runs, not the number of pixels.
 */
export class SpanRows {
  readonly width: number;
  readonly height: number;
  readonly rowStart: Int32Array;
  xs: Int32Array;
  #length = 0;
  #row = 0;

  constructor(width: number, height: number, capacity: number) {
    this.width = width;
    this.height = height;
    this.rowStart = new Int32Array(height + 1);
    this.xs = new Int32Array(Math.max(16, capacity));
  }

  push(from: number, to: number): void {
    if (this.#length + 2 > this.xs.length) {
      const grown = new Int32Array(this.xs.length * 2);
      grown.set(this.xs);
      this.xs = grown;
    }
    this.xs[this.#length++] = from;
    this.xs[this.#length++] = to;
  }

  /** Closes rows so that the next span belongs to row `y`. */
  moveToRow(y: number): void {
    while (this.#row < y) this.rowStart[++this.#row] = this.#length;
  }

  /** Calls `visit(y, from, to)` for every span, top to bottom. */
  forEach(visit: (y: number, from: number, to: number) => void): void {
    for (let y = 0; y < this.height; y++) {
      for (let at = this.rowStart[y]; at < this.rowStart[y + 1]; at += 2) visit(y, this.xs[at], this.xs[at + 1]);
    }
  }
}

/** Cuts the runs of a mask at row ends. */
export function spansFromMask(mask: RleMask): SpanRows {
  const { width, height } = mask;
  const rows = new SpanRows(width, height, mask.bytes.length + 2);
  forEachRun(mask, (start, end) => {
    let y = Math.floor(start / width);
    let from = start - y * width;
    let left = end - start;
    while (left > 0) {
      const to = Math.min(width, from + left);
      rows.moveToRow(y);
      rows.push(from, to);
      left -= to - from;
      from = 0;
      y++;
    }
  });
  rows.moveToRow(height);
  return rows;
}

/** Inclusive rows. */
export interface RowRange {
  readonly first: number;
  readonly last: number;
}

/** Rows of the frame within `margin` of a covered row; last < first when nothing is covered. */
export function rowsAround(rows: SpanRows, margin: number): RowRange {
  let first = 0;
  while (first < rows.height && rows.rowStart[first + 1] === 0) first++;
  if (first === rows.height) return { first: 0, last: -1 };
  let last = rows.height - 1;
  while (rows.rowStart[last] === rows.rowStart[rows.height]) last--;
  return { first: Math.max(0, first - margin), last: Math.min(rows.height - 1, last + margin) };
}

/** Everything that `rows` does not cover, in the rows of `range`; the other rows stay empty. */
export function complementSpans(rows: SpanRows, range: RowRange): SpanRows {
  const out = new SpanRows(rows.width, rows.height, rows.rowStart[rows.height] + 2 * (range.last - range.first + 1));
  for (let y = range.first; y <= range.last; y++) {
    out.moveToRow(y);
    let from = 0;
    for (let at = rows.rowStart[y]; at < rows.rowStart[y + 1]; at += 2) {
      if (rows.xs[at] > from) out.push(from, rows.xs[at]);
      from = rows.xs[at + 1];
    }
    if (from < rows.width) out.push(from, rows.width);
  }
  out.moveToRow(rows.height);
  return out;
}

/** Calls `visit(y, from, to)` for what `outer` covers and `inner` does not; `inner` lies inside `outer`. Rows of `range` only. */
export function forEachSpanBetween(
  outer: SpanRows,
  inner: SpanRows,
  range: RowRange,
  visit: (y: number, from: number, to: number) => void,
): void {
  for (let y = range.first; y <= range.last; y++) {
    let at = inner.rowStart[y];
    const last = inner.rowStart[y + 1];
    for (let index = outer.rowStart[y]; index < outer.rowStart[y + 1]; index += 2) {
      let from = outer.xs[index];
      const to = outer.xs[index + 1];
      for (; at < last && inner.xs[at] < to; at += 2) {
        if (inner.xs[at] > from) visit(y, from, inner.xs[at]);
        from = inner.xs[at + 1];
      }
      if (from < to) visit(y, from, to);
    }
  }
}
