import type { ObjectId } from '../../../../src-shared/domain/ids.ts';
import type { Association } from './associate.ts';

/** Gate on the raw object-score logit (not a probability) of the tracker; hard-coded in the reference. */
export const reconditionScoreLogit = 0.8;

/**
 * The tracks whose memory should be refreshed from a detection on this frame: every `every` frames (<= 0: never), pairs that
 * the association is sure of, when the tracker itself sees the object. Ascending by track. Source: SAM 3 `_recondition_masklets`.
 */
export function pairsToRecondition(
  frameIndex: number,
  every: number,
  highConfidence: Association['highConfidence'],
  objectScoreLogitOf: (id: ObjectId) => number,
): Association['highConfidence'] {
  if (every <= 0 || frameIndex % every !== 0) return [];
  const gate = Math.fround(reconditionScoreLogit);
  return highConfidence.filter(({ track }) => objectScoreLogitOf(track) > gate).sort((a, b) => a.track - b.track);
}
