import type { FrameIndex } from '../../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import { rgbaOf } from '../compose/rgba-of.ts';
import { type ComposeJob, Composer } from './composer.ts';

/** One composed frame: RGBA [height, width, 4], straight alpha. */
export interface ComposedStill extends Size {
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** The picture that a rendering has at this frame, made in the same way. `frameIndex` lies in the job's range. */
export async function composeStill(job: ComposeJob, frameIndex: FrameIndex): Promise<ComposedStill> {
  const { matrix, fullRange } = job.reader;
  const composer = new Composer(job);
  for await (const frame of job.reader.frames({ first: frameIndex, last: frameIndex }, job.signal)) {
    const { width, height, alpha, data } = composer.compose(frame, composer.scenes.at(frame.frameIndex));
    return { width, height, pixels: rgbaOf({ width, height, matrix, fullRange, data }, alpha) };
  }
  throw new StudioError(
    'file-unreadable',
    'user',
    `Frame ${frameIndex} could not be decoded; the file may be damaged.`,
  );
}
