import { assign } from '../base/assignment.ts';
import { AT_50, AT_75, IOU_THRESHOLDS } from './iou-thresholds.ts';
import { mean } from './mean.ts';

/** What one annotator found for one (image or video, phrase) pair, against the predictions that were kept. */
export interface AnnotatorOverlap {
  readonly truthCount: number;
  /** [prediction][truth] IoU of masks, boxes or tubes. */
  readonly iou: readonly (readonly number[])[];
}

/** One (image or video, phrase) pair; at least one annotator, more than one for the oracle. */
export interface PhrasePair {
  /** Predictions at or above the score threshold. */
  readonly predictionCount: number;
  readonly annotators: readonly AnnotatorOverlap[];
}

/** Instance measures at one IoU threshold, or averaged over all ten. Fractions. */
export interface Cgf1Measures {
  /** positiveMicroF1 x image-level MCC; can be negative. */
  readonly cgF1: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Precision and F1 over the pairs that have ground truth (recall keeps every miss): pmF1. */
  readonly positiveMicroPrecision: number;
  readonly positiveMicroF1: number;
  /** Mean F1 of the pairs with ground truth and predictions; null when there is none. */
  readonly positiveMacroF1: number | null;
}

export interface Cgf1AtIou extends Cgf1Measures {
  readonly iou: number;
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly positiveMicroFp: number;
}

/** Is the phrase there at all, per pair. Independent of IoU. */
export interface ImageLevelScore {
  readonly tp: number;
  readonly fp: number;
  readonly tn: number;
  readonly fn: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly fpr: number;
  /** Matthews correlation, -1..1. */
  readonly mcc: number;
}

export interface Cgf1Score {
  readonly mean: Cgf1Measures;
  readonly at50: Cgf1AtIou;
  readonly at75: Cgf1AtIou;
  readonly perIou: readonly Cgf1AtIou[];
  readonly imageLevel: ImageLevelScore;
}

/** The evaluator's smoothing: part of the published numbers. */
const COUNT_EPSILON = 1e-4;
const IMAGE_EPSILON = 1e-6;

/** The outcome of one pair against one annotator. `instances` is null when both sides are empty: nothing to measure. */
interface PairOutcome {
  readonly hasTruth: boolean;
  readonly hasPrediction: boolean;
  readonly instances: {
    readonly tp: number[];
    readonly fp: number[];
    readonly fn: number[];
    readonly f1: number[];
  } | null;
}

/**
 * cgF1 of a set of (image, phrase) pairs: Hungarian matching on IoU per pair, micro counts over pairs, times the image-level
 * Matthews correlation. With several annotators the one that the predictions agree with best is taken per pair (oracle).
 * Source: sam3 eval/cgf1_eval.py.
 */
export function scoreCgf1(pairs: readonly PhrasePair[]): Cgf1Score {
  const outcomes = pairs.map(chooseAnnotator);
  const imageLevel = scoreImageLevel(outcomes);
  const perIou = IOU_THRESHOLDS.map((iou, at) => scoreAtIou(outcomes, at, iou, imageLevel.mcc));
  return { mean: averageMeasures(perIou), at50: perIou[AT_50], at75: perIou[AT_75], perIou, imageLevel };
}

/** The first annotator wins ties, except that an annotator who agrees that nothing is there wins over any count. */
function chooseAnnotator(pair: PhrasePair): PairOutcome {
  const [first, ...others] = pair.annotators.map((annotator) => matchPair(pair.predictionCount, annotator));
  return others.reduce((best, current) => {
    if (current.instances === null) return current;
    if (best.instances === null) return best;
    return mean(current.instances.f1) > mean(best.instances.f1) ? current : best;
  }, first);
}

function matchPair(predictionCount: number, { truthCount, iou }: AnnotatorOverlap): PairOutcome {
  const hasTruth = truthCount > 0;
  const hasPrediction = predictionCount > 0;
  if (!hasTruth && !hasPrediction) return { hasTruth, hasPrediction, instances: null };
  const { rows, columns } = assign(predictionCount, truthCount, (row, column) => iou[row][column], 'max');
  const tp = IOU_THRESHOLDS.map((threshold) => rows.filter((row, pair) => iou[row][columns[pair]] >= threshold).length);
  const fp = tp.map((hits) => predictionCount - hits);
  const fn = tp.map((hits) => truthCount - hits);
  const f1 = tp.map((hits, at) => harmonicMean(ratio(hits, fp[at]), ratio(hits, fn[at])));
  return { hasTruth, hasPrediction, instances: { tp, fp, fn, f1 } };
}

function scoreImageLevel(outcomes: readonly PairOutcome[]): ImageLevelScore {
  const count = (hasTruth: boolean, hasPrediction: boolean) =>
    outcomes.filter((pair) => pair.hasTruth === hasTruth && pair.hasPrediction === hasPrediction).length;
  const tp = count(true, true);
  const fp = count(false, true);
  const fn = count(true, false);
  const tn = count(false, false);
  const recall = tp / (tp + fn + IMAGE_EPSILON);
  const precision = tp / (tp + fp + IMAGE_EPSILON);
  return {
    tp,
    fp,
    tn,
    fn,
    precision,
    recall,
    f1: (2 * precision * recall) / (precision + recall + IMAGE_EPSILON),
    fpr: fp / (fp + tn + IMAGE_EPSILON),
    mcc: (tp * tn - fp * fn) / (Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)) + IMAGE_EPSILON),
  };
}

function scoreAtIou(outcomes: readonly PairOutcome[], at: number, iou: number, mcc: number): Cgf1AtIou {
  let tp = 0;
  let fp = 0;
  let fn = 0;
  let positiveMicroFp = 0;
  let localF1 = 0;
  let localPairs = 0;
  for (const { hasTruth, hasPrediction, instances } of outcomes) {
    if (instances === null) continue;
    tp += instances.tp[at];
    fp += instances.fp[at];
    fn += instances.fn[at];
    if (!hasTruth || !hasPrediction) continue;
    positiveMicroFp += instances.fp[at];
    localF1 += instances.f1[at];
    localPairs++;
  }
  const recall = ratio(tp, fn);
  const precision = ratio(tp, fp);
  const positiveMicroPrecision = ratio(tp, positiveMicroFp);
  const positiveMicroF1 = harmonicMean(positiveMicroPrecision, recall);
  return {
    iou,
    tp,
    fp,
    fn,
    positiveMicroFp,
    cgF1: positiveMicroF1 * mcc,
    precision,
    recall,
    f1: harmonicMean(precision, recall),
    positiveMicroPrecision,
    positiveMicroF1,
    positiveMacroF1: localPairs === 0 ? null : localF1 / localPairs,
  };
}

function averageMeasures(perIou: readonly Cgf1AtIou[]): Cgf1Measures {
  const average = (pick: (score: Cgf1AtIou) => number) => mean(perIou.map(pick));
  return {
    cgF1: average((score) => score.cgF1),
    precision: average((score) => score.precision),
    recall: average((score) => score.recall),
    f1: average((score) => score.f1),
    positiveMicroPrecision: average((score) => score.positiveMicroPrecision),
    positiveMicroF1: average((score) => score.positiveMicroF1),
    positiveMacroF1:
      perIou[0].positiveMacroF1 === null ? null : average((score) => score.positiveMacroF1 ?? Number.NaN),
  };
}

function ratio(hits: number, misses: number): number {
  return hits / (hits + misses + COUNT_EPSILON);
}

function harmonicMean(a: number, b: number): number {
  return (2 * a * b) / (a + b + COUNT_EPSILON);
}
