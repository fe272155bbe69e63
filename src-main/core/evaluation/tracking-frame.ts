import { type CocoBox, cocoBoxIou, cocoMaskIou } from './coco-rle.ts';
import { type MaskSpans, spansFromMask } from './mask-spans.ts';
import type { FrameMasks } from './sequence-jf.ts';

/** What the tracking metrics (HOTA, identity, CLEAR) need of one frame. */
export interface TrackingFrame {
  readonly truthIds: readonly number[];
  readonly predictionIds: readonly number[];
  /** [truthIds.length][predictionIds.length], 0..1. */
  readonly similarity: readonly (readonly number[])[];
}

/** Frames of mask IoU; ids ascend, empty masks are dropped (an object that is not there is no detection). */
export function trackingFramesFromMasks(
  truth: readonly FrameMasks[],
  prediction: readonly FrameMasks[],
): TrackingFrame[] {
  return Array.from({ length: Math.max(truth.length, prediction.length) }, (_, index) => {
    const truths = presentSpans(truth[index]);
    const predictions = presentSpans(prediction[index]);
    return {
      truthIds: truths.map(([id]) => id),
      predictionIds: predictions.map(([id]) => id),
      similarity: cocoMaskIou(
        truths.map(([, spans]) => spans),
        predictions.map(([, spans]) => spans),
        [],
      ),
    };
  });
}

/** The same over boxes; boxes without area are dropped. */
export function trackingFramesFromBoxes(
  truth: readonly ReadonlyMap<number, CocoBox>[],
  prediction: readonly ReadonlyMap<number, CocoBox>[],
): TrackingFrame[] {
  return Array.from({ length: Math.max(truth.length, prediction.length) }, (_, index) => {
    const truths = presentBoxes(truth[index]);
    const predictions = presentBoxes(prediction[index]);
    return {
      truthIds: truths.map(([id]) => id),
      predictionIds: predictions.map(([id]) => id),
      similarity: cocoBoxIou(
        truths.map(([, box]) => box),
        predictions.map(([, box]) => box),
        [],
      ),
    };
  });
}

function presentSpans(masks: FrameMasks | undefined): (readonly [number, MaskSpans])[] {
  return [...(masks ?? [])]
    .map(([id, mask]) => [id, spansFromMask(mask)] as const)
    .filter(([, spans]) => spans.area > 0)
    .sort(([a], [b]) => a - b);
}

function presentBoxes(boxes: ReadonlyMap<number, CocoBox> | undefined): (readonly [number, CocoBox])[] {
  return [...(boxes ?? [])].filter(([, box]) => box[2] > 0 && box[3] > 0).sort(([a], [b]) => a - b);
}

/** The ids of a sequence as dense slots, and how many frames each id appears in. */
export interface TrackIndex {
  readonly truthSlot: ReadonlyMap<number, number>;
  readonly predictionSlot: ReadonlyMap<number, number>;
  readonly truthFrames: readonly number[];
  readonly predictionFrames: readonly number[];
  readonly truthDetections: number;
  readonly predictionDetections: number;
}

/** Slots follow ascending ids, so that assignments over them do not depend on the order of appearance. */
export function indexTracks(frames: readonly TrackingFrame[]): TrackIndex {
  const truth = countIds(frames.map((frame) => frame.truthIds));
  const prediction = countIds(frames.map((frame) => frame.predictionIds));
  return {
    truthSlot: truth.slot,
    predictionSlot: prediction.slot,
    truthFrames: truth.frames,
    predictionFrames: prediction.frames,
    truthDetections: truth.total,
    predictionDetections: prediction.total,
  };
}

function countIds(idsPerFrame: readonly (readonly number[])[]) {
  const counts = new Map<number, number>();
  let total = 0;
  for (const ids of idsPerFrame) {
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    total += ids.length;
  }
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return {
    slot: new Map(sorted.map(([id], slot) => [id, slot])),
    frames: sorted.map(([, count]) => count),
    total,
  };
}
