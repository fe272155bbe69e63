import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import type { Size } from '../../../src-shared/geometry/geometry.ts';
import type { StoredMask } from './ports.ts';

/** Throws `session-mismatch` when a stored mask does not have the size of the video's frames. */
export function checkMaskSize({ mask, objectId }: StoredMask, frame: Size): void {
  if (mask === null || (mask.width === frame.width && mask.height === frame.height)) return;
  const sizes = `${mask.width}x${mask.height}, the video is ${frame.width}x${frame.height}`;
  throw new StudioError(
    'session-mismatch',
    'user',
    `A mask of object ${objectId} is ${sizes}; the session belongs to another video.`,
  );
}
