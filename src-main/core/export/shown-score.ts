import type { Scores } from '../../../src-shared/domain/scores.ts';

/**
 * The one number a label shows and overlaps are decided by, 0..1: the model's estimate of the mask's quality, else the
 * detection's score, else the visibility logit as a probability; null when the model gave none of them.
 */
export function shownScore(scores: Scores): number | null {
  if (scores.predictedIou !== null) return Math.min(1, Math.max(0, scores.predictedIou));
  if (scores.detection !== null) return scores.detection;
  return scores.objectScoreLogit === null ? null : 1 / (1 + Math.exp(-scores.objectScoreLogit));
}
