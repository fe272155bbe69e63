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
  if (plane.last < plane.first) return;
  const grid = cellMeans(data, plane, cell / plane.step, 0, scratch);
  const size = grid.cell;
  for (let y = plane.first; y <= plane.last; y++) {
    const base = Math.floor(y / size) * grid.columns;
    for (let column = grid.left; column < grid.right; column++) {
      const value = Math.round(grid.values[base + column]);
      const from = y * plane.width + Math.max(plane.left, column * size);
      const to = y * plane.width + Math.min(plane.right, (column + 1) * size);
      blendRun(data, plane, from, to, value);
    }
  }
}

function blendRun(data: Uint8Array, plane: Plane, from: number, to: number, value: number): void {
  const { matte, start } = plane;
  for (let at = from; at < to; at++) {
    const part = matte[at];
    if (part === 0) continue;
    data[start + at] = part === 255 ? value : mixed(data[start + at], value, part);
  }
}

/** Blurs what the matte covers; `sigma` is the deviation of the (nearly Gaussian) kernel in luma pixels. */
export function blurPlane(data: Uint8Array, plane: Plane, sigma: number, scratch: CoarseScratch): void {
  if (plane.last < plane.first) return;
  const cell = cellFor(sigma);
  const radius = Math.max(1, Math.round((Math.sqrt(4 * (sigma / cell) ** 2 + 1) - 1) / 2));
  const grid = cellMeans(data, plane, Math.max(1, cell / plane.step), 3 * radius + 1, scratch);
  for (let pass = 0; pass < 3; pass++) boxBlur(grid, radius, scratch.other(grid.values.length));
  writeSmooth(data, plane, grid, scratch);
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
    for (let x = plane.left; x < plane.right; x++) {
      const covered = matte[y * width + x];
      if (covered === 0) continue;
      const along = (x + 0.5) * share + 0.5;
      const cellAt = along | 0;
      const value = (line[cellAt] + (line[cellAt + 1] - line[cellAt]) * (along - cellAt) + 0.5) | 0;
      const target = start + y * width + x;
      data[target] = covered === 255 ? value : mixed(data[target], value, covered);
    }
  }
}
