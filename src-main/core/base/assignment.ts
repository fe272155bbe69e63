/** A full one-to-one assignment: `rows[i]` goes with `columns[i]`; rows ascend, min(rowCount, columnCount) pairs. */
export interface Assignment {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

/**
 * Rectangular linear assignment by shortest augmenting paths, O(n^2 m). `cost(row, column)` must be finite.
 * Of several optimal assignments it returns the one that scipy's `linear_sum_assignment` returns, because published metric
 * values depend on that choice where scores tie. Source: D. F. Crouse, "On implementing 2D rectangular assignment algorithms",
 * IEEE TAES 52(4), 2016; scan order and tie rule as scipy documents them.
 */
export function assign(
  rowCount: number,
  columnCount: number,
  cost: (row: number, column: number) => number,
  goal: 'min' | 'max' = 'min',
): Assignment {
  const sign = goal === 'max' ? -1 : 1;
  const tall = rowCount > columnCount;
  const short = tall ? columnCount : rowCount;
  const long = tall ? rowCount : columnCount;
  const costs = new Float64Array(short * long);
  for (let row = 0; row < short; row++) {
    for (let column = 0; column < long; column++) {
      costs[row * long + column] = sign * (tall ? cost(column, row) : cost(row, column));
    }
  }
  const columnOfRow = solve(costs, short, long);
  const pairs = Array.from(columnOfRow, (column, row) => (tall ? [column, row] : [row, column]));
  pairs.sort((a, b) => a[0] - b[0]);
  return { rows: pairs.map((pair) => pair[0]), columns: pairs.map((pair) => pair[1]) };
}

/** Working memory of one search for a shortest augmenting path. */
interface Search {
  readonly rowOfColumn: Int32Array;
  readonly rowPotential: Float64Array;
  readonly columnPotential: Float64Array;
  readonly pathCost: Float64Array;
  readonly previousRow: Int32Array;
  readonly rowSeen: Uint8Array;
  readonly columnSeen: Uint8Array;
  readonly remaining: Int32Array;
}

function solve(costs: Float64Array, rowCount: number, columnCount: number): Int32Array {
  const columnOfRow = new Int32Array(rowCount).fill(-1);
  const search: Search = {
    rowOfColumn: new Int32Array(columnCount).fill(-1),
    rowPotential: new Float64Array(rowCount),
    columnPotential: new Float64Array(columnCount),
    pathCost: new Float64Array(columnCount),
    previousRow: new Int32Array(columnCount),
    rowSeen: new Uint8Array(rowCount),
    columnSeen: new Uint8Array(columnCount),
    remaining: new Int32Array(columnCount),
  };
  for (let row = 0; row < rowCount; row++) {
    const { sink, length } = shortestPath(costs, columnCount, row, search);
    updatePotentials(search, columnOfRow, row, length);
    let column = sink;
    for (let at = -1; at !== row; ) {
      at = search.previousRow[column];
      search.rowOfColumn[column] = at;
      const freed = columnOfRow[at];
      columnOfRow[at] = column;
      column = freed;
    }
  }
  return columnOfRow;
}

/** Dijkstra from one free row to the nearest free column; a free column wins a tie, then the first in scan order. */
function shortestPath(
  costs: Float64Array,
  columnCount: number,
  startRow: number,
  search: Search,
): { readonly sink: number; readonly length: number } {
  const { rowOfColumn, rowPotential, columnPotential, pathCost, previousRow, rowSeen, columnSeen, remaining } = search;
  rowSeen.fill(0);
  columnSeen.fill(0);
  pathCost.fill(Number.POSITIVE_INFINITY);
  // Highest column first: the assignment of a constant matrix is then the identity.
  for (let at = 0; at < columnCount; at++) remaining[at] = columnCount - at - 1;
  let open = columnCount;
  let length = 0;
  let row = startRow;
  for (;;) {
    rowSeen[row] = 1;
    let best = -1;
    let lowest = Number.POSITIVE_INFINITY;
    for (let at = 0; at < open; at++) {
      const column = remaining[at];
      const reduced = length + costs[row * columnCount + column] - rowPotential[row] - columnPotential[column];
      if (reduced < pathCost[column]) {
        previousRow[column] = row;
        pathCost[column] = reduced;
      }
      if (pathCost[column] < lowest || (pathCost[column] === lowest && rowOfColumn[column] === -1)) {
        lowest = pathCost[column];
        best = at;
      }
    }
    length = lowest;
    const column = remaining[best];
    columnSeen[column] = 1;
    remaining[best] = remaining[--open];
    if (rowOfColumn[column] === -1) return { sink: column, length };
    row = rowOfColumn[column];
  }
}

function updatePotentials(search: Search, columnOfRow: Int32Array, startRow: number, length: number): void {
  search.rowPotential[startRow] += length;
  for (let row = 0; row < columnOfRow.length; row++) {
    if (search.rowSeen[row] && row !== startRow) {
      search.rowPotential[row] += length - search.pathCost[columnOfRow[row]];
    }
  }
  for (let column = 0; column < search.columnSeen.length; column++) {
    if (search.columnSeen[column]) search.columnPotential[column] -= length - search.pathCost[column];
  }
}
