/**
 * Minimum-cost one-to-one assignment (Hungarian method with potentials, O(n^2 m)). `cost` is [rows * columns], row-major.
 * Returns for every row its column, or -1 when there are fewer columns than rows and it stays free.
 */
export function assign(cost: ArrayLike<number>, rows: number, columns: number): number[] {
  if (rows === 0 || columns === 0) return new Array<number>(rows).fill(-1);
  if (rows <= columns) return assignWide((row, column) => cost[row * columns + column], rows, columns);
  const rowOfColumn = assignWide((column, row) => cost[row * columns + column], columns, rows);
  const columnOfRow = new Array<number>(rows).fill(-1);
  rowOfColumn.forEach((row, column) => {
    columnOfRow[row] = column;
  });
  return columnOfRow;
}

/** One augmenting path per row; rows <= columns. Index 0 of the working arrays is the virtual start. */
function assignWide(cost: (row: number, column: number) => number, rows: number, columns: number): number[] {
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(columns + 1);
  const rowAt = new Int32Array(columns + 1);
  const cameFrom = new Int32Array(columns + 1);
  for (let row = 1; row <= rows; row++) {
    rowAt[0] = row;
    let column = 0;
    const best = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
    const used = new Uint8Array(columns + 1);
    while (rowAt[column] !== 0) {
      used[column] = 1;
      const current = rowAt[column];
      let delta = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let at = 1; at <= columns; at++) {
        if (used[at]) continue;
        const reduced = cost(current - 1, at - 1) - rowPotential[current] - columnPotential[at];
        if (reduced < best[at]) {
          best[at] = reduced;
          cameFrom[at] = column;
        }
        if (best[at] < delta) {
          delta = best[at];
          next = at;
        }
      }
      for (let at = 0; at <= columns; at++) {
        if (used[at]) {
          rowPotential[rowAt[at]] += delta;
          columnPotential[at] -= delta;
        } else best[at] -= delta;
      }
      column = next;
    }
    for (; column !== 0; column = cameFrom[column]) rowAt[column] = rowAt[cameFrom[column]];
  }
  const columnOfRow = new Array<number>(rows).fill(-1);
  for (let at = 1; at <= columns; at++) if (rowAt[at] !== 0) columnOfRow[rowAt[at] - 1] = at - 1;
  return columnOfRow;
}
