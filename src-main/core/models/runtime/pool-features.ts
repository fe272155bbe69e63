import { forEachRun, type RleMask } from '../../../../src-shared/mask/rle.ts';

/**
 * Mean feature vector [C] of a map [C, G, G] under a mask (video size; null: the whole picture): each cell weighs as much as the mask
 * covers of it. Null when the mask is empty.
 */
export function poolFeatures(map: Float32Array, grid: number, mask: RleMask | null): Float32Array<ArrayBuffer> | null {
  const cells = grid * grid;
  const channels = map.length / cells;
  const weights = mask === null ? new Float64Array(cells).fill(1) : coverage(mask, grid);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return null;
  const pooled = new Float32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0;
    for (let cell = 0; cell < cells; cell++) sum += map[channel * cells + cell] * weights[cell];
    pooled[channel] = sum / total;
  }
  return pooled;
}

/** Mask pixels in each cell of a grid that is stretched over the picture. */
function coverage(mask: RleMask, grid: number): Float64Array {
  const { width, height } = mask;
  const weights = new Float64Array(grid * grid);
  const columnOf = Int32Array.from({ length: width }, (_, x) => Math.floor((x * grid) / width));
  forEachRun(mask, (start, end) => {
    for (let at = start; at < end; at++) {
      const y = Math.floor(at / width);
      weights[Math.floor((y * grid) / height) * grid + columnOf[at - y * width]]++;
    }
  });
  return weights;
}
