import type { ObjectId } from '../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { type ComposedFrame, type ComposedShape, composedShape, composeFrame } from '../compose/compose-frame.ts';
import { ComposeScratch } from '../compose/compose-scratch.ts';
import { type CropPath, cropPath } from '../compose/crop-path.ts';
import type { Look } from '../compose/resolve-look.ts';
import { type Scene, SceneReader } from '../compose/scene.ts';
import type { MaskReader, YuvFrame, YuvFrameReader } from '../ports.ts';

/** Everything that the pictures of one output depend on. */
export interface ComposeJob {
  readonly reader: YuvFrameReader;
  readonly masks: MaskReader;
  /** Frames of the whole source: what lies around a frame may count, also beyond the range. */
  readonly frameCount: number;
  /** Inclusive. */
  readonly range: FrameRange;
  readonly look: Look;
  /** The object of an output that shows one alone; crops need it. */
  readonly only?: ObjectId | undefined;
  readonly signal: AbortSignal;
}

/** What turns the frames of one output into pictures. */
export class Composer {
  readonly shape: ComposedShape;
  readonly scenes: SceneReader;
  readonly #reader: YuvFrameReader;
  readonly #look: Look;
  readonly #path: CropPath | null;
  readonly #scratch = new ComposeScratch();

  constructor({ reader, masks, look, only, range, frameCount, signal }: ComposeJob) {
    const { width, height, reach } = reader;
    this.#reader = reader;
    this.#look = look;
    this.scenes = new SceneReader(masks, look, { width, height, frameCount, reach }, only);
    this.#path =
      look.style === 'crop' && only !== undefined ? cropPath(masks, only, range, { width, height }, signal) : null;
    if (look.style === 'crop' && this.#path === null)
      throw nothing('to follow: the object is on no frame of the range');
    if (look.style === 'redact' && this.scenes.objects.length === 0)
      throw nothing('to redact: the session has no such object');
    this.shape = composedShape(look, reader, this.#path);
  }

  compose({ frameIndex, data }: YuvFrame, scene: Scene): ComposedFrame {
    const { width, height, fullRange, matrix } = this.#reader;
    const image = { width, height, fullRange, matrix, data };
    return composeFrame(image, scene, this.#look, this.#scratch, this.#path?.windowAt(frameIndex) ?? null);
  }
}

function nothing(sentence: string): StudioError {
  return new StudioError('usage', 'user', `There is nothing ${sentence}; nothing was written.`);
}
