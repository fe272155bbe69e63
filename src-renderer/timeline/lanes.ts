import type { FrameMasks, MaskSpan, ObjectScores } from '../../src-shared/contract/results.ts';
import type { ObjectId } from '../../src-shared/domain/ids.ts';
import type { Scores } from '../../src-shared/domain/scores.ts';

export const UNTRACKED = 0;
export const PRESENT = 1;
export const ABSENT = 2;

/** One object over the whole clip, a byte a frame. */
export interface Lane {
  /** UNTRACKED, PRESENT or ABSENT. */
  readonly states: Uint8Array;
  /** 0: not known; 1..255: confidence from none to full. */
  readonly confidences: Uint8Array;
}

/** Lanes of one session by object; drawn by the timeline, filled from disk and, while a run goes, from its events. */
export class Lanes {
  readonly #frameCount: number;
  readonly #onChange: () => void;
  readonly #lanes = new Map<ObjectId, Lane>();

  constructor(frameCount: number, onChange: () => void) {
    this.#frameCount = frameCount;
    this.#onChange = onChange;
  }

  get(objectId: ObjectId): Lane | null {
    return this.#lanes.get(objectId) ?? null;
  }

  /** What is on disk: replaces the lane. */
  load(objectId: ObjectId, spans: readonly MaskSpan[], scores: ObjectScores): void {
    const lane = this.#fresh();
    for (const { first, last, state } of spans)
      lane.states.fill(state === 'present' ? PRESENT : ABSENT, first, last + 1);
    const known = (value: number) => (Number.isNaN(value) ? null : value);
    scores.frameIndices.forEach((frameIndex, at) => {
      lane.confidences[frameIndex] = confidenceByte({
        predictedIou: known(scores.predictedIou[at]),
        objectScoreLogit: known(scores.objectScoreLogit[at]),
        detection: known(scores.detection[at]),
        presence: null,
      });
    });
    this.#lanes.set(objectId, lane);
    this.#onChange();
  }

  /** What a run has just committed. */
  commit(frames: readonly FrameMasks[]): void {
    for (const { frameIndex, masks } of frames) {
      for (const { objectId, mask, scores } of masks) {
        const lane = this.#lanes.get(objectId) ?? this.#fresh();
        lane.states[frameIndex] = mask === null ? ABSENT : PRESENT;
        lane.confidences[frameIndex] = confidenceByte(scores);
        this.#lanes.set(objectId, lane);
      }
    }
    this.#onChange();
  }

  remove(objectIds: readonly ObjectId[]): void {
    for (const objectId of objectIds) this.#lanes.delete(objectId);
    if (objectIds.length > 0) this.#onChange();
  }

  /** Share of the frames of a range (inclusive; absent: the clip) that were tracked, 0..1. */
  trackedShare(objectId: ObjectId, first = 0, last = this.#frameCount - 1): number {
    const lane = this.#lanes.get(objectId);
    if (lane === undefined) return 0;
    let tracked = 0;
    for (let frame = first; frame <= last; frame++) if (lane.states[frame] !== UNTRACKED) tracked++;
    return tracked / (last - first + 1);
  }

  #fresh(): Lane {
    return { states: new Uint8Array(this.#frameCount), confidences: new Uint8Array(this.#frameCount) };
  }
}

/** The model's own estimate of the mask, else how visible it takes the object to be, else the detection's score. */
export function confidenceOf({ predictedIou, objectScoreLogit, detection }: Scores): number | null {
  if (predictedIou !== null) return Math.min(1, Math.max(0, predictedIou));
  if (objectScoreLogit !== null) return 1 / (1 + Math.exp(-objectScoreLogit));
  return detection;
}

export function confidenceByte(scores: Scores): number {
  const confidence = confidenceOf(scores);
  return confidence === null ? 0 : 1 + Math.round(confidence * 254);
}
