import { rgbFromYuv } from '../annotate/yuv-colour.ts';
import type { YuvImage } from '../annotate/yuv-image.ts';

/** Converts to RGB [height, width, 3] at another size: each target pixel is the mean of the source pixels it covers. */
export function shrinkYuv(image: YuvImage, width: number, height: number): Uint8Array {
  const chromaWidth = Math.ceil(image.width / 2);
  const chromaHeight = Math.ceil(image.height / 2);
  const uStart = image.width * image.height;
  const luma = meanPlane(image.data, 0, image.width, image.height, width, height);
  const u = meanPlane(image.data, uStart, chromaWidth, chromaHeight, width, height);
  const v = meanPlane(image.data, uStart + chromaWidth * chromaHeight, chromaWidth, chromaHeight, width, height);
  const out = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at++) {
    const rgb = rgbFromYuv({ y: luma[at], u: u[at], v: v[at] }, image.matrix, image.fullRange);
    out[at * 3] = rgb.r;
    out[at * 3 + 1] = rgb.g;
    out[at * 3 + 2] = rgb.b;
  }
  return out;
}

/** Area mean with fractional borders, first along rows, then along columns. */
function meanPlane(
  data: Uint8Array,
  start: number,
  fromWidth: number,
  fromHeight: number,
  width: number,
  height: number,
): Float32Array {
  const narrow = new Float32Array(width * fromHeight);
  for (let y = 0; y < fromHeight; y++) {
    const row = data.subarray(start + y * fromWidth, start + (y + 1) * fromWidth);
    meanLine(row, 0, 1, fromWidth, narrow, y * width, 1, width);
  }
  const out = new Float32Array(width * height);
  for (let x = 0; x < width; x++) meanLine(narrow, x, width, fromHeight, out, x, width, height);
  return out;
}

function meanLine(
  source: Uint8Array | Float32Array,
  sourceStart: number,
  sourceStep: number,
  sourceCount: number,
  target: Float32Array,
  targetStart: number,
  targetStep: number,
  targetCount: number,
): void {
  const scale = sourceCount / targetCount;
  for (let to = 0; to < targetCount; to++) {
    const begin = to * scale;
    const end = Math.min(sourceCount, begin + scale);
    let sum = 0;
    for (let at = Math.floor(begin); at < end; at++) {
      sum += source[sourceStart + at * sourceStep] * (Math.min(end, at + 1) - Math.max(begin, at));
    }
    target[targetStart + to * targetStep] = sum / (end - begin);
  }
}
