/** Part of a batch that one call of a graph takes. */
export interface BatchPart {
  readonly start: number;
  /** Items that count. */
  readonly count: number;
  /** Rows the graph gets; more than `count` when it fixes its batch, the last item then repeats. */
  readonly rows: number;
}

/** Splits `count` items for a graph with a fixed batch, or for a limit that bounds its memory; one part when neither applies. */
export function batchParts(count: number, fixed: number | undefined, limit: number): readonly BatchPart[] {
  const step = fixed ?? Math.min(limit, count);
  const parts: BatchPart[] = [];
  for (let start = 0; start < count; start += step) {
    const here = Math.min(step, count - start);
    parts.push({ start, count: here, rows: fixed ?? here });
  }
  return parts;
}

/** Items of a part, padded to its rows. */
export function partItems<T>(items: readonly T[], part: BatchPart): readonly T[] {
  const last = items[part.start + part.count - 1];
  return Array.from({ length: part.rows }, (_, row) => (row < part.count ? items[part.start + row] : last));
}
