import type { Size } from '../geometry/geometry.ts';
import { type RleMask, RleWriter } from './rle.ts';

/** Where output pixels fall between the samples of a coarse axis: cell i spans samples i and i + 1 (the last one is flat). */
interface Axis {
  /** First output pixel of each cell, [from + 1]; the last entry is the number of pixels. */
  readonly cellStart: Int32Array;
  /** Cell and position inside it, 0..1, per output pixel. */
  readonly cell: Int32Array;
  readonly fraction: Float32Array;
}

/**
 * Mask logits [side * side] -> the mask at video size: foreground where the bilinear interpolation (half-pixel centres, no antialias,
 * as torch `interpolate(align_corners=False)`) is > 0. Cost grows with height * side, not with height * width: between two samples
 * of a row the interpolation is linear, so it changes sign at most once.
 */
export function rleFromLogits(logits: Float32Array, side: number, width: number, height: number): RleMask {
  return rleFromGrid(logits, { width: side, height: side }, width, height);
}

/**
 * The same for a picture that fills only the top left of the model's square (`shown` of `square` pixels): logits are first brought to
 * the square's size, cut, and then brought to the video's. Source: SAM `postprocess_masks`.
 */
export function rleFromPaddedLogits(
  logits: Float32Array,
  side: number,
  { square, shown }: { readonly square: number; readonly shown: Size },
  width: number,
  height: number,
): RleMask {
  const columns = axisOf(side, square);
  const rows = axisOf(side, square);
  const row = new Float32Array(side + 1);
  const cut = new Float32Array(shown.width * shown.height);
  for (let y = 0; y < shown.height; y++) {
    blendRow(logits, { width: side, height: side }, rows.cell[y], rows.fraction[y], row);
    for (let x = 0; x < shown.width; x++) {
      const at = columns.cell[x];
      const fraction = columns.fraction[x];
      cut[y * shown.width + x] = row[at] * (1 - fraction) + row[at + 1] * fraction;
    }
  }
  return rleFromGrid(cut, shown, width, height);
}

function rleFromGrid(logits: Float32Array, grid: Size, width: number, height: number): RleMask {
  const columns = axisOf(grid.width, width);
  const rows = axisOf(grid.height, height);
  const writer = new RleWriter(width, height);
  const row = new Float32Array(grid.width + 1);
  for (let y = 0; y < height; y++) {
    blendRow(logits, grid, rows.cell[y], rows.fraction[y], row);
    writeRow(row, grid.width, columns, writer);
  }
  return writer.finish();
}

function blendRow(logits: Float32Array, grid: Size, upper: number, fraction: number, row: Float32Array): void {
  const { width, height } = grid;
  const from = upper * width;
  const to = Math.min(upper + 1, height - 1) * width;
  for (let x = 0; x < width; x++) row[x] = logits[from + x] * (1 - fraction) + logits[to + x] * fraction;
  row[width] = row[width - 1];
}

function writeRow(row: Float32Array, side: number, columns: Axis, writer: RleWriter): void {
  for (let cell = 0; cell < side; cell++) {
    const start = columns.cellStart[cell];
    const end = columns.cellStart[cell + 1];
    if (start === end) continue;
    const left = row[cell];
    const right = row[cell + 1];
    if (left > 0 === right > 0) {
      writer.push(left > 0 ? 1 : 0, end - start);
      continue;
    }
    const change = signChange(left, right, columns.fraction, start, end);
    writer.push(left > 0 ? 1 : 0, change - start);
    writer.push(left > 0 ? 0 : 1, end - change);
  }
}

/** First pixel of start .. end whose value has the right sample's sign; `end` when none has. */
function signChange(left: number, right: number, fraction: Float32Array, start: number, end: number): number {
  const leftIsForeground = left > 0;
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = left * (1 - fraction[middle]) + right * fraction[middle];
    if (value > 0 === leftIsForeground) low = middle + 1;
    else high = middle;
  }
  return low;
}

function axisOf(from: number, to: number): Axis {
  const cellStart = new Int32Array(from + 1).fill(to);
  const cell = new Int32Array(to);
  const fraction = new Float32Array(to);
  for (let at = to - 1; at >= 0; at--) {
    const centre = Math.max(0, ((at + 0.5) * from) / to - 0.5);
    cell[at] = Math.min(Math.floor(centre), from - 1);
    fraction[at] = centre - cell[at];
    cellStart[cell[at]] = at;
  }
  // A cell without pixels begins where the next one does.
  for (let at = from - 1; at >= 0; at--) cellStart[at] = Math.min(cellStart[at], cellStart[at + 1]);
  return { cellStart, cell, fraction };
}
