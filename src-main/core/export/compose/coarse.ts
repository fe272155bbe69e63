import { apart } from './apart.ts';
import { mixed, type Plane } from './planes.ts';

/**
 * A plane seen coarsely: means of square cells on a grid that is fixed to the frame, so that it does not swim with the object.
 * Only cells of the wanted part are filled.
 */
interface CellGrid {
  readonly cell: number;
  readonly columns: number;
  readonly rows: number;
  readonly values: Float32Array;
  /** Filled cells, last ones exclusive. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Buffers that grow to the largest grid and are used again. */
export class CoarseScratch {
  #values = new Float32Array(0);
  #other = new Float32Array(0);

  values(size: number): Float32Array {
    if (this.#values.length < size) this.#values = new Float32Array(size);
    return this.#values;
  }

  other(size: number): Float32Array {
    if (this.#other.length < size) this.#other = new Float32Array(size);
    return this.#other;
  }
}

/** Replaces what the matte covers by the means of `cell` x `cell` luma pixels. `cell` is even. */
export function pixelatePlane(data: Uint8Array, plane: Plane, cell: number, scratch: CoarseScratch): void {
  const size = cell / plane.step;
  for (const part of apart(plane, size)) pixelatePart(data, part, cellMeans(data, part, size, 0, scratch));
}

function pixelatePart(data: Uint8Array, plane: Plane, { cell, columns, values }: CellGrid): void {
  const { start, width, matte } = plane;
  for (let y = plane.first; y <= plane.last; y++) {
    const base = Math.floor(y / cell) * columns;
    forEachTouched(plane, y, (from, to) => {
      let column = Math.floor(from / cell);
      let end = (column + 1) * cell;
      let value = Math.round(values[base + column]);
      for (let x = from; x < to; x++) {
        if (x === end) {
          column++;
          end += cell;
          value = Math.round(values[base + column]);
        }
        const at = y * width + x;
        const covered = matte[at];
        data[start + at] = covered === 255 ? value : mixed(data[start + at], value, covered);
      }
    });
  }
}

/** Calls `visit` for the spans of a row that lie in the plane's box; a span lies in it wholly or not at all. */
function forEachTouched(
  { touched: { xs, rowStart }, left, right }: Plane,
  y: number,
  visit: (from: number, to: number) => void,
): void {
  for (let at = rowStart[y]; at < rowStart[y + 1]; at += 2) {
    if (xs[at] >= left && xs[at] < right) visit(xs[at], xs[at + 1]);
  }
}

/** Blurs what the matte covers; `sigma` is the deviation of the (nearly Gaussian) kernel in luma pixels. */
export function blurPlane(data: Uint8Array, plane: Plane, sigma: number, scratch: CoarseScratch): void {
  const cell = cellFor(sigma);
  const radius = Math.max(1, Math.round((Math.sqrt(4 * (sigma / cell) ** 2 + 1) - 1) / 2));
  const size = Math.max(1, cell / plane.step);
  const margin = 3 * radius + 1;
  for (const part of apart(plane, (margin + 1) * size)) {
    const grid = cellMeans(data, part, size, margin, scratch);
    for (let pass = 0; pass < 3; pass++) boxBlur(grid, radius, scratch.other(grid.values.length));
    writeSmooth(data, part, grid, scratch);
  }
}

/** Cells small enough that what is left of them is hidden by the blur: powers of two, even. */
function cellFor(sigma: number): number {
  return Math.min(16, Math.max(2, 2 ** Math.floor(Math.log2(Math.max(1, sigma / 2)))));
}

function cellMeans(data: Uint8Array, plane: Plane, cell: number, margin: number, scratch: CoarseScratch): CellGrid {
  const columns = Math.ceil(plane.width / cell);
  const rows = Math.ceil(plane.height / cell);
  const left = Math.max(0, Math.floor(plane.left / cell) - margin);
  const right = Math.min(columns, Math.ceil(plane.right / cell) + margin);
  const top = Math.max(0, Math.floor(plane.first / cell) - margin);
  const bottom = Math.min(rows, Math.floor(plane.last / cell) + 1 + margin);
  const values = scratch.values(columns * rows);
  for (let row = top; row < bottom; row++) {
    const endY = Math.min(plane.height, (row + 1) * cell);
    const base = row * columns;
    values.fill(0, base + left, base + right);
    for (let y = row * cell; y < endY; y++) sumRow(data, plane, y, cell, values, base, left, right);
    const height = endY - row * cell;
    for (let column = left; column < right; column++) {
      values[base + column] /= height * (Math.min(plane.width, (column + 1) * cell) - column * cell);
    }
  }
  return { cell, columns, rows, values, left, right, top, bottom };
}

function sumRow(
  data: Uint8Array,
  plane: Plane,
  y: number,
  cell: number,
  values: Float32Array,
  base: number,
  left: number,
  right: number,
): void {
  const row = plane.start + y * plane.width;
  const end = row + plane.width;
  for (let column = left, at = row + left * cell; column < right; column++) {
    const stop = Math.min(end, at + cell);
    let sum = 0;
    while (at < stop) sum += data[at++];
    values[base + column] += sum;
  }
}

/** A running mean over 2 * radius + 1 cells along rows, then along columns; beyond the filled part the border cell repeats. */
function boxBlur(grid: CellGrid, radius: number, other: Float32Array): void {
  const { left, right, top, bottom, columns, values } = grid;
  for (let row = top; row < bottom; row++) {
    runningMean(values, other, row * columns + left, 1, right - left, radius);
  }
  for (let column = left; column < right; column++) {
    runningMean(other, values, top * columns + column, columns, bottom - top, radius);
  }
}

function runningMean(
  from: Float32Array,
  to: Float32Array,
  start: number,
  step: number,
  count: number,
  radius: number,
): void {
  const last = start + (count - 1) * step;
  let sum = 0;
  for (let each = -radius; each <= radius; each++) sum += from[Math.min(last, Math.max(start, start + each * step))];
  const share = 1 / (2 * radius + 1);
  for (let each = 0; each < count; each++) {
    const at = start + each * step;
    to[at] = sum * share;
    sum += from[Math.min(last, at + (radius + 1) * step)] - from[Math.max(start, at - radius * step)];
  }
}

/** Bilinear between cell centres. */
function writeSmooth(data: Uint8Array, plane: Plane, grid: CellGrid, scratch: CoarseScratch): void {
  const { cell, columns, values, left, right, top, bottom } = grid;
  const line = scratch.other(columns + 2);
  const { matte, start, width } = plane;
  const share = 1 / cell;
  for (let y = plane.first; y <= plane.last; y++) {
    const at = (y + 0.5) * share - 0.5;
    const upper = Math.min(bottom - 1, Math.max(top, Math.floor(at))) * columns;
    const lower = Math.min(bottom - 1, Math.max(top, Math.floor(at) + 1)) * columns;
    const part = at - Math.floor(at);
    for (let column = left; column < right; column++) {
      line[column + 1] = values[upper + column] + (values[lower + column] - values[upper + column]) * part;
    }
    line[left] = line[left + 1];
    line[right + 1] = line[right];
    forEachTouched(plane, y, (from, to) => {
      for (let x = from; x < to; x++) {
        const covered = matte[y * width + x];
        const along = (x + 0.5) * share + 0.5;
        const cellAt = along | 0;
        const value = (line[cellAt] + (line[cellAt + 1] - line[cellAt]) * (along - cellAt) + 0.5) | 0;
        const target = start + y * width + x;
        data[target] = covered === 255 ? value : mixed(data[target], value, covered);
      }
    });
  }
}
