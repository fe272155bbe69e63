import type { ConceptId, ObjectId } from '../../../src-shared/domain/ids.ts';
import { BoxMotion, type GridBox } from './box-motion.ts';
import type { Light } from './light.ts';
import { type Heading, MemoryBank, type Observation } from './memory-bank.ts';
import type { ImageFeatures } from './ports.ts';

/** An answered prompt that propagation has not taken into memory yet; asking again on the frame replaces it. */
export interface PendingAnswer {
  readonly observation: Observation;
  /** Features of its frame, or the memory that was made of them when they had to go. */
  readonly source:
    | { readonly kind: 'features'; readonly features: ImageFeatures }
    | { readonly kind: 'tokens'; readonly tokens: Float32Array<ArrayBuffer> };
}

/** A frame on which the object was surely seen. */
export interface Trusted {
  readonly frameIndex: number;
  /** Of its mask. */
  readonly area: number;
  /** Around its mask; absent in older snapshots. */
  readonly box?: GridBox | undefined;
}

/** The frame that a second look recalls. */
export interface Sure {
  readonly frameIndex: number;
  /** Of its picture. */
  readonly light: Light;
}

/** One object's whole tracking state. The id is the user's; nothing here knows of tensor slots. */
export class ObjectTrack {
  readonly objectId: ObjectId;
  /** The concept that found it, or null for an object that a user began. */
  readonly conceptId: ConceptId | null;
  readonly bank = new MemoryBank();
  /** Replaced, never mutated, so that a cancelled frame leaves it as it was. */
  motion = new BoxMotion();
  /** By frame. */
  readonly pending = new Map<number, PendingAnswer>();
  /** Tracked frames beside which a pass began: one in the other direction would recall them. */
  readonly anchors = new Set<number>();
  /** Frames whose masks a correction nearby made the object forget, until they are tracked again. */
  readonly cleared = new Set<number>();
  /** The last frame that a pass went over. */
  reached: { readonly frameIndex: number; readonly heading: Heading } | null = null;
  /** Where it was last given or believed while nothing but memory vouched for it. */
  lastTrusted: Trusted | null = null;
  /** Where the model was last sure of it, for packs that look twice. */
  lastSure: Sure | null = null;
  /** The detection that made it; null for a user's object. */
  origin: { readonly frameIndex: number; readonly score: number } | null = null;
  readonly #visited: Int8Array;

  constructor(objectId: ObjectId, conceptId: ConceptId | null, frameCount: number) {
    this.objectId = objectId;
    this.conceptId = conceptId;
    this.#visited = new Int8Array(frameCount);
  }

  /** The direction in which a pass last went over the frame; null: never. */
  visited(frameIndex: number): Heading | null {
    const heading = this.#visited[frameIndex];
    return heading === 1 || heading === -1 ? heading : null;
  }

  /** Forgets what was tracked within `radius` frames of a correction. */
  clearAround(frameIndex: number, radius: number): void {
    this.bank.clearAround(frameIndex, radius);
    for (let frame = frameIndex - radius; frame <= frameIndex + radius; frame++) {
      if (this.visited(frame) !== null && this.bank.at(frame) === undefined) this.cleared.add(frame);
    }
  }

  visit(frameIndex: number, heading: Heading): void {
    this.#visited[frameIndex] = heading;
  }

  /** Begins a pass: the motion model starts from the nearest frame that conditions the object. `side`: of the mask grid. */
  restartMotion(from: number, side: number): void {
    const entries = [...this.bank.conditioning.values()];
    const distance = (entry: Observation) => Math.abs(entry.frameIndex - from);
    const nearest = entries.reduce<Observation | null>(
      (best, entry) => (best === null || distance(entry) < distance(best) ? entry : best),
      null,
    );
    this.motion = new BoxMotion();
    if (nearest !== null) this.motion.observe(nearest.logits, side);
  }

  /** Run lengths of `visited`, for snapshots. */
  visitedRuns(): readonly (readonly [heading: number, count: number])[] {
    const runs: [number, number][] = [];
    for (const heading of this.#visited) {
      const last = runs.at(-1);
      if (last !== undefined && last[0] === heading) last[1]++;
      else runs.push([heading, 1]);
    }
    return runs;
  }

  restoreVisited(runs: readonly (readonly [heading: number, count: number])[]): void {
    let at = 0;
    for (const [heading, count] of runs) {
      this.#visited.fill(heading, at, at + count);
      at += count;
    }
  }

  /** Mask logits of a frame: of the newest answer, else from memory; null where they were never known or have been forgotten. */
  knownLogits(frameIndex: number): Float32Array | null {
    const logits = (this.pending.get(frameIndex)?.observation ?? this.bank.at(frameIndex))?.logits;
    return logits === undefined || logits.length === 0 ? null : logits;
  }
}
