import { fitPicture } from '../../../src-shared/geometry/fit-picture.ts';
import { maskArea, type RleMask } from '../../../src-shared/mask/rle.ts';
import { logitsFromPromptMask, promptMaskFromRle } from './mask-resize.ts';
import type { Observation } from './memory-bank.ts';
import { answerMasks, answerPoints } from './object-step.ts';
import type { ConditionedFeatures, ImageFeatures, ModelSpec, TrackerModel } from './ports.ts';
import { type FramePrompts, modelPoints, type VideoShape } from './prompt-book.ts';

/** Everything that decides the answer to one object's prompts on one frame. */
export interface FrameQuestion {
  readonly said: FramePrompts;
  /** Logits [L * L] of the mask that is being corrected; null: the first answer on this frame. */
  readonly previous: Float32Array | null;
  /** Gives the frame as the object's memory sees it; null: decode from the bare frame with the no-memory embedding. */
  readonly condition: (() => Promise<ConditionedFeatures>) | null;
}

/** Answers everything said about one object on one frame. A mask is the answer itself; points and box are decoded. */
export async function answerFrame(
  model: TrackerModel,
  video: VideoShape,
  features: ImageFeatures,
  frameIndex: number,
  { said, previous, condition }: FrameQuestion,
): Promise<Observation> {
  if (said.mask !== null) {
    const mask = promptMaskFromRle(said.mask, model.spec.maskPromptSize);
    const [observation] = await answerMasks(model, features, frameIndex, [mask]);
    return observation;
  }
  const { imageSize, imageFit = 'stretch' } = model.spec;
  const all = modelPoints(said, video, fitPicture(video, imageSize, imageFit));
  const points = mostTelling(all, mostPoints(model.spec));
  return answerPoints(model, features, frameIndex, { points, previous, condition });
}

const sam3Points = 16;

function mostPoints({ tracker }: ModelSpec): number {
  return tracker?.maxPoints ?? (tracker?.memorySelection ? sam3Points : Number.POSITIVE_INFINITY);
}

/** The first and the last points where there are too many. Source: SAM 3 `max_point_num_in_prompt_enc`. */
export function mostTelling<T>(points: readonly T[], limit: number): readonly T[] {
  if (points.length <= limit) return points;
  const first = Math.floor(limit / 2);
  return [...points.slice(0, first), ...points.slice(points.length - (limit - first))];
}

/** A stored mask as the logits that a correction starts from; null when it is empty or absent, or the pack does not stretch frames. */
export function logitsFromStored(
  { maskPromptSize, lowres, imageFit }: ModelSpec,
  mask: RleMask | null,
): Float32Array | null {
  if (mask === null || imageFit === 'longest-pad' || maskArea(mask) === 0) return null;
  return logitsFromPromptMask(promptMaskFromRle(mask, maskPromptSize), maskPromptSize, lowres);
}
