import { maskArea } from '../../../src-shared/mask/rle.ts';
import { type DetectedInstance, instanceIou, type OverlapKind, type TruthInstance } from './instances.ts';
import { IOU_THRESHOLDS } from './iou-thresholds.ts';

/** Pixels, both ends inclusive. */
export interface AreaRange {
  readonly min: number;
  readonly max: number;
}

/** One image and category, compared once and matched once per size range. */
export interface ImageCategory {
  /** Detections by falling score (ties keep their order), at most as many as were asked for. */
  readonly detections: readonly DetectedInstance[];
  readonly detectionAreas: readonly number[];
  readonly truths: readonly TruthInstance[];
  /** [detections][truths] */
  readonly iou: readonly (readonly number[])[];
}

/** What happened to the detections of one image and category in one size range, per IoU threshold. */
export interface MatchResult {
  readonly scores: readonly number[];
  /** [threshold][detection] 1: matched to a ground truth. */
  readonly matched: readonly Uint8Array[];
  /** [threshold][detection] 1: neither right nor wrong (crowd, or outside the size range). */
  readonly ignored: readonly Uint8Array[];
  /** Ground truths that count in this size range. */
  readonly countedTruths: number;
}

export function compareImageCategory(
  detections: readonly DetectedInstance[],
  truths: readonly TruthInstance[],
  kind: OverlapKind,
  maxDetections: number,
): ImageCategory {
  const kept = [...detections].sort((a, b) => b.score - a.score).slice(0, maxDetections);
  return {
    detections: kept,
    // pycocotools loadRes: a detection that carries a box is sized by its box, for masks too.
    detectionAreas: kept.map(({ box, mask }) => (box === null ? maskArea(mask) : box[2] * box[3])),
    truths,
    iou: instanceIou(kept, truths, kind),
  };
}

/**
 * Greedy matching by falling score: each detection takes the best still free ground truth with IoU >= threshold (the later one
 * of equals), one that counts before one that is ignored; a crowd can be taken many times.
 * Source: pycocotools cocoeval.py, evaluateImg.
 */
export function matchInstances(pair: ImageCategory, range: AreaRange): MatchResult {
  const outside = (area: number) => area < range.min || area > range.max;
  const order = pair.truths
    .map((truth, column) => ({ column, crowd: truth.crowd, ignored: truth.crowd || outside(truth.area) }))
    .sort((a, b) => Number(a.ignored) - Number(b.ignored));
  const matched: Uint8Array[] = [];
  const ignored: Uint8Array[] = [];
  for (const threshold of IOU_THRESHOLDS) {
    const taken = new Uint8Array(order.length);
    const hits = new Uint8Array(pair.detections.length);
    const skips = new Uint8Array(pair.detections.length);
    for (let row = 0; row < hits.length; row++) {
      const best = bestTruth(pair.iou[row], order, taken, threshold);
      if (best < 0) skips[row] = outside(pair.detectionAreas[row]) ? 1 : 0;
      else {
        taken[best] = 1;
        hits[row] = 1;
        skips[row] = order[best].ignored ? 1 : 0;
      }
    }
    matched.push(hits);
    ignored.push(skips);
  }
  return {
    scores: pair.detections.map((detection) => detection.score),
    matched,
    ignored,
    countedTruths: order.filter((truth) => !truth.ignored).length,
  };
}

function bestTruth(
  iou: readonly number[],
  order: readonly { readonly column: number; readonly crowd: boolean; readonly ignored: boolean }[],
  taken: Uint8Array,
  threshold: number,
): number {
  let best = -1;
  let bestIou = Math.min(threshold, 1 - 1e-10);
  for (let at = 0; at < order.length; at++) {
    const { column, crowd, ignored } = order[at];
    if (taken[at] && !crowd) continue;
    if (best >= 0 && ignored && !order[best].ignored) break;
    if (iou[column] < bestIou) continue;
    bestIou = iou[column];
    best = at;
  }
  return best;
}
