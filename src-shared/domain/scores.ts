/**
 * Every score the models gave for one object on one frame, kept apart; `null` where the model has no such output.
 * All are probabilities in [0, 1] except `objectScoreLogit` (unbounded; visible when > 0).
 */
export interface Scores {
  /** The model's own estimate of the mask's IoU. */
  readonly predictedIou: number | null;
  /** Raw visibility logit of the tracker. */
  readonly objectScoreLogit: number | null;
  /** Detector: the concept is in the image at all. */
  readonly presence: number | null;
  /** Detector: class score times presence of the detection that made or matched this object. */
  readonly detection: number | null;
}

export const noScores: Scores = { predictedIou: null, objectScoreLogit: null, presence: null, detection: null };
