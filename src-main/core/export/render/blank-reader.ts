import { type FrameIndex, frameIndex } from '../../../../src-shared/domain/ids.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import { yuvByteLength } from '../annotate/yuv-image.ts';
import type { YuvFrameReader } from '../ports.ts';

/** Frames without a picture, for styles that replace all of it: nothing is decoded. `fullRange` as the output wants it. */
export function blankReader(
  { width, height }: Size,
  fullRange: boolean,
  ptsOf: (frameIndex: FrameIndex) => number,
): YuvFrameReader {
  return {
    width,
    height,
    fullRange,
    matrix: 'bt709',
    reach: 0,
    async *frames({ first, last }) {
      const buffers = [0, 1].map(() => new Uint8Array(yuvByteLength(width, height)));
      for (let index = first as number; index <= last; index++) {
        yield { frameIndex: frameIndex(index), pts: ptsOf(frameIndex(index)), data: buffers[index % 2] };
      }
    },
  };
}
