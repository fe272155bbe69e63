import { complementSpans, type RowRange, rowsAround, SpanRows } from './span-rows.ts';

/**
 * Pixels of the rows of `range` whose disc of `radius` lies wholly inside. Beyond the frame counts as inside, so an object that
 * leaves the picture has no edge along the picture's border.
 */
export function erodeSpans(rows: SpanRows, radius: number, range: RowRange): SpanRows {
  const out = new SpanRows(rows.width, rows.height, rows.rowStart[rows.height]);
  const reaches = discReaches(radius);
  const eroder = new Eroder(rows, reaches);
  for (let y = range.first; y <= range.last; y++) {
    out.moveToRow(y);
    eroder.row(y, out);
  }
  out.moveToRow(rows.height);
  return out;
}

/** Everything within `radius` whole pixels (a disc) of the spans. */
export function dilateSpans(rows: SpanRows, radius: number): SpanRows {
  const range = rowsAround(rows, radius);
  if (radius <= 0 || range.last < range.first) return rows;
  const reaches = discReaches(radius);
  const out = new SpanRows(rows.width, rows.height, rows.rowStart[rows.height] + 4 * radius);
  let outside: Eroder | null = null;
  for (let y = range.first; y <= range.last; y++) {
    out.moveToRow(y);
    if (growSimple(rows, y, reaches, out)) continue;
    outside ??= new Eroder(complementSpans(rows, { first: 0, last: rows.height - 1 }), reaches);
    outside.gaps(y, out);
  }
  out.moveToRow(rows.height);
  return out;
}

/** How far a disc reaches to the sides, by the distance from its middle row. */
function discReaches(radius: number): Int32Array {
  return Int32Array.from({ length: radius + 1 }, (_, dy) =>
    Math.floor(Math.sqrt(radius * radius - dy * dy + 0.5 * radius)),
  );
}

/** The usual row: every row near has one span at most and together they grow into one. False: nothing was written. */
function growSimple(rows: SpanRows, y: number, reaches: Int32Array, out: SpanRows): boolean {
  const { xs, rowStart, width, height } = rows;
  const radius = reaches.length - 1;
  const bottom = Math.min(height - 1, y + radius);
  let left = width;
  let right = 0;
  let lastLeft = 0;
  let firstRight = width;
  for (let near = Math.max(0, y - radius); near <= bottom; near++) {
    const at = rowStart[near];
    const spans = rowStart[near + 1] - at;
    if (spans === 0) continue;
    if (spans > 2) return false;
    const reach = reaches[near < y ? y - near : near - y];
    const from = xs[at] - reach;
    const to = xs[at + 1] + reach;
    if (from < left) left = from;
    if (from > lastLeft) lastLeft = from;
    if (to > right) right = to;
    if (to < firstRight) firstRight = to;
  }
  if (right === 0) return true;
  if (lastLeft > firstRight) return false;
  out.push(left < 0 ? 0 : left, right > width ? width : right);
  return true;
}

/** Erodes row by row, with working memory of its own. */
class Eroder {
  readonly #rows: SpanRows;
  readonly #reaches: Int32Array;
  #current: Int32Array;
  #next: Int32Array;

  constructor(rows: SpanRows, reaches: Int32Array) {
    this.#rows = rows;
    this.#reaches = reaches;
    this.#current = new Int32Array(rows.width + 2);
    this.#next = new Int32Array(rows.width + 2);
  }

  /** What is left of a row. */
  row(y: number, out: SpanRows): void {
    if (shrinkSimple(this.#rows, y, this.#reaches, out)) return;
    const count = this.#erode(y);
    for (let at = 0; at < count; at += 2) out.push(this.#current[at], this.#current[at + 1]);
  }

  /** What is not left of a row. */
  gaps(y: number, out: SpanRows): void {
    const count = this.#erode(y);
    let from = 0;
    for (let at = 0; at < count; at += 2) {
      if (this.#current[at] > from) out.push(from, this.#current[at]);
      from = this.#current[at + 1];
    }
    if (from < this.#rows.width) out.push(from, this.#rows.width);
  }

  /** Numbers written to `#current`. */
  #erode(y: number): number {
    const { width, height } = this.#rows;
    const radius = this.#reaches.length - 1;
    this.#current[0] = 0;
    this.#current[1] = width;
    let count = 2;
    for (let dy = -radius; dy <= radius && count > 0; dy++) {
      const near = y + dy;
      if (near < 0 || near >= height) continue;
      count = intersectRow(this.#current, count, this.#rows, near, this.#reaches[Math.abs(dy)], this.#next);
      const swap = this.#current;
      this.#current = this.#next;
      this.#next = swap;
    }
    return count;
  }
}

/** The usual row: every row near has one span at most. False: nothing was written. */
function shrinkSimple(rows: SpanRows, y: number, reaches: Int32Array, out: SpanRows): boolean {
  const { xs, rowStart, width, height } = rows;
  const radius = reaches.length - 1;
  const bottom = Math.min(height - 1, y + radius);
  let left = 0;
  let right = width;
  for (let near = Math.max(0, y - radius); near <= bottom; near++) {
    const at = rowStart[near];
    const spans = rowStart[near + 1] - at;
    if (spans === 0) return true;
    if (spans > 2) return false;
    const reach = reaches[near < y ? y - near : near - y];
    const from = xs[at] === 0 ? 0 : xs[at] + reach;
    const to = xs[at + 1] === width ? width : xs[at + 1] - reach;
    if (from > left) left = from;
    if (to < right) right = to;
  }
  if (left < right) out.push(left, right);
  return true;
}

/** Writes what `spans` shares with a row shrunk by `shrink` pixels at both ends; returns how many numbers were written. */
function intersectRow(
  spans: Int32Array,
  count: number,
  { xs, rowStart, width }: SpanRows,
  y: number,
  shrink: number,
  out: Int32Array,
): number {
  let written = 0;
  let index = 0;
  const last = rowStart[y + 1];
  for (let at = rowStart[y]; at < last; at += 2) {
    const from = xs[at] === 0 ? 0 : xs[at] + shrink;
    const to = xs[at + 1] === width ? width : xs[at + 1] - shrink;
    if (from >= to) continue;
    while (index < count && spans[index + 1] <= from) index += 2;
    for (let inner = index; inner < count && spans[inner] < to; inner += 2) {
      out[written++] = Math.max(from, spans[inner]);
      out[written++] = Math.min(to, spans[inner + 1]);
    }
  }
  return written;
}
