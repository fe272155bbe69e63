import type { RleMask } from '../../../src-shared/mask/rle.ts';
import type { AnnotatorOverlap, PhrasePair } from './cgf1.ts';
import { type DetectedInstance, instanceIou, type OverlapKind, type TruthInstance } from './instances.ts';
import { intersectionArea, type MaskSpans, spansFromMask } from './mask-spans.ts';

/** One annotator's work over the (image, phrase) pairs; an image id names a pair. */
export interface PhraseTruth {
  /** Pairs whose every instance was annotated; others are not evaluated. */
  readonly exhaustiveIds: readonly number[];
  readonly imageIds: readonly number[];
  readonly categoryIds: readonly number[];
  readonly truths: readonly TruthInstance[];
}

/** Predictions with score at or above this count. */
const SCORE_THRESHOLD = 0.5;

/**
 * The pairs of an image benchmark: those that are exhaustively annotated by everyone who annotated them; the first annotator
 * names the set. Crowd regions are dropped. At least one annotator.
 */
export function phrasePairsFromInstances(
  annotators: readonly PhraseTruth[],
  predictions: readonly DetectedInstance[],
  kind: OverlapKind,
): PhrasePair[] {
  const excluded = new Set<number>();
  for (const annotator of annotators) {
    const exhaustive = new Set(annotator.exhaustiveIds);
    for (const imageId of annotator.imageIds) if (!exhaustive.has(imageId)) excluded.add(imageId);
  }
  const categories = annotators.map((annotator) => new Set(annotator.categoryIds));
  const kept = predictions.filter(({ score, categoryId }) => score >= SCORE_THRESHOLD && categories[0].has(categoryId));
  const predictionsOf = Map.groupBy(kept, (prediction) => prediction.imageId);
  const truthsOf = annotators.map((annotator, at) =>
    Map.groupBy(
      annotator.truths.filter((truth) => !truth.crowd && categories[at].has(truth.categoryId)),
      (truth) => truth.imageId,
    ),
  );
  return annotators[0].imageIds
    .filter((imageId) => !excluded.has(imageId))
    .map((imageId) => {
      const found = predictionsOf.get(imageId) ?? [];
      return {
        predictionCount: found.length,
        annotators: truthsOf.map((truths) => overlap(found, truths.get(imageId) ?? [], kind)),
      };
    });
}

function overlap(
  predictions: readonly DetectedInstance[],
  truths: readonly TruthInstance[],
  kind: OverlapKind,
): AnnotatorOverlap {
  return { truthCount: truths.length, iou: instanceIou(predictions, truths, kind) };
}

/** One masklet: its masks over the frames of a video; frames without it are absent. */
export type Tube = ReadonlyMap<number, RleMask>;

/**
 * A pair of a video benchmark. IoU of two tubes: shared pixels of all frames over the union's pixels of all frames; 1 when both are empty.
 * `predictions`: tubes at or above the score threshold; `annotators`: each one's tubes.
 */
export function phrasePairFromTubes(
  predictions: readonly Tube[],
  annotators: readonly (readonly Tube[])[],
): PhrasePair {
  const found = predictions.map(spansOfTube);
  return {
    predictionCount: found.length,
    annotators: annotators.map((tubes) => {
      const wanted = tubes.map(spansOfTube);
      return { truthCount: wanted.length, iou: found.map((tube) => wanted.map((truth) => tubeIou(tube, truth))) };
    }),
  };
}

function spansOfTube(tube: Tube): ReadonlyMap<number, MaskSpans> {
  return new Map([...tube].map(([frameIndex, mask]) => [frameIndex, spansFromMask(mask)]));
}

function tubeIou(a: ReadonlyMap<number, MaskSpans>, b: ReadonlyMap<number, MaskSpans>): number {
  let shared = 0;
  let union = 0;
  for (const spans of b.values()) union += spans.area;
  for (const [frameIndex, spans] of a) {
    const other = b.get(frameIndex);
    const common = other === undefined ? 0 : intersectionArea(spans, other);
    shared += common;
    union += spans.area - common;
  }
  return union === 0 ? 1 : shared / union;
}
