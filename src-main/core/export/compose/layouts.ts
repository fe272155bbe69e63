import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import type { PixelBox } from '../annotate/draw-rectangle.ts';
import { dilateSpans } from '../annotate/grow-spans.ts';
import type { SpanRows } from '../annotate/span-rows.ts';
import { type YuvImage, yuvByteLength } from '../annotate/yuv-image.ts';
import type { Matte } from './matte.ts';

interface PlaneShape {
  readonly start: number;
  readonly width: number;
  readonly height: number;
  readonly step: 1 | 2;
}

function shapesOf(width: number, height: number): readonly PlaneShape[] {
  const [chromaWidth, chromaHeight] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const chroma = { width: chromaWidth, height: chromaHeight, step: 2 as const };
  const start = width * height;
  return [
    { start: 0, width, height, step: 1 },
    { ...chroma, start },
    { ...chroma, start: start + chromaWidth * chromaHeight },
  ];
}

/** The source left, what `draw` makes of it right, a dark gap between. */
export function sideBySide(image: YuvImage, output: YuvImage, draw: () => void): void {
  const { data, width, height } = output;
  data.fill(image.fullRange ? 6 : 20, 0, width * height);
  data.fill(128, width * height);
  const right = width - image.width - (image.width % 2);
  place(image, output, 0);
  draw();
  place(image, output, right);
}

function place(image: YuvImage, output: YuvImage, left: number): void {
  const [from, to] = [shapesOf(image.width, image.height), shapesOf(output.width, output.height)];
  for (const [index, plane] of from.entries()) {
    const target = to[index];
    for (let y = 0; y < plane.height; y++) {
      const row = image.data.subarray(plane.start + y * plane.width, plane.start + (y + 1) * plane.width);
      output.data.set(row, target.start + y * target.width + left / plane.step);
    }
  }
}

/** Copies an even-sided window at an even place: every sample as it is. */
export function copyWindow(image: YuvImage, window: PixelBox, data: Uint8Array): void {
  const [from, to] = [shapesOf(image.width, image.height), shapesOf(window.width, window.height)];
  for (const [index, plane] of from.entries()) {
    const target = to[index];
    const first = plane.start + (window.y / plane.step) * plane.width + window.x / plane.step;
    for (let y = 0; y < target.height; y++) {
      const at = first + y * plane.width;
      data.set(image.data.subarray(at, at + target.width), target.start + y * target.width);
    }
  }
}

/** Colour that is kept around the objects so that scaling and filtering find no dark fringe. */
const KEPT_AROUND = 6;

/** The objects with their soft edge as straight alpha behind the planes; the picture is black where nothing shows. */
export function cutOut(image: YuvImage, spans: SpanRows, matte: Matte, data: Uint8Array): void {
  const { width, height, fullRange } = image;
  const size = yuvByteLength(width, height);
  matte.paint(spans);
  data.fill(fullRange ? 0 : 16, 0, width * height);
  data.fill(128, width * height, size);
  data.set(matte.luma, size);
  const kept = dilateSpans(spans, KEPT_AROUND);
  const [luma, ...chroma] = shapesOf(width, height);
  for (let y = 0; y < height; y++) {
    for (let at = kept.rowStart[y]; at < kept.rowStart[y + 1]; at += 2) {
      const [from, to] = [kept.xs[at], kept.xs[at + 1]];
      const row = luma.start + y * width;
      data.set(image.data.subarray(row + from, row + to), row + from);
      for (const plane of chroma) {
        const line = plane.start + (y >> 1) * plane.width;
        const [left, right] = [line + (from >> 1), line + ((to + 1) >> 1)];
        data.set(image.data.subarray(left, right), left);
      }
    }
  }
}

/** Two pictures and a narrow gap; both stay on even columns. */
export function sideBySideSize({ width, height }: Size): Size {
  const even = width + (width % 2);
  return { width: 2 * even + 2 * Math.max(1, Math.round(width / 320)), height };
}
