import { frameIndex } from '../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';

/** A wished range with its open ends filled in. Throws `range-invalid` when it does not fit the video. */
export function resolveRange(
  wish: { readonly first: number | null; readonly last: number | null },
  frameCount: number,
): FrameRange {
  const first = wish.first ?? 0;
  const last = wish.last ?? frameCount - 1;
  if (first <= last && last < frameCount) return { first: frameIndex(first), last: frameIndex(last) };
  throw new StudioError(
    'range-invalid',
    'user',
    `The range ${first} to ${last} does not fit a video with frames 0 to ${frameCount - 1}.`,
    { details: { first, last, frameCount } },
  );
}
