import { maskArea, type RleMask } from '../../../src-shared/mask/rle.ts';
import { logitsFromPromptMask, promptMaskFromRle } from './mask-resize.ts';
import type { Observation } from './memory-bank.ts';
import { answerMasks, answerPoints } from './object-step.ts';
import type { AttendItem, ImageFeatures, ModelSpec, TrackerModel } from './ports.ts';
import { type FramePrompts, modelPoints, type VideoShape } from './prompt-book.ts';

/** Everything that decides the answer to one object's prompts on one frame. */
export interface FrameQuestion {
  readonly said: FramePrompts;
  /** Logits [L * L] of the mask that is being corrected; null: the first answer on this frame. */
  readonly previous: Float32Array | null;
  /** What the object remembers; null: decode from the bare frame with the no-memory embedding. */
  readonly memory: AttendItem | null;
}

/** Answers everything said about one object on one frame. A mask is the answer itself; points and box are decoded. */
export async function answerFrame(
  model: TrackerModel,
  video: VideoShape,
  features: ImageFeatures,
  frameIndex: number,
  { said, previous, memory }: FrameQuestion,
): Promise<Observation> {
  if (said.mask !== null) {
    const mask = promptMaskFromRle(said.mask, model.spec.maskPromptSize);
    const [observation] = await answerMasks(model, features, frameIndex, [mask]);
    return observation;
  }
  const points = modelPoints(said, video, model.spec.imageSize);
  return answerPoints(model, features, frameIndex, { points, previous, memory });
}

/** A stored mask as the logits that a correction starts from; null when it is empty or absent. */
export function logitsFromStored({ maskPromptSize, lowres }: ModelSpec, mask: RleMask | null): Float32Array | null {
  if (mask === null || maskArea(mask) === 0) return null;
  return logitsFromPromptMask(promptMaskFromRle(mask, maskPromptSize), maskPromptSize, lowres);
}
