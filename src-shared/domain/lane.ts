import type { Scores } from './scores.ts';

/** What a byte of a lane says about one object on one frame; 0: not tracked. */
export const laneBits = { present: 1, absent: 2, provisional: 4 } as const;

/** The model's own estimate of the mask, else how visible it takes the object to be, else the detection's score; 0..1. */
export function confidenceOf({ predictedIou, objectScoreLogit, detection }: Omit<Scores, 'presence'>): number | null {
  if (predictedIou !== null) return Math.min(1, Math.max(0, predictedIou));
  if (objectScoreLogit !== null) return 1 / (1 + Math.exp(-objectScoreLogit));
  return detection;
}

/** 0: not known; 1..255: confidence from none to full. */
export function confidenceByte(scores: Omit<Scores, 'presence'>): number {
  const confidence = confidenceOf(scores);
  return confidence === null ? 0 : 1 + Math.round(Math.min(1, Math.max(0, confidence)) * 254);
}

export function laneState(present: boolean, provisional: boolean): number {
  return (present ? laneBits.present : laneBits.absent) | (provisional ? laneBits.provisional : 0);
}
