import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { MAX_PIXELS, MAX_SIDE } from './ffmpeg/input-arguments.ts';

/** Sides that a tool refused to allocate, as it says on stderr; null when it did not. */
export function refusedPictureSize(text: string): { readonly width: number; readonly height: number } | null {
  const match = /Picture size (\d+)x(\d+) is invalid/.exec(text);
  return match === null ? null : { width: Number(match[1]), height: Number(match[2]) };
}

/** Throws `media-too-large` for pictures that no decoder should be asked to allocate. */
export function refuseHugePicture(path: string, width: number, height: number): void {
  if (width <= MAX_SIDE && height <= MAX_SIDE && width * height <= MAX_PIXELS) return;
  throw new StudioError(
    'media-too-large',
    'user',
    `${path} claims pictures of ${width}x${height}; the limit is ${MAX_SIDE} a side and ${MAX_PIXELS / 1e6} million pixels. Scale it down first.`,
    { details: { width, height } },
  );
}
