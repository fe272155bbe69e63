import type { FrameMasks, ObjectLane } from '../../src-shared/contract/results.ts';
import type { ObjectId } from '../../src-shared/domain/ids.ts';
import { confidenceByte, laneState } from '../../src-shared/domain/lane.ts';
import { LaneStrip } from './lane-strip.ts';

/** Frames first..last, both inclusive. */
export interface Stretch {
  readonly first: number;
  readonly last: number;
}

/** One object over the whole clip. */
export interface Lane {
  /** `laneBits` of any frame joined. */
  readonly states: LaneStrip;
  /** 0: not known; 1..255: confidence from none to full; joined: the lowest one. */
  readonly confidences: LaneStrip;
  /** Frames that were tracked. */
  readonly tracked: number;
}

interface OpenLane extends Lane {
  tracked: number;
}

const either = (a: number, b: number) => a | b;
/** The lowest that is known: doubt must not vanish when the clip is long. */
const lower = (a: number, b: number) => (a === 0 ? b : b === 0 || a < b ? a : b);

/** Lanes of one session by object; drawn by the timeline, filled from disk and, while a run goes, from its events. */
export class Lanes {
  readonly #frameCount: number;
  readonly #onChange: () => void;
  readonly #lanes = new Map<ObjectId, OpenLane>();
  readonly #changed = new Map<ObjectId, readonly Stretch[]>();
  #revision = 0;
  #reading = 0;

  constructor(frameCount: number, onChange: () => void) {
    this.#frameCount = frameCount;
    this.#onChange = onChange;
  }

  /** Rises with every change, so that what was drawn can be kept until then. */
  get revision(): number {
    return this.#revision;
  }

  get(objectId: ObjectId): Lane | null {
    return this.#lanes.get(objectId) ?? null;
  }

  /** Stretches to be drawn as out of date; none: the object's state says it for the whole lane. */
  changedStretches(objectId: ObjectId): readonly Stretch[] {
    return this.#changed.get(objectId) ?? NONE;
  }

  /** Whoever reads lanes from disk asks between two of them whether nobody else has begun to since. */
  beginReading(): () => boolean {
    const reading = ++this.#reading;
    return () => reading === this.#reading;
  }

  /** What is on disk, in parts: replaces the lane. */
  load(objectId: ObjectId, parts: readonly ObjectLane[]): void {
    const lane = this.#fresh();
    for (const { first, states, confidences } of parts) {
      lane.states.write(first, states);
      lane.confidences.write(first, confidences);
    }
    lane.tracked = lane.states.count(0, this.#frameCount - 1);
    this.#lanes.set(objectId, lane);
    this.#tell();
  }

  /** What a run has just committed. */
  commit(frames: readonly FrameMasks[]): void {
    for (const { frameIndex, masks } of frames) {
      for (const { objectId, mask, scores, provisional } of masks) {
        const lane = this.#lanes.get(objectId) ?? this.#fresh();
        if (lane.states.at(frameIndex) === 0) lane.tracked++;
        lane.states.set(frameIndex, laneState(mask !== null, provisional));
        lane.confidences.set(frameIndex, confidenceByte(scores));
        this.#lanes.set(objectId, lane);
      }
    }
    this.#tell();
  }

  /** Which stretches of an object are out of date or differ from before; none: nothing is marked any more. */
  markChanged(objectId: ObjectId, stretches: readonly Stretch[]): void {
    if (stretches.length > 0) this.#changed.set(objectId, stretches);
    else if (!this.#changed.delete(objectId)) return;
    this.#tell();
  }

  remove(objectIds: readonly ObjectId[]): void {
    for (const objectId of objectIds) {
      this.#lanes.delete(objectId);
      this.#changed.delete(objectId);
    }
    if (objectIds.length > 0) this.#tell();
  }

  /** Share of the clip's frames that were tracked, 0..1; null: not known until its lane has been read or a run commits. */
  trackedShare(objectId: ObjectId): number | null {
    const lane = this.#lanes.get(objectId);
    return lane === undefined ? null : lane.tracked / this.#frameCount;
  }

  /** Frames whose confidence is known, and of these how many lie below a byte. */
  confidenceCounts(objectId: ObjectId, below: number): { readonly known: number; readonly low: number } {
    const strip = this.#lanes.get(objectId)?.confidences;
    if (strip === undefined) return { known: 0, low: 0 };
    const last = this.#frameCount - 1;
    return { known: strip.count(0, last), low: strip.count(0, last, below) };
  }

  #fresh(): OpenLane {
    return {
      states: new LaneStrip(this.#frameCount, either),
      confidences: new LaneStrip(this.#frameCount, lower),
      tracked: 0,
    };
  }

  #tell(): void {
    this.#revision++;
    this.#onChange();
  }
}

const NONE: readonly Stretch[] = [];
