import { emptyMask, maskArea, type RleMask } from '../../../src-shared/mask/rle.ts';
import { mean } from './mean.ts';
import { contourRadius, regionContour } from './region-contour.ts';

/** The masks of one frame by object id; an absent or empty mask means the object is not there. */
export type FrameMasks = ReadonlyMap<number, RleMask>;

/** DAVIS statistics of one measure over an object's frames; fractions 0..1. */
export interface MeasureSummary {
  readonly mean: number;
  /** Share of frames above 0.5. */
  readonly recall: number;
  /** Mean of the first quarter minus mean of the last. */
  readonly decay: number;
  readonly perFrame: readonly number[];
}

export interface ObjectScore {
  readonly objectId: number;
  /** Position among the given frames of the first value of `perFrame`: where the id was first seen on either side. */
  readonly firstFrame: number;
  readonly j: MeasureSummary;
  readonly f: MeasureSummary;
  readonly jf: number;
}

export interface SequenceScore {
  /** Objects of the ground truth, ids ascending; ids that only the prediction has are not reported. */
  readonly objects: readonly ObjectScore[];
  /** Means over `objects`; null when the ground truth is empty. */
  readonly mean: JfMean | null;
}

/** Fractions 0..1; publications print them x100. */
export interface JfMean {
  readonly j: number;
  readonly f: number;
  readonly jf: number;
}

/**
 * Collects J and F frame by frame, so a long sequence needs no more than two frames of masks at a time.
 * A value is taken for every id seen so far in truth or prediction: frames before an object's first appearance do not count
 * (YouTube-VOS), frames after it left do. Source: sav_benchmark.py, Evaluator.
 */
export class SequenceScorer {
  readonly #radius: number;
  readonly #empty: RleMask;
  readonly #tracks = new Map<number, { firstFrame: number; inTruth: boolean; j: number[]; f: number[] }>();
  #frames = 0;

  /** Size in pixels of every mask that will be given. */
  constructor(width: number, height: number) {
    this.#radius = contourRadius(width, height);
    this.#empty = emptyMask(width, height);
  }

  /** Throws `mask-corrupt` when a mask has another size. */
  addFrame(truth: FrameMasks, prediction: FrameMasks): void {
    this.#see(truth, true);
    this.#see(prediction, false);
    for (const [objectId, track] of this.#tracks) {
      const { j, f } = regionContour(
        prediction.get(objectId) ?? this.#empty,
        truth.get(objectId) ?? this.#empty,
        this.#radius,
      );
      track.j.push(j);
      track.f.push(f);
    }
    this.#frames++;
  }

  finish(): SequenceScore {
    const objects = [...this.#tracks]
      .filter(([, track]) => track.inTruth)
      .sort(([a], [b]) => a - b)
      .map(([objectId, track]) => {
        const j = summarizeMeasure(track.j);
        const f = summarizeMeasure(track.f);
        return { objectId, firstFrame: track.firstFrame, j, f, jf: (j.mean + f.mean) / 2 };
      });
    return { objects, mean: meanOfObjects(objects) };
  }

  #see(masks: FrameMasks, inTruth: boolean): void {
    for (const [objectId, mask] of masks) {
      if (maskArea(mask) === 0) continue;
      const track = this.#tracks.get(objectId);
      if (track === undefined) this.#tracks.set(objectId, { firstFrame: this.#frames, inTruth, j: [], f: [] });
      else track.inTruth ||= inTruth;
    }
  }
}

/** Mean over all objects of all sequences (not over sequences), as the DAVIS and SA-V benchmarks do; null without objects. */
export function scoreDataset(sequences: readonly SequenceScore[]): JfMean | null {
  return meanOfObjects(sequences.flatMap((sequence) => sequence.objects));
}

function meanOfObjects(objects: readonly ObjectScore[]): JfMean | null {
  if (objects.length === 0) return null;
  const j = mean(objects.map((object) => object.j.mean));
  const f = mean(objects.map((object) => object.f.mean));
  return { j, f, jf: (j + f) / 2 };
}

/**
 * Source of recall and decay: davis2017-evaluation, utils.db_statistics (four bins that share their end frames). Its bias of
 * 1e-10 leaves no tie, so plain rounding agrees with numpy's half-to-even.
 */
function summarizeMeasure(values: readonly number[]): MeasureSummary {
  const edges = [0, 1, 2, 3, 4].map((bin) => Math.round(1 + ((values.length - 1) * bin) / 4 + 1e-10) - 1);
  return {
    mean: mean(values),
    recall: mean(values.map((value) => (value > 0.5 ? 1 : 0))),
    decay: mean(values.slice(edges[0], edges[1] + 1)) - mean(values.slice(edges[3], edges[4] + 1)),
    perFrame: values,
  };
}
