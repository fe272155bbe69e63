/** Connected parts of a mask as horizontal runs, in row order; positions are pixels of the whole map. */
export interface Parts {
  readonly starts: readonly number[];
  /** Exclusive. */
  readonly ends: readonly number[];
  /** Of each run, the part it belongs to: the number of one of the part's runs. */
  readonly partOf: readonly number[];
  /** Pixels of each part, at its number; elsewhere meaningless. */
  readonly areas: readonly number[];
}

/**
 * Parts of the pixels of `map` [height * width] that are foreground (> 0) or, with `foreground` false, are not; corners touch.
 * Runs are joined by union-find: a mask has few runs, so the cost is one pass over the pixels.
 */
export function labelParts(map: Float32Array, width: number, height: number, foreground = true): Parts {
  const starts: number[] = [];
  const ends: number[] = [];
  const parents: number[] = [];
  const areas: number[] = [];
  let above = 0;
  for (let row = 0; row < height; row++) {
    const rowFirst = starts.length;
    const rowStart = row * width;
    const rowEnd = rowStart + width;
    for (let at = rowStart; at < rowEnd; ) {
      if (map[at] > 0 !== foreground) {
        at++;
        continue;
      }
      const start = at;
      while (at < rowEnd && map[at] > 0 === foreground) at++;
      parents.push(starts.length);
      starts.push(start);
      ends.push(at);
      areas.push(at - start);
    }
    joinRows(starts, ends, parents, areas, { above, current: rowFirst, width });
    above = rowFirst;
  }
  return { starts, ends, partOf: starts.map((_, run) => rootOf(parents, run)), areas };
}

/** Joins the runs from `current` on with those of the row above (`above` to `current`) that touch them, corners included. */
function joinRows(
  starts: readonly number[],
  ends: readonly number[],
  parents: number[],
  areas: number[],
  rows: { readonly above: number; readonly current: number; readonly width: number },
): void {
  let upper = rows.above;
  for (let run = rows.current; run < starts.length; run++) {
    const left = starts[run] - rows.width - 1;
    const right = ends[run] - rows.width + 1;
    while (upper < rows.current && ends[upper] <= left) upper++;
    for (let other = upper; other < rows.current && starts[other] < right; other++) {
      const a = rootOf(parents, run);
      const b = rootOf(parents, other);
      if (a === b) continue;
      parents[a] = b;
      areas[b] += areas[a];
    }
  }
}

function rootOf(parents: number[], run: number): number {
  let root = run;
  while (parents[root] !== root) {
    parents[root] = parents[parents[root]];
    root = parents[root];
  }
  return root;
}
