import { bitmapFromRle, type RleMask } from '../../../src-shared/mask/rle.ts';

/** Logit of a pixel inside a given mask; outside it is the negative. */
export const givenMaskLogit = 10;

/** Taps of one output position: `weights[start .. start + count)` belong to inputs from `first`. */
interface Axis {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly start: Int32Array;
  readonly weights: Float32Array;
}

/**
 * A user's mask [height, width] -> a mask prompt [side * side] of 0 and 1: antialiased bilinear stretch, foreground at >= 0.5.
 * Source: SAM 2 predictor `add_new_mask`.
 */
export function promptMaskFromRle(mask: RleMask, side: number): Float32Array<ArrayBuffer> {
  const bitmap = Float32Array.from(bitmapFromRle(mask));
  const resized = resizeAntialiased(bitmap, mask.width, mask.height, side, side);
  for (let at = 0; at < resized.length; at++) resized[at] = resized[at] >= 0.5 ? 1 : 0;
  return resized;
}

/**
 * A mask prompt [side * side] of 0 and 1 -> the mask logits [lowres * lowres] that stand for it: antialiased downsample of +-10.
 * Source: SAM 2 `_use_mask_as_output`.
 */
export function logitsFromPromptMask(mask: Float32Array, side: number, lowres: number): Float32Array<ArrayBuffer> {
  const logits = mask.map((value) => value * 2 * givenMaskLogit - givenMaskLogit);
  return resizeAntialiased(logits, side, side, lowres, lowres);
}

/** Triangle filter that widens when shrinking: torch `interpolate(mode='bilinear', antialias=True, align_corners=False)` in float32. */
export function resizeAntialiased(
  source: Float32Array,
  width: number,
  height: number,
  toWidth: number,
  toHeight: number,
): Float32Array<ArrayBuffer> {
  const columns = axis(width, toWidth);
  const rows = axis(height, toHeight);
  const narrow = new Float32Array(toWidth * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < toWidth; x++) {
      let sum = 0;
      const from = y * width + columns.first[x];
      for (let tap = 0; tap < columns.count[x]; tap++)
        sum += source[from + tap] * columns.weights[columns.start[x] + tap];
      narrow[y * toWidth + x] = sum;
    }
  }
  const target = new Float32Array(toWidth * toHeight);
  for (let y = 0; y < toHeight; y++) {
    for (let tap = 0; tap < rows.count[y]; tap++) {
      const weight = rows.weights[rows.start[y] + tap];
      const from = (rows.first[y] + tap) * toWidth;
      for (let x = 0; x < toWidth; x++) target[y * toWidth + x] += narrow[from + x] * weight;
    }
  }
  return target;
}

function axis(from: number, to: number): Axis {
  const scale = from / to;
  const support = Math.max(1, scale);
  const widest = Math.ceil(support) * 2 + 2;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const start = new Int32Array(to);
  const weights = new Float32Array(to * widest);
  for (let at = 0; at < to; at++) {
    const centre = scale * (at + 0.5);
    const low = Math.max(0, Math.trunc(centre - support + 0.5));
    const high = Math.min(from, Math.trunc(centre + support + 0.5));
    first[at] = low;
    count[at] = high - low;
    start[at] = at * widest;
    let total = 0;
    for (let tap = 0; tap < high - low; tap++) {
      const weight = Math.max(0, 1 - Math.abs(low + tap - centre + 0.5) / support);
      weights[start[at] + tap] = weight;
      total += weight;
    }
    for (let tap = 0; tap < high - low; tap++) weights[start[at] + tap] /= total;
  }
  return { first, count, start, weights };
}
