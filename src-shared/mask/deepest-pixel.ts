/**
 * Place, in reading order, of the pixel of a bitmap [height * width] of 0 and 1 with the greatest Euclidean distance to background, where outside the picture is
 * background too; the first in reading order of several. `limit` caps the distance of a pixel, in pixels. null: the bitmap is empty.
 */
export function deepestPixel(
  bitmap: Uint8Array,
  width: number,
  height: number,
  limit: (at: number) => number = () => Number.POSITIVE_INFINITY,
): number | null {
  const down = columnDistances(bitmap, width, height);
  const line = new Float64Array(width + 2);
  let best: number | null = null;
  let least = -1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) line[x + 1] = down[y * width + x] ** 2;
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if (bitmap[at] === 0) continue;
      const cap = limit(at) ** 2;
      if (cap <= least) continue;
      const square = Math.min(cap, rowDistance(line, x + 1, least));
      if (square <= least) continue;
      least = square;
      best = at;
    }
  }
  return best;
}

/** Distance to the nearest background above or below, in pixels. */
function columnDistances(bitmap: Uint8Array, width: number, height: number): Int32Array {
  const distances = new Int32Array(bitmap.length);
  for (let x = 0; x < width; x++) {
    let run = 0;
    for (let y = 0; y < height; y++) {
      run = bitmap[y * width + x] === 0 ? 0 : run + 1;
      distances[y * width + x] = run;
    }
    run = 0;
    for (let y = height - 1; y >= 0; y--) {
      run = bitmap[y * width + x] === 0 ? 0 : run + 1;
      distances[y * width + x] = Math.min(distances[y * width + x], run);
    }
  }
  return distances;
}

/** Squared distance of one place of a row: the least of (dx^2 + column distance^2); stops early once it cannot beat `least`. */
function rowDistance(line: Float64Array, x: number, least: number): number {
  let nearest = line[x];
  for (let dx = 1; dx * dx < nearest && nearest > least; dx++) {
    if (x - dx >= 0) nearest = Math.min(nearest, dx * dx + line[x - dx]);
    if (x + dx < line.length) nearest = Math.min(nearest, dx * dx + line[x + dx]);
  }
  return nearest;
}
