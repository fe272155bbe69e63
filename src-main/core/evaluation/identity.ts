import { assign } from '../base/assignment.ts';
import { indexTracks, type TrackingFrame } from './tracking-frame.ts';

/** Identity measures: counts are frames in which the globally assigned pair of tracks agrees. Ratios are 0..1. */
export interface IdentityScore {
  readonly idtp: number;
  readonly idfn: number;
  readonly idfp: number;
  readonly idf1: number;
  /** Identity precision. */
  readonly idp: number;
  /** Identity recall. */
  readonly idr: number;
}

/**
 * IDF1 with one assignment of predicted to true tracks over the whole sequence; two tracks agree in a frame when their
 * similarity is at least `threshold`. Denominators are at least 1. Source: Ristani et al. 2016; TrackEval metrics/identity.py.
 */
export function scoreIdentity(frames: readonly TrackingFrame[], threshold = 0.5): IdentityScore {
  const index = indexTracks(frames);
  const truthCount = index.truthFrames.length;
  const predictionCount = index.predictionFrames.length;
  const agreements = new Float64Array(truthCount * predictionCount);
  for (const { truthIds, predictionIds, similarity } of frames) {
    for (let row = 0; row < truthIds.length; row++) {
      const base = index.truthSlot.get(truthIds[row])! * predictionCount;
      for (let column = 0; column < predictionIds.length; column++) {
        if (similarity[row][column] < threshold) continue;
        agreements[base + index.predictionSlot.get(predictionIds[column])!]++;
      }
    }
  }
  const of = (truth: number, prediction: number) => agreements[truth * predictionCount + prediction];
  const { rows, columns } = assign(truthCount, predictionCount, of, 'max');
  const idtp = rows.reduce((total, row, at) => total + of(row, columns[at]), 0);
  return finishIdentity(idtp, index.truthDetections - idtp, index.predictionDetections - idtp);
}

/** Pools sequences by adding their counts. */
export function combineIdentity(scores: readonly IdentityScore[]): IdentityScore {
  const sum = (pick: (score: IdentityScore) => number) => scores.reduce((total, score) => total + pick(score), 0);
  return finishIdentity(
    sum((score) => score.idtp),
    sum((score) => score.idfn),
    sum((score) => score.idfp),
  );
}

function finishIdentity(idtp: number, idfn: number, idfp: number): IdentityScore {
  return {
    idtp,
    idfn,
    idfp,
    idf1: idtp / Math.max(1, idtp + 0.5 * idfp + 0.5 * idfn),
    idp: idtp / Math.max(1, idtp + idfp),
    idr: idtp / Math.max(1, idtp + idfn),
  };
}
