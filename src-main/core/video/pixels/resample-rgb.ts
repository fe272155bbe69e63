/** Bits of the fixed-point coefficients, as in Pillow's `Resample.c` for 8-bit images. */
const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);

/** Weights of one axis: output `i` is the sum over `taps[i]` inputs from `starts[i]`, weights at `i * stride`. */
interface AxisWeights {
  readonly starts: Int32Array;
  readonly taps: Int32Array;
  readonly weights: Int32Array;
  readonly stride: number;
}

/** Resamples pictures of one size to another; holds the weights and a scratch plane, so keep it for a whole video. */
export interface RgbResampler {
  /** `source`: RGB [height, width, 3]; `target`: RGB [targetHeight, targetWidth, 3], filled. They must not overlap. */
  resample(source: Uint8Array, target: Uint8Array): void;
}

/**
 * Antialiased bilinear (triangle filter) resampling of uint8 RGB, bit-identical to Pillow's `Image.resize(..., BILINEAR)`:
 * 22-bit fixed-point weights, rounded to uint8 after the horizontal and again after the vertical pass (Pillow
 * `src/libImaging/Resample.c`: precompute_coeffs, normalize_coeffs_8bpc, ImagingResampleHorizontal/Vertical_8bpc).
 */
export function createRgbResampler(
  width: number,
  height: number,
  targetWidth: number,
  targetHeight: number,
): RgbResampler {
  const across = axisWeights(width, targetWidth);
  const down = axisWeights(height, targetHeight);
  const narrowed = new Uint8Array(targetWidth * height * 3);
  const sums = new Int32Array(targetWidth * 3);
  return {
    resample(source, target) {
      if (source.length < width * height * 3) throw new RangeError('source picture is too short');
      if (target.length < targetWidth * targetHeight * 3) throw new RangeError('target picture is too short');
      resampleAcross(source, width, height, narrowed, targetWidth, across);
      resampleDown(narrowed, targetWidth * 3, target, targetHeight, down, sums);
    },
  };
}

/** One-off form of `createRgbResampler`; returns a new RGB [targetHeight, targetWidth, 3]. */
export function resampleRgb(
  source: Uint8Array,
  width: number,
  height: number,
  targetWidth: number,
  targetHeight: number,
): Uint8Array<ArrayBuffer> {
  const target = new Uint8Array(targetWidth * targetHeight * 3);
  createRgbResampler(width, height, targetWidth, targetHeight).resample(source, target);
  return target;
}

function axisWeights(size: number, targetSize: number): AxisWeights {
  const scale = size / targetSize;
  const filterScale = Math.max(scale, 1);
  const stride = Math.ceil(filterScale) * 2 + 1;
  const starts = new Int32Array(targetSize);
  const taps = new Int32Array(targetSize);
  const weights = new Int32Array(targetSize * stride);
  const exact = new Float64Array(stride);
  for (let index = 0; index < targetSize; index++) {
    const centre = (index + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - filterScale + 0.5));
    const count = Math.min(size, Math.trunc(centre + filterScale + 0.5)) - start;
    let total = 0;
    for (let tap = 0; tap < count; tap++) {
      const distance = Math.abs((tap + start - centre + 0.5) * (1 / filterScale));
      exact[tap] = distance < 1 ? 1 - distance : 0;
      total += exact[tap]!;
    }
    starts[index] = start;
    taps[index] = count;
    for (let tap = 0; tap < count; tap++) {
      const weight = total === 0 ? exact[tap]! : exact[tap]! / total;
      weights[index * stride + tap] = Math.trunc(0.5 + weight * (1 << PRECISION_BITS));
    }
  }
  return { starts, taps, weights, stride };
}

function resampleAcross(
  source: Uint8Array,
  width: number,
  height: number,
  target: Uint8Array,
  targetWidth: number,
  axis: AxisWeights,
): void {
  const { starts, taps, weights, stride } = axis;
  for (let y = 0; y < height; y++) {
    const row = y * width * 3;
    let out = y * targetWidth * 3;
    for (let x = 0; x < targetWidth; x++) {
      let at = row + starts[x]! * 3;
      let weightAt = x * stride;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (const end = weightAt + taps[x]!; weightAt < end; weightAt++) {
        const weight = weights[weightAt]!;
        red = (red + Math.imul(source[at]!, weight)) | 0;
        green = (green + Math.imul(source[at + 1]!, weight)) | 0;
        blue = (blue + Math.imul(source[at + 2]!, weight)) | 0;
        at += 3;
      }
      // Weights are not negative and sum to one (within 2^-20), so the shifted sums stay inside 0..255.
      target[out++] = red >> PRECISION_BITS;
      target[out++] = green >> PRECISION_BITS;
      target[out++] = blue >> PRECISION_BITS;
    }
  }
}

function resampleDown(
  source: Uint8Array,
  rowBytes: number,
  target: Uint8Array,
  targetHeight: number,
  { starts, taps, weights, stride }: AxisWeights,
  sums: Int32Array,
): void {
  for (let y = 0; y < targetHeight; y++) {
    const row = starts[y]! * rowBytes;
    const count = taps[y]!;
    const weightAt = y * stride;
    const out = y * rowBytes;
    if (count <= 2) {
      blendTwoRows(source, row, rowBytes, weights[weightAt]!, count === 2 ? weights[weightAt + 1]! : 0, target, out);
      continue;
    }
    sums.fill(HALF);
    // Two rows a step halve the traffic of the sums; an odd last row is paired with itself at weight 0.
    for (let tap = 0; tap < count; tap += 2) {
      const paired = tap + 1 < count;
      const first = row + tap * rowBytes;
      addTwoRows(
        source,
        first,
        paired ? first + rowBytes : first,
        weights[weightAt + tap]!,
        paired ? weights[weightAt + tap + 1]! : 0,
        sums,
      );
    }
    for (let x = 0; x < rowBytes; x++) target[out + x] = sums[x]! >> PRECISION_BITS;
  }
}

/** The whole sum of an output row when it has one or two taps, which is every row of an enlargement. */
function blendTwoRows(
  source: Uint8Array,
  row: number,
  rowBytes: number,
  weight0: number,
  weight1: number,
  target: Uint8Array,
  out: number,
): void {
  const above = source.subarray(row, row + rowBytes);
  const below = weight1 === 0 ? above : source.subarray(row + rowBytes, row + 2 * rowBytes);
  const into = target.subarray(out, out + rowBytes);
  for (let x = 0; x < into.length; x++)
    into[x] = (HALF + Math.imul(above[x]!, weight0) + Math.imul(below[x]!, weight1)) >> PRECISION_BITS;
}

function addTwoRows(
  source: Uint8Array,
  first: number,
  second: number,
  weight0: number,
  weight1: number,
  sums: Int32Array,
): void {
  const above = source.subarray(first, first + sums.length);
  const below = source.subarray(second, second + sums.length);
  for (let x = 0; x < sums.length; x++)
    sums[x] = (sums[x]! + Math.imul(above[x]!, weight0) + Math.imul(below[x]!, weight1)) | 0;
}
