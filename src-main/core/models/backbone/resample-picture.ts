/** Bits of the fixed-point weights, as in Pillow's `Resample.c` for 8-bit images. */
const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);

/** A filter kernel and half its width in source pixels at scale 1. */
interface Kernel {
  readonly support: number;
  at(distance: number): number;
}

/** Pillow's kernels: the cubic convolution of Keys with a = -0.5, and the triangle. */
const KERNELS: Readonly<Record<'bicubic-aa' | 'bilinear-aa', Kernel>> = {
  'bicubic-aa': {
    support: 2,
    at: (distance) => {
      const x = Math.abs(distance);
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
      return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
    },
  },
  'bilinear-aa': { support: 1, at: (distance) => Math.max(0, 1 - Math.abs(distance)) },
};

export type PictureFilter = keyof typeof KERNELS;

/** Weights of one output pixel over inputs from `start` on. */
interface Taps {
  readonly start: number;
  readonly weights: Int32Array;
}

/**
 * Resamples uint8 RGB [height, width, 3] with antialiasing, bit-identical to Pillow's `Image.resize` with BICUBIC or BILINEAR: 22-bit
 * weights, rounded and clipped to uint8 after the horizontal and again after the vertical pass; a pass that changes nothing is left out.
 */
export function resamplePicture(
  source: Uint8Array,
  width: number,
  height: number,
  targetWidth: number,
  targetHeight: number,
  filter: PictureFilter,
): Uint8Array<ArrayBuffer> {
  const across = targetWidth === width ? source.slice() : new Uint8Array(targetWidth * height * 3);
  if (targetWidth !== width) {
    const taps = tapsOf(width, targetWidth, KERNELS[filter]);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < targetWidth; x++) {
        blend(source, (y * width + taps[x].start) * 3, 3, taps[x].weights, across, (y * targetWidth + x) * 3);
      }
    }
  }
  if (targetHeight === height) return across;
  const taps = tapsOf(height, targetHeight, KERNELS[filter]);
  const target = new Uint8Array(targetWidth * targetHeight * 3);
  const row = targetWidth * 3;
  for (let y = 0; y < targetHeight; y++) {
    for (let x = 0; x < targetWidth; x++) {
      blend(across, taps[y].start * row + x * 3, row, taps[y].weights, target, y * row + x * 3);
    }
  }
  return target;
}

function blend(
  source: Uint8Array,
  from: number,
  step: number,
  weights: Int32Array,
  target: Uint8Array,
  to: number,
): void {
  let [red, green, blue] = [HALF, HALF, HALF];
  for (let tap = 0, at = from; tap < weights.length; tap++, at += step) {
    red += source[at] * weights[tap];
    green += source[at + 1] * weights[tap];
    blue += source[at + 2] * weights[tap];
  }
  target[to] = clip(red);
  target[to + 1] = clip(green);
  target[to + 2] = clip(blue);
}

function clip(sum: number): number {
  return Math.min(255, Math.max(0, sum >> PRECISION_BITS));
}

function tapsOf(size: number, targetSize: number, kernel: Kernel): Taps[] {
  const scale = size / targetSize;
  const filterScale = Math.max(scale, 1);
  const reach = kernel.support * filterScale;
  return Array.from({ length: targetSize }, (_, index) => {
    const centre = (index + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - reach + 0.5));
    const count = Math.min(size, Math.trunc(centre + reach + 0.5)) - start;
    const exact = Float64Array.from({ length: count }, (_, tap) =>
      kernel.at((tap + start - centre + 0.5) / filterScale),
    );
    const total = exact.reduce((sum, weight) => sum + weight, 0);
    const weights = Int32Array.from(exact, (weight) => {
      const fixed = (total === 0 ? weight : weight / total) * (1 << PRECISION_BITS);
      return Math.trunc(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
    });
    return { start, weights };
  });
}
