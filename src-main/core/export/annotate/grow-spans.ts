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
  const line = new Int32Array(rows.width + 2);
  let outside: Eroder | null = null;
  for (let y = range.first; y <= range.last; y++) {
    out.moveToRow(y);
    const count = growSimple(rows, y, reaches, line);
    for (let at = 0; at < count; at += 2) out.push(line[at], line[at + 1]);
    if (count >= 0) continue;
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

/**
 * The usual row: every row near has as many spans, or none, and each grows together with those above and below it alone. Numbers written
 * to `line`; -1: it is another row.
 */
function growSimple(rows: SpanRows, y: number, reaches: Int32Array, line: Int32Array): number {
  const { xs, rowStart, width, height } = rows;
  const radius = reaches.length - 1;
  const top = Math.max(0, y - radius);
  const bottom = Math.min(height - 1, y + radius);
  const spans = spansOfRows(rows, top, bottom, true);
  for (let each = 0; each < spans; each += 2) {
    let left = width;
    let right = 0;
    let lastLeft = 0;
    let firstRight = width;
    for (let near = top; near <= bottom; near++) {
      if (rowStart[near] === rowStart[near + 1]) continue;
      const at = rowStart[near] + each;
      const reach = reaches[near < y ? y - near : near - y];
      const from = xs[at] - reach;
      const to = xs[at + 1] + reach;
      if (from < left) left = from;
      if (from > lastLeft) lastLeft = from;
      if (to > right) right = to;
      if (to < firstRight) firstRight = to;
    }
    if (lastLeft > firstRight || (each > 0 && left <= line[each - 1])) return -1;
    line[each] = left < 0 ? 0 : left;
    line[each + 1] = right > width ? width : right;
  }
  return spans;
}

/** Numbers that each of the rows has; -1 where they differ. `sparse`: empty rows do not count. */
function spansOfRows({ rowStart }: SpanRows, top: number, bottom: number, sparse: boolean): number {
  let spans = 0;
  for (let near = top; near <= bottom; near++) {
    const here = rowStart[near + 1] - rowStart[near];
    if (here === 0 && sparse) continue;
    if (here === 0) return 0;
    if (spans > 0 && here !== spans) return -1;
    spans = here;
  }
  return spans;
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
    const simple = shrinkSimple(this.#rows, y, this.#reaches, this.#current);
    const count = simple < 0 ? this.#erode(y) : simple;
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

/**
 * The usual row: every row near has as many spans, and each shares pixels with those above and below it alone. Numbers written to
 * `line`; -1: it is another row.
 */
function shrinkSimple(rows: SpanRows, y: number, reaches: Int32Array, line: Int32Array): number {
  const { xs, rowStart, width, height } = rows;
  const radius = reaches.length - 1;
  const top = Math.max(0, y - radius);
  const bottom = Math.min(height - 1, y + radius);
  const spans = spansOfRows(rows, top, bottom, false);
  let written = 0;
  let reached = 0;
  for (let each = 0; each < spans; each += 2) {
    let left = 0;
    let right = width;
    let firstLeft = width;
    let lastRight = 0;
    for (let near = top; near <= bottom; near++) {
      const at = rowStart[near] + each;
      const reach = reaches[near < y ? y - near : near - y];
      const from = xs[at] === 0 ? 0 : xs[at] + reach;
      const to = xs[at + 1] === width ? width : xs[at + 1] - reach;
      if (from > left) left = from;
      if (from < firstLeft) firstLeft = from;
      if (to < right) right = to;
      if (to > lastRight) lastRight = to;
    }
    if (firstLeft < reached) return -1;
    reached = lastRight;
    if (left >= right) continue;
    line[written++] = left;
    line[written++] = right;
  }
  return spans < 0 ? -1 : written;
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
