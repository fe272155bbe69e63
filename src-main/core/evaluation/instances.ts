import type { RleMask } from '../../../src-shared/mask/rle.ts';
import { type CocoBox, cocoBoxFromMask, cocoBoxIou, cocoMaskIou } from './coco-rle.ts';
import { spansFromMask } from './mask-spans.ts';

/** Which shape two instances are compared by. */
export type OverlapKind = 'mask' | 'box';

/** One annotated instance on one image. Masks at image size, boxes in pixels of that image. */
export interface TruthInstance {
  readonly imageId: number;
  readonly categoryId: number;
  readonly box: CocoBox;
  readonly mask: RleMask;
  /** Pixels, as the annotation states them: decides the size range. */
  readonly area: number;
  /** A region of many instances: matching it is neither right nor wrong. */
  readonly crowd: boolean;
}

/** One detected instance on one image. */
export interface DetectedInstance {
  readonly imageId: number;
  readonly categoryId: number;
  readonly score: number;
  readonly mask: RleMask;
  /** null: none was predicted; the mask's tight box stands in, and the mask's own area decides the size range. */
  readonly box: CocoBox | null;
}

/** IoU of detections (rows) with ground truths (columns), with COCO's crowd rule. */
export function instanceIou(
  detections: readonly DetectedInstance[],
  truths: readonly TruthInstance[],
  kind: OverlapKind,
): number[][] {
  const crowd = truths.map((truth) => truth.crowd);
  if (kind === 'box') {
    return cocoBoxIou(
      detections.map((detection) => detection.box ?? cocoBoxFromMask(detection.mask)),
      truths.map((truth) => truth.box),
      crowd,
    );
  }
  return cocoMaskIou(
    detections.map((detection) => spansFromMask(detection.mask)),
    truths.map((truth) => spansFromMask(truth.mask)),
    crowd,
  );
}
