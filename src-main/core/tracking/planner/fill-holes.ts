export interface FillHolesOptions {
  /** Components of at most this many pixels are changed; <= 0 changes nothing. */
  readonly maxArea: number;
  readonly fillHoles: boolean;
  readonly removeSprinkles: boolean;
}

const filled = 0.1;
const removed = -0.1;

/**
 * Repairs one mask in place (logits [height * width] at `offset`, foreground > 0, 8-connectivity): background specks of at most
 * `maxArea` pixels become +0.1, then foreground specks of at most min(maxArea, half of the foreground) become -0.1.
 * Source: SAM 3 `fill_holes_in_mask_scores`.
 */
export function fillHoles(
  logits: Float32Array,
  width: number,
  height: number,
  options: FillHolesOptions,
  offset = 0,
): void {
  const { maxArea } = options;
  if (maxArea <= 0) return;
  const map = logits.subarray(offset, offset + width * height);
  if (options.fillHoles) replaceSmall(map, width, height, { foreground: false, maxArea, value: filled });
  if (!options.removeSprinkles) return;
  let total = 0;
  for (let at = 0; at < map.length; at++) if (map[at] > 0) total++;
  const limit = Math.min(maxArea, Math.floor(total / 2));
  replaceSmall(map, width, height, { foreground: true, maxArea: limit, value: removed });
}

interface Replacement {
  readonly foreground: boolean;
  readonly maxArea: number;
  readonly value: number;
}

/** Horizontal runs joined by union-find: a mask has few runs, so the cost is one pass over the pixels. */
function replaceSmall(map: Float32Array, width: number, height: number, replacement: Replacement): void {
  const { foreground, maxArea, value } = replacement;
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
  for (let run = 0; run < starts.length; run++) {
    if (areas[rootOf(parents, run)] <= maxArea) map.fill(value, starts[run], ends[run]);
  }
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
