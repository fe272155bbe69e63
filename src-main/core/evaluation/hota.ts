import { assign } from '../base/assignment.ts';
import { mean } from './mean.ts';
import { indexTracks, type TrackIndex, type TrackingFrame } from './tracking-frame.ts';

/** The 19 localisation thresholds 0.05, 0.10 .. 0.95, as numpy's arange rounds them. */
export const HOTA_ALPHAS: readonly number[] = Array.from({ length: 19 }, (_, index) => 0.05 + index * 0.05);

/** One value per threshold of `HOTA_ALPHAS`. */
export interface HotaCurves {
  readonly tp: readonly number[];
  readonly fn: readonly number[];
  readonly fp: readonly number[];
  readonly hota: readonly number[];
  readonly detA: readonly number[];
  readonly detRe: readonly number[];
  readonly detPr: readonly number[];
  readonly assA: readonly number[];
  readonly assRe: readonly number[];
  readonly assPr: readonly number[];
  readonly locA: readonly number[];
  readonly owta: readonly number[];
}

export type HotaMeasure = Exclude<keyof HotaCurves, 'tp' | 'fn' | 'fp'>;

export interface HotaScore {
  readonly perAlpha: HotaCurves;
  /** Averages over the thresholds, 0..1. */
  readonly mean: Readonly<Record<HotaMeasure, number>>;
}

/**
 * HOTA of one sequence: per frame one assignment that maximises similarity weighted by how well two tracks align over the whole
 * sequence, cut at each threshold. Without predictions or without ground truth every measure is 0 except LocA, which is 1.
 * Source: TrackEval metrics/hota.py; Luiten et al., IJCV 2020.
 */
export function scoreHota(frames: readonly TrackingFrame[]): HotaScore {
  const index = indexTracks(frames);
  const alignment = globalAlignment(frames, index);
  const tallies = HOTA_ALPHAS.map(() => ({ tp: 0, similarity: 0, together: new Map<number, number>() }));
  for (const frame of frames) {
    const truth = frame.truthIds.map((id) => index.truthSlot.get(id)!);
    const prediction = frame.predictionIds.map((id) => index.predictionSlot.get(id)!);
    const score = (row: number, column: number) =>
      alignment.of(truth[row], prediction[column]) * frame.similarity[row][column];
    const { rows, columns } = assign(truth.length, prediction.length, score, 'max');
    for (let pair = 0; pair < rows.length; pair++) {
      const similarity = frame.similarity[rows[pair]][columns[pair]];
      const key = alignment.key(truth[rows[pair]], prediction[columns[pair]]);
      for (let at = 0; at < HOTA_ALPHAS.length; at++) {
        if (similarity < HOTA_ALPHAS[at] - Number.EPSILON) continue;
        const tally = tallies[at];
        tally.tp++;
        tally.similarity += similarity;
        tally.together.set(key, (tally.together.get(key) ?? 0) + 1);
      }
    }
  }
  const nothing = index.truthDetections === 0 || index.predictionDetections === 0;
  const associations = tallies.map((tally) => associate(tally.together, tally.tp, index));
  return finishScore({
    tp: tallies.map((tally) => tally.tp),
    fn: tallies.map((tally) => index.truthDetections - tally.tp),
    fp: tallies.map((tally) => index.predictionDetections - tally.tp),
    assA: associations.map((association) => association.assA),
    assRe: associations.map((association) => association.assRe),
    assPr: associations.map((association) => association.assPr),
    locA: tallies.map((tally) => (nothing ? 1 : Math.max(1e-10, tally.similarity) / Math.max(1e-10, tally.tp))),
  });
}

/** Pools sequences: counts add up, association and localisation are weighted by true positives. Source: combine_sequences. */
export function combineHota(scores: readonly HotaScore[]): HotaScore {
  const sum = (pick: (curves: HotaCurves) => readonly number[]) =>
    HOTA_ALPHAS.map((_, at) => scores.reduce((total, score) => total + pick(score.perAlpha)[at], 0));
  const tp = sum((curves) => curves.tp);
  const weighted = (pick: (curves: HotaCurves) => readonly number[]) =>
    HOTA_ALPHAS.map((_, at) =>
      scores.reduce((total, score) => total + pick(score.perAlpha)[at] * score.perAlpha.tp[at], 0),
    );
  const byTruePositives = (pick: (curves: HotaCurves) => readonly number[]) =>
    weighted(pick).map((total, at) => total / Math.max(1, tp[at]));
  return finishScore({
    tp,
    fn: sum((curves) => curves.fn),
    fp: sum((curves) => curves.fp),
    assA: byTruePositives((curves) => curves.assA),
    assRe: byTruePositives((curves) => curves.assRe),
    assPr: byTruePositives((curves) => curves.assPr),
    locA: weighted((curves) => curves.locA).map((total, at) => Math.max(1e-10, total) / Math.max(1e-10, tp[at])),
  });
}

/** Soft alignment of every pair of tracks over the whole sequence. */
function globalAlignment(frames: readonly TrackingFrame[], index: TrackIndex) {
  const stride = Math.max(1, index.predictionFrames.length);
  const potential = new Map<number, number>();
  const key = (truth: number, prediction: number) => truth * stride + prediction;
  for (const { truthIds, predictionIds, similarity } of frames) {
    const rowSums = similarity.map((row) => row.reduce((total, value) => total + value, 0));
    const columnSums = predictionIds.map((_, column) => similarity.reduce((total, row) => total + row[column], 0));
    for (let row = 0; row < truthIds.length; row++) {
      for (let column = 0; column < predictionIds.length; column++) {
        const denominator = rowSums[row] + columnSums[column] - similarity[row][column];
        if (denominator <= Number.EPSILON) continue;
        const pair = key(index.truthSlot.get(truthIds[row])!, index.predictionSlot.get(predictionIds[column])!);
        potential.set(pair, (potential.get(pair) ?? 0) + similarity[row][column] / denominator);
      }
    }
  }
  const of = (truth: number, prediction: number) => {
    const matches = potential.get(key(truth, prediction)) ?? 0;
    return matches / (index.truthFrames[truth] + index.predictionFrames[prediction] - matches);
  };
  return { key, of };
}

/** Mean association over true positives: each matched pair of tracks counts once per frame it was matched in. */
function associate(together: ReadonlyMap<number, number>, tp: number, index: TrackIndex) {
  const stride = Math.max(1, index.predictionFrames.length);
  let assA = 0;
  let assRe = 0;
  let assPr = 0;
  for (const [key, matches] of together) {
    const truthFrames = index.truthFrames[Math.floor(key / stride)];
    const predictionFrames = index.predictionFrames[key % stride];
    assA += (matches * matches) / Math.max(1, truthFrames + predictionFrames - matches);
    assRe += (matches * matches) / Math.max(1, truthFrames);
    assPr += (matches * matches) / Math.max(1, predictionFrames);
  }
  const denominator = Math.max(1, tp);
  return { assA: assA / denominator, assRe: assRe / denominator, assPr: assPr / denominator };
}

function finishScore(base: Pick<HotaCurves, 'tp' | 'fn' | 'fp' | 'assA' | 'assRe' | 'assPr' | 'locA'>): HotaScore {
  const { tp, fn, fp, assA } = base;
  const detA = tp.map((hits, at) => hits / Math.max(1, hits + fn[at] + fp[at]));
  const detRe = tp.map((hits, at) => hits / Math.max(1, hits + fn[at]));
  const detPr = tp.map((hits, at) => hits / Math.max(1, hits + fp[at]));
  const hota = detA.map((value, at) => Math.sqrt(value * assA[at]));
  const owta = detRe.map((value, at) => Math.sqrt(value * assA[at]));
  const perAlpha: HotaCurves = { ...base, detA, detRe, detPr, hota, owta };
  return {
    perAlpha,
    mean: {
      hota: mean(hota),
      detA: mean(detA),
      detRe: mean(detRe),
      detPr: mean(detPr),
      assA: mean(assA),
      assRe: mean(base.assRe),
      assPr: mean(base.assPr),
      locA: mean(base.locA),
      owta: mean(owta),
    },
  };
}
