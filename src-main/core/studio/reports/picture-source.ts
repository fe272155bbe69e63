import { throwIfAborted } from '../../../../src-shared/errors/studio-error.ts';
import { type RgbPicture, resamplePicture, testPattern } from '../../models/index.ts';
import type { FrameProvider } from '../../tracking/index.ts';
import { decodeFrames, type MediaTools, openVideo } from '../../video/index.ts';

/** The first frames of a video, or patterns that need no file. */
export interface PictureSource {
  readonly name: string;
  readonly count: number;
  /** Displayed size. */
  readonly width: number;
  readonly height: number;
  /** Every frame in order; `size`: as the models take them, [size, size, 3], null: at displayed size. */
  pictures(size: number | null, signal: AbortSignal): AsyncIterable<RgbPicture>;
  provider(size: number): FrameProvider;
}

/** Side of the made pictures. */
const PATTERN_SIDE = 256;

export interface PictureRequest {
  readonly videoPath: string | null;
  readonly tools?: MediaTools;
  readonly cacheFolder?: string;
}

/** At most `count` frames. Errors as `openVideo`. */
export async function openPictureSource(
  { videoPath, tools, cacheFolder }: PictureRequest,
  count: number,
  signal: AbortSignal,
): Promise<PictureSource> {
  if (videoPath === null || tools === undefined || cacheFolder === undefined) return patternSource(count);
  const source = await openVideo(videoPath, { tools, cacheDir: cacheFolder, signal });
  const { width, height, frameCount } = source.info;
  const last = Math.min(count, frameCount) - 1;
  const frames = (range: { first: number; last: number }, size: number | undefined, stop: AbortSignal | undefined) =>
    decodeFrames(source, { ...range, size, signal: stop });
  return {
    name: videoPath.split(/[\\/]/).at(-1) ?? videoPath,
    count: last + 1,
    width,
    height,
    async *pictures(size, stop) {
      for await (const { pixels } of frames({ first: 0, last }, size ?? undefined, stop)) {
        yield { width: size ?? width, height: size ?? height, pixels };
      }
    },
    provider: (size) =>
      async function* (range, _direction, stop) {
        for await (const { frameIndex, pixels } of frames(range, size, stop))
          yield { frameIndex, pixels, release: () => {} };
      },
  };
}

/** Frame k is the pattern moved down by 3k rows. */
function patternSource(count: number): PictureSource {
  const side = PATTERN_SIDE;
  const pattern = testPattern(side);
  const frame = (index: number, size: number) => {
    const shift = ((index * 3) % side) * side * 3;
    const moved = new Uint8Array(pattern.length);
    moved.set(pattern.subarray(shift));
    moved.set(pattern.subarray(0, shift), pattern.length - shift);
    return size === side ? moved : resamplePicture(moved, side, side, size, size, 'bilinear-aa');
  };
  return {
    name: 'the test pattern',
    count,
    width: side,
    height: side,
    async *pictures(size, signal) {
      for (let index = 0; index < count; index++) {
        throwIfAborted(signal);
        const to = size ?? side;
        yield { width: to, height: to, pixels: frame(index, to) };
      }
    },
    provider: (size) =>
      async function* (range) {
        for (let index: number = range.first; index <= range.last; index++) {
          yield { frameIndex: index, pixels: frame(index, size), release: () => {} };
        }
      },
  };
}
