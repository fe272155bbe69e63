import { fitPicture, type PictureFit } from '../../../src-shared/geometry/fit-picture.ts';
import type { Size } from '../../../src-shared/geometry/geometry.ts';
import { resampleRgb } from './pixels/resample-rgb.ts';
import { readFrame } from './read-frame.ts';
import type { VideoSource } from './video-source.ts';

/** One frame in a model's square. */
export interface FittedFrame {
  /** uint8 RGB [size, size, 3]; black outside `shown`. The receiver owns it. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** The part that is the picture, from the top left. */
  readonly shown: Size;
}

/** One frame, exactly, brought into a square of `size` pixels (antialiased bilinear, as Pillow). Errors: as `decodeFrames`. */
export async function readFittedFrame(
  source: VideoSource,
  frameIndex: number,
  size: number,
  fit: PictureFit,
  signal?: AbortSignal,
): Promise<FittedFrame> {
  const shown = fitPicture(source.info, size, fit);
  if (fit === 'stretch') {
    const { pixels } = await readFrame(source, frameIndex, { signal, size });
    return { pixels, shown };
  }
  const { width, height } = source.info;
  const frame = await readFrame(source, frameIndex, { signal });
  const picture = resampleRgb(frame.pixels, width, height, shown.width, shown.height);
  const pixels = new Uint8Array(size * size * 3);
  for (let y = 0; y < shown.height; y++) {
    pixels.set(picture.subarray(y * shown.width * 3, (y + 1) * shown.width * 3), y * size * 3);
  }
  return { pixels, shown };
}
