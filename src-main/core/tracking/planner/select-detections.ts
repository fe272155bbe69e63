import type { Detections, DetectorConstants } from '../ports.ts';
import type { RelativeBox } from './admission.ts';
import type { ScoredMask } from './associate.ts';
import { type BitMask, bitMaskFromLogits } from './bit-mask.ts';
import { maskNms } from './nms.ts';

/** A detection that the planner may use. */
export interface PlannerDetection extends ScoredMask {
  /** Which query of the detector it was: names its logits in `Detections.masks`. */
  readonly query: number;
  readonly box: RelativeBox;
}

/**
 * Detector output -> candidates above the score threshold, without doubles, in query order. `lowres` is the side of the mask grid.
 * Only candidates are packed.
 */
export function selectDetections(
  detections: Pick<Detections, 'scores' | 'boxes' | 'masks'>,
  lowres: number,
  constants: Pick<DetectorConstants, 'scoreThreshold' | 'detNmsThresh'>,
): readonly PlannerDetection[] {
  const masks = new Map<number, BitMask>();
  const maskOf = (query: number): BitMask => {
    const known = masks.get(query);
    if (known !== undefined) return known;
    const mask = bitMaskFromLogits(detections.masks, lowres, lowres, query * lowres * lowres);
    masks.set(query, mask);
    return mask;
  };
  const kept = maskNms(detections.scores, maskOf, {
    scoreThreshold: constants.scoreThreshold,
    iouThreshold: constants.detNmsThresh,
  });
  return kept.map((query) => {
    const [left, top, right, bottom] = detections.boxes.subarray(query * 4, query * 4 + 4);
    return { query, score: detections.scores[query], mask: maskOf(query), box: { left, top, right, bottom } };
  });
}
