import { type CandidateScore, chooseMask, memoryScore, tokenMask, tokenPointer } from './choose-mask.ts';
import { impliedPoint, keepLocalChange } from './correct-locally.ts';
import { keepClickedParts } from './keep-clicked-parts.ts';
import { givenMaskLogit, logitsFromPromptMask } from './mask-resize.ts';
import type { Observation } from './memory-bank.ts';
import type {
  AttendItem,
  ConditionedFeatures,
  DecodedObject,
  DecoderConstants,
  ImageFeatures,
  ModelPoint,
  TrackerModel,
} from './ports.ts';

/** "Not a point": what a frame without prompt is decoded with; the graph appends its own pad point. */
const noPoint: ModelPoint = { x: 0, y: 0, label: -1 };
/** Bounds of previous logits that are fed back with a correction. */
const feedbackLimit = 32;

/** One object that continues on this frame. */
export interface Follower {
  readonly memory: AttendItem;
  /** Motion model's vote over the candidates; null: predicted IoU decides. */
  readonly rescore: CandidateScore | null;
}

/**
 * Continues objects onto a frame: one attention call and one decoder call for all of them. Answers keep the order of `followers`.
 * Source: SAM 2 `track_step` without prompt.
 */
export async function followObjects(
  model: TrackerModel,
  features: ImageFeatures,
  frameIndex: number,
  followers: readonly Follower[],
): Promise<readonly Observation[]> {
  if (followers.length === 0) return [];
  const conditioned = await model.attend(
    features,
    followers.map(({ memory }) => memory),
  );
  const items = followers.map(() => ({ points: [noPoint], maskInput: null }));
  const decoded = await model.decode(features, { conditioned, noMemory: false, items });
  return decoded.map((answer, index) => observe(model, frameIndex, answer, 0, followers[index].rescore));
}

/** Clicks and box on one frame, in model pixels. */
export interface PointQuestion {
  readonly points: readonly ModelPoint[];
  /** Logits [L * L] of the mask that is being corrected; null: the first answer on this frame. */
  readonly previous: Float32Array | null;
  /** Gives the frame as the object's memory sees it; null: decode from the bare frame with the no-memory embedding. */
  readonly condition: (() => Promise<ConditionedFeatures>) | null;
}

/** Answers clicks and a box on one frame. Source: SAM 2 `add_new_points_or_box`. */
export async function answerPoints(
  model: TrackerModel,
  features: ImageFeatures,
  frameIndex: number,
  question: PointQuestion,
): Promise<Observation> {
  const { previous, condition } = question;
  const { lowres, imageSize } = model.spec;
  const { parts, corrections } = decoderOf(model);
  const corrected = corrections === 'local' && question.points.every(({ label }) => label <= 1) ? previous : null;
  const implied = corrected === null ? null : impliedPoint(corrected, lowres, question.points, imageSize);
  const points = implied === null ? question.points : [...question.points, implied];
  const conditioned = condition === null ? null : await condition();
  const maskInput = previous === null ? null : clamped(previous);
  const items = [{ points, maskInput }];
  const [answer] = await model.decode(features, { conditioned, noMemory: conditioned === null, items });
  const observation = observe(model, frameIndex, answer, points.length, null);
  const { logits } = observation;
  if (corrected !== null) {
    keepLocalChange(logits, corrected, lowres, question.points, imageSize);
    return { ...observation, ...presenceOf(logits, observation.scoreLogit) };
  }
  if (parts === 'clicked') keepClickedParts(logits, lowres, points, imageSize, previous);
  return { ...observation, area: areaOf(logits) };
}

/** What is left of a corrected mask is the object, whatever the decoder says of its own answer. */
function presenceOf(logits: Float32Array, scoreLogit: number): Pick<Observation, 'area' | 'scoreLogit'> {
  const area = areaOf(logits);
  if (area === 0) return { area, scoreLogit: Math.min(scoreLogit, -givenMaskLogit) };
  return { area, scoreLogit: scoreLogit > 0 ? scoreLogit : givenMaskLogit };
}

/**
 * Takes given masks (0/1 [Sm * Sm]) as the answer: logits +-10, score +-10, predicted IoU 1. The pointer is token 0 of a decoder run
 * on the bare frame with the mask as prompt, without the no-memory embedding; one call for all masks.
 * Source: SAM 2 `_use_mask_as_output`; sam-pipeline 3.7.
 */
export async function answerMasks(
  model: TrackerModel,
  features: ImageFeatures,
  frameIndex: number,
  masks: readonly Float32Array[],
): Promise<readonly Observation[]> {
  if (masks.length === 0) return [];
  const { maskPromptSize, lowres } = model.spec;
  const maskInputs = await model.promptFromMask(masks);
  const items = maskInputs.map((maskInput) => ({ points: [noPoint], maskInput }));
  const decoded = await model.decode(features, { conditioned: null, noMemory: false, items });
  return decoded.map((answer, index): Observation => {
    const logits = logitsFromPromptMask(masks[index], maskPromptSize, lowres);
    const scoreLogit = masks[index].includes(1) ? givenMaskLogit : -givenMaskLogit;
    return {
      frameIndex,
      logits,
      area: areaOf(logits),
      pointer: tokenPointer(answer, 0).slice(),
      scoreLogit,
      ious: new Float32Array(answer.ious.length).fill(1),
      iou: 1,
      memScore: memoryScore(scoreLogit, 1),
      motionScore: null,
    };
  });
}

/** Foreground pixels. */
export function areaOf(logits: Float32Array): number {
  let area = 0;
  for (const logit of logits) if (logit > 0) area++;
  return area;
}

function observe(
  model: TrackerModel,
  frameIndex: number,
  answer: DecodedObject,
  pointCount: number,
  rescore: CandidateScore | null,
): Observation {
  const { maskIndex, pointerIndex, bestIou } = chooseMask(answer, pointCount, decoderOf(model), rescore);
  // Copies: the other tokens' masks must not live as long as the memory does.
  const logits = tokenMask(answer, maskIndex).slice();
  return {
    frameIndex,
    logits,
    area: areaOf(logits),
    pointer: tokenPointer(answer, pointerIndex).slice(),
    scoreLogit: answer.objectScoreLogit,
    ious: answer.ious,
    iou: answer.ious[maskIndex],
    memScore: memoryScore(answer.objectScoreLogit, bestIou),
    motionScore: null,
  };
}

/** SAM 1's rule, for an image pack that states none: the best of three for one click, else the first mask. */
const plainDecoder: DecoderConstants = { multimask: { min: 0, max: 1 }, stability: { delta: 0, thresh: 0 } };

function decoderOf({ spec }: TrackerModel): DecoderConstants {
  return spec.tracker ?? spec.decoder ?? plainDecoder;
}

function clamped(logits: Float32Array): Float32Array {
  return logits.map((logit) => Math.min(feedbackLimit, Math.max(-feedbackLimit, logit)));
}
