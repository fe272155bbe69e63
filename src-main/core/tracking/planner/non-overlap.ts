import { type BitMask, bitMaskFromWords } from './bit-mask.ts';

/**
 * Gives every pixel to the object with the highest score (ties: the first), for display; masks have one size. An object with a
 * negative score (removed: -1e4) loses even to background and keeps nothing; a single mask is never changed. Returns new masks
 * in input order; masks that lost nothing are returned as they are.
 * Source: SAM 3 `_apply_object_wise_non_overlapping_constraints`.
 */
export function withoutOverlap(masks: readonly BitMask[], scores: ArrayLike<number>): readonly BitMask[] {
  if (masks.length < 2) return masks;
  const taken = new Uint32Array(masks[0].words.length);
  const result = [...masks];
  const byScore = masks.map((_, index) => index).sort((a, b) => scores[b] - scores[a]);
  for (const index of byScore) {
    const { words, width, height, top, bottom, stride } = masks[index];
    if (scores[index] < 0) {
      result[index] = bitMaskFromWords(new Uint32Array(words.length), width, height);
      continue;
    }
    let lost = 0;
    for (let at = top * stride; at < bottom * stride; at++) lost |= words[at] & taken[at];
    if (lost !== 0) {
      const left = words.map((bits, at) => bits & ~taken[at]);
      result[index] = bitMaskFromWords(left, width, height);
    }
    for (let at = top * stride; at < bottom * stride; at++) taken[at] |= words[at];
  }
  return result;
}
