import { z } from 'zod';
import { StudioError } from '../../../../../src-shared/errors/studio-error.ts';
import type { BoxInVideo, Size } from '../../../../../src-shared/geometry/geometry.ts';
import type { Ring } from '../../../../../src-shared/mask/trace-rings.ts';

/** A side as JSON files give it; null where it is missing or makes no sense. */
export const pictureSide = z.number().positive().nullable().default(null).catch(null);

/** The size of a picture as its dataset gives it. */
export interface PictureSize {
  readonly width: number | null;
  readonly height: number | null;
}

/** What coordinates in a dataset's picture are multiplied by to become those of the video. */
export interface PictureScale {
  readonly x: number;
  readonly y: number;
}

/** Sides of scaled pictures are whole, and even where a codec wants them so. */
const ROUNDING_PIXELS = 1;

/**
 * The scale between a picture as its dataset gives its size and the video; 1 where the dataset gives none. Throws
 * `prompt-invalid` when they differ in shape: what was cut off or squeezed is not known.
 */
export function pictureScale({ width, height }: PictureSize, video: Size): PictureScale {
  if (width === null || height === null) return { x: 1, y: 1 };
  const scale = { x: video.width / width, y: video.height / height };
  const high = video.height / scale.x;
  const wide = video.width / scale.y;
  if (Math.min(Math.abs(high - height), Math.abs(wide - width)) <= ROUNDING_PIXELS) return scale;
  throw otherSize('An image', { width, height }, video);
}

export function scaledBox({ x, y, width, height }: BoxInVideo, scale: PictureScale): BoxInVideo {
  return { x: x * scale.x, y: y * scale.y, width: width * scale.x, height: height * scale.y };
}

/** Of x, y pairs. */
export function scaledRings(rings: readonly Ring[], scale: PictureScale): readonly Ring[] {
  if (scale.x === 1 && scale.y === 1) return rings;
  return rings.map((ring) => ring.map((value, at) => value * (at % 2 === 0 ? scale.x : scale.y)));
}

/** `prompt-invalid` for a picture or mask that is not of the video's size. */
export function otherSize(what: 'A mask' | 'An image', { width, height }: PictureSize, video: Size): StudioError {
  const reason = `${what.toLowerCase()} of ${width}x${height} in a video of ${video.width}x${video.height}`;
  return new StudioError(
    'prompt-invalid',
    'user',
    `${what} is ${width}x${height}, the video is ${video.width}x${video.height}; export it at the video's size.`,
    { details: { reason } },
  );
}
