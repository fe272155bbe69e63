import { type BitMask, bitMaskIou } from './bit-mask.ts';

export interface NmsThresholds {
  /** Candidates must score strictly above this. */
  readonly scoreThreshold: number;
  /** A candidate is dropped when its IoU with a kept one is strictly above this. */
  readonly iouThreshold: number;
}

/**
 * Greedy mask non-maximum suppression, best score first (ties: lower index first). `masks[i]` is only read for candidates,
 * so `maskOf` may pack lazily. Returns the kept indices in ascending order. Comparisons are in float32.
 * Source: SAM 3 `perflib/nms.py: nms_masks`.
 */
export function maskNms(
  scores: ArrayLike<number>,
  maskOf: (index: number) => BitMask,
  thresholds: NmsThresholds,
): number[] {
  const scoreThreshold = Math.fround(thresholds.scoreThreshold);
  const iouThreshold = Math.fround(thresholds.iouThreshold);
  const candidates: number[] = [];
  for (let index = 0; index < scores.length; index++) if (scores[index] > scoreThreshold) candidates.push(index);
  candidates.sort((a, b) => scores[b] - scores[a] || a - b);
  const kept: { readonly index: number; readonly mask: BitMask }[] = [];
  for (const index of candidates) {
    const mask = maskOf(index);
    if (kept.every((other) => bitMaskIou(other.mask, mask) <= iouThreshold)) kept.push({ index, mask });
  }
  return kept.map(({ index }) => index).sort((a, b) => a - b);
}
