import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { type DecodedFrame, decodeFrames } from './decode-frames.ts';
import type { FrameCache } from './frame-cache.ts';
import type { VideoSource } from './video-source.ts';

export interface ReadFrameOptions {
  readonly signal?: AbortSignal | undefined;
  /** Side of a square to resample to; absent: displayed size. */
  readonly size?: number | undefined;
  /** Frames decoded on the way are kept here; one cache serves one source at one size. */
  readonly cache?: FrameCache | undefined;
}

/**
 * One frame, exactly. With a cache, the frames of its group of pictures that had to be decoded anyway are kept too, so that a
 * drag or a step back costs nothing. Pixels are shared with the cache: do not write into them. Errors: as `decodeFrames`.
 */
export async function readFrame(
  source: VideoSource,
  frameIndex: number,
  { signal, size, cache }: ReadFrameOptions = {},
): Promise<DecodedFrame> {
  const held = cache?.get(frameIndex);
  if (held) return held;
  const first = cache === undefined ? frameIndex : firstWorthKeeping(source, frameIndex, size, cache);
  let found: DecodedFrame | null = null;
  for await (const frame of decodeFrames(source, { first, last: frameIndex, signal, size })) {
    cache?.put(frame);
    found = frame;
  }
  if (found?.frameIndex !== frameIndex)
    throw new StudioError('internal', 'bug', `Frame ${frameIndex} did not come out of its own decode.`);
  return found;
}

/** From the key frame on, as far as half the cache holds it. Frames out of range are left to the decoder to refuse. */
function firstWorthKeeping(
  source: VideoSource,
  frameIndex: number,
  size: number | undefined,
  cache: FrameCache,
): number {
  if (!Number.isInteger(frameIndex) || frameIndex < 0 || frameIndex >= source.table.frameCount) return frameIndex;
  const frameBytes = size === undefined ? source.info.width * source.info.height * 3 : size * size * 3;
  const most = Math.max(1, Math.floor(cache.limitBytes / 2 / frameBytes));
  return Math.max(source.table.keyFrameAtOrBefore(frameIndex), frameIndex - most + 1);
}
