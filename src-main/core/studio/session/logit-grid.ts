import { fitPicture, type PictureFit } from '../../../../src-shared/geometry/fit-picture.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import { rleFromLogits, rleFromPaddedLogits } from '../../../../src-shared/mask/mask-from-logits.ts';
import type { RleMask } from '../../../../src-shared/mask/rle.ts';

/** How a pack's mask logits lie over a frame. */
export interface LogitGrid {
  /** Side of the logits. */
  readonly lowres: number;
  /** Side of the square that the model saw, and how the frame was brought into it. */
  readonly imageSize: number;
  readonly imageFit: PictureFit;
}

/** Logits of one object on one frame as a mask at video size. */
export function maskOnFrame(logits: Float32Array, grid: LogitGrid, video: Size): RleMask {
  const { lowres, imageSize, imageFit } = grid;
  if (imageFit === 'stretch') return rleFromLogits(logits, lowres, video.width, video.height);
  const padding = { square: imageSize, shown: fitPicture(video, imageSize, imageFit) };
  return rleFromPaddedLogits(logits, lowres, padding, video.width, video.height);
}
