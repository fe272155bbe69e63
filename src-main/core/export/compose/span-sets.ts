import { type RowRange, SpanRows } from '../annotate/span-rows.ts';

/** What any of the pictures covers; they have one size. */
export function uniteSpans(all: readonly SpanRows[], width: number, height: number): SpanRows {
  if (all.length === 1) return all[0];
  const out = new SpanRows(width, height, 64);
  const cursor = new Int32Array(all.length);
  for (let y = 0; y < height; y++) {
    out.moveToRow(y);
    for (let each = 0; each < all.length; each++) cursor[each] = all[each].rowStart[y];
    uniteRow(all, y, cursor, out);
  }
  out.moveToRow(height);
  return out;
}

/** Takes spans in order of their left ends and joins those that touch. */
function uniteRow(all: readonly SpanRows[], y: number, cursor: Int32Array, out: SpanRows): void {
  let from = -1;
  let to = -1;
  for (;;) {
    let next = -1;
    for (let each = 0; each < all.length; each++) {
      if (cursor[each] === all[each].rowStart[y + 1]) continue;
      if (next < 0 || all[each].xs[cursor[each]] < all[next].xs[cursor[next]]) next = each;
    }
    if (next < 0) break;
    const start = all[next].xs[cursor[next]];
    const end = all[next].xs[cursor[next] + 1];
    cursor[next] += 2;
    if (start > to) {
      if (from >= 0) out.push(from, to);
      from = start;
      to = end;
    } else to = Math.max(to, end);
  }
  if (from >= 0) out.push(from, to);
}

/** The chroma samples whose 2x2 block the spans reach. */
export function chromaSpans(rows: SpanRows): SpanRows {
  const width = Math.ceil(rows.width / 2);
  const height = Math.ceil(rows.height / 2);
  const [upper, lower] = [0, 1].map((parity) => {
    const half = new SpanRows(width, height, rows.rowStart[rows.height]);
    for (let row = 0; row < height; row++) {
      half.moveToRow(row);
      const y = 2 * row + parity;
      if (y === rows.height) continue;
      for (let at = rows.rowStart[y]; at < rows.rowStart[y + 1]; at += 2) {
        half.push(rows.xs[at] >> 1, (rows.xs[at + 1] + 1) >> 1);
      }
    }
    half.moveToRow(height);
    return half;
  });
  return uniteSpans([upper, lower], width, height);
}

/** A filled box, cut off at the frame. */
export function boxSpans(
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  width: number,
  height: number,
): SpanRows {
  const out = new SpanRows(width, height, 2 * height);
  const from = Math.max(0, Math.floor(box.x));
  const to = Math.min(width, Math.ceil(box.x + box.width));
  const bottom = Math.min(height, Math.ceil(box.y + box.height));
  for (let y = Math.max(0, Math.floor(box.y)); y < bottom; y++) {
    out.moveToRow(y);
    if (from < to) out.push(from, to);
  }
  out.moveToRow(height);
  return out;
}

export function isEmpty(rows: SpanRows): boolean {
  return rows.rowStart[rows.height] === 0;
}

/** Columns [left, right) that the rows first .. last reach; right <= left when there are none. */
export function columnsOf(rows: SpanRows, range: RowRange): readonly [number, number] {
  let left = rows.width;
  let right = 0;
  for (let y = range.first; y <= range.last; y++) {
    if (rows.rowStart[y] === rows.rowStart[y + 1]) continue;
    left = Math.min(left, rows.xs[rows.rowStart[y]]);
    right = Math.max(right, rows.xs[rows.rowStart[y + 1] - 1]);
  }
  return [left, right];
}
