import { assign } from '../base/assignment.ts';
import { indexTracks, type TrackingFrame } from './tracking-frame.ts';

/** CLEAR measures of one sequence. Counts are detections (frames x objects) unless said otherwise. */
export interface ClearMotScore {
  readonly tp: number;
  readonly fn: number;
  readonly fp: number;
  /** Times a true track was matched to another prediction than the last one it had. */
  readonly idSwitches: number;
  /** Times a true track was lost and found again. */
  readonly fragmentations: number;
  /** True tracks matched in more than 80 %, 20 to 80 %, less than 20 % of their frames. */
  readonly mostlyTracked: number;
  readonly partlyTracked: number;
  readonly mostlyLost: number;
  /** Sum of the similarity of the matches. */
  readonly similaritySum: number;
  /** 1 - (fn + fp + switches) / ground truth; can be negative. */
  readonly mota: number;
  /** Mean similarity of the matches, 0..1. */
  readonly motp: number;
}

/** A match of the frame before outweighs any similarity, so that identities are kept while they are still true. */
const KEEP_BONUS = 1000;

type Counts = Omit<ClearMotScore, 'mota' | 'motp'>;

/**
 * MOTA and its parts at one similarity threshold. A frame without ground truth or without prediction leaves the matches of the
 * frame before as they were. Denominators are at least 1. Source: Bernardin & Stiefelhagen 2008; TrackEval metrics/clear.py.
 */
export function scoreClearMot(frames: readonly TrackingFrame[], threshold = 0.5): ClearMotScore {
  const index = indexTracks(frames);
  const lastMatch = new Map<number, number>();
  const found = new Map<number, number>();
  const matchedFrames = new Map<number, number>();
  let previous = new Map<number, number>();
  let tp = 0;
  let idSwitches = 0;
  let similaritySum = 0;
  for (const frame of frames) {
    if (frame.truthIds.length === 0 || frame.predictionIds.length === 0) continue;
    const current = new Map<number, number>();
    for (const { truthId, predictionId, similarity } of matchFrame(frame, previous, threshold)) {
      const last = lastMatch.get(truthId);
      if (last !== undefined && last !== predictionId) idSwitches++;
      if (!previous.has(truthId)) found.set(truthId, (found.get(truthId) ?? 0) + 1);
      lastMatch.set(truthId, predictionId);
      matchedFrames.set(truthId, (matchedFrames.get(truthId) ?? 0) + 1);
      current.set(truthId, predictionId);
      similaritySum += similarity;
      tp++;
    }
    previous = current;
  }
  const shares = [...index.truthSlot].map(([id, slot]) => (matchedFrames.get(id) ?? 0) / index.truthFrames[slot]);
  const mostlyTracked = shares.filter((share) => share > 0.8).length;
  const partlyTracked = shares.filter((share) => share >= 0.2).length - mostlyTracked;
  return finishClear({
    tp,
    fn: index.truthDetections - tp,
    fp: index.predictionDetections - tp,
    idSwitches,
    fragmentations: [...found.values()].reduce((total, times) => total + times - 1, 0),
    mostlyTracked,
    partlyTracked,
    mostlyLost: shares.length - mostlyTracked - partlyTracked,
    similaritySum,
  });
}

/** Pools sequences by adding their counts. */
export function combineClearMot(scores: readonly ClearMotScore[]): ClearMotScore {
  const sum = (key: keyof Counts) => scores.reduce((total, score) => total + score[key], 0);
  return finishClear({
    tp: sum('tp'),
    fn: sum('fn'),
    fp: sum('fp'),
    idSwitches: sum('idSwitches'),
    fragmentations: sum('fragmentations'),
    mostlyTracked: sum('mostlyTracked'),
    partlyTracked: sum('partlyTracked'),
    mostlyLost: sum('mostlyLost'),
    similaritySum: sum('similaritySum'),
  });
}

function matchFrame(frame: TrackingFrame, previous: ReadonlyMap<number, number>, threshold: number) {
  const { truthIds, predictionIds, similarity } = frame;
  const score = (row: number, column: number) => {
    if (similarity[row][column] < threshold - Number.EPSILON) return 0;
    const kept = previous.get(truthIds[row]) === predictionIds[column];
    return (kept ? KEEP_BONUS : 0) + similarity[row][column];
  };
  const { rows, columns } = assign(truthIds.length, predictionIds.length, score, 'max');
  return rows
    .map((row, at) => ({ row, column: columns[at] }))
    .filter(({ row, column }) => score(row, column) > Number.EPSILON)
    .map(({ row, column }) => ({
      truthId: truthIds[row],
      predictionId: predictionIds[column],
      similarity: similarity[row][column],
    }));
}

function finishClear(counts: Counts): ClearMotScore {
  const truths = counts.tp + counts.fn;
  return {
    ...counts,
    mota: (counts.tp - counts.fp - counts.idSwitches) / Math.max(1, truths),
    motp: counts.similaritySum / Math.max(1, counts.tp),
  };
}
