import type { ObjectId } from '../../../src-shared/domain/ids.ts';
import type { MemoryPolicyName, TrackingPolicyName } from '../../../src-shared/domain/track.ts';
import type { Correction } from './answer-prompts.ts';
import type { TrackerModel } from './ports.ts';
import type { VideoShape } from './prompt-book.ts';
import { Tracker } from './tracker.ts';

/** What the objects of a finished run remembered at its end. */
export interface RunMemory {
  /** Names the run wherever its memory is asked for. */
  readonly key: string;
  /** As `Tracker.memory` gave it. */
  readonly bytes: Uint8Array;
  readonly policy: TrackingPolicyName;
  /** null: what the pack asks for. */
  readonly memoryPolicy: MemoryPolicyName | null;
}

/** A person corrects objects of one run, seldom of two. */
const mostRuns = 2;

/** Memories of finished runs, read once: corrections of the frames that they went over begin as a later propagation would. */
export class RunMemories {
  readonly #model: TrackerModel;
  readonly #video: VideoShape;
  readonly #runs = new Map<string, Tracker>();

  constructor(model: TrackerModel, video: VideoShape) {
    this.#model = model;
    this.#video = video;
  }

  has(key: string): boolean {
    return this.#runs.has(key);
  }

  /** Takes a run's memory in; the run asked for longest ago goes. Errors: those of `Tracker.adopt`. */
  add({ key, bytes, policy, memoryPolicy }: RunMemory): void {
    const tracker = new Tracker({
      model: this.#model,
      video: this.#video,
      policy,
      ...(memoryPolicy === null ? {} : { memoryPolicy }),
    });
    tracker.adopt(bytes, 'all', []);
    this.#runs.delete(key);
    this.#runs.set(key, tracker);
    for (const oldest of this.#runs.keys()) {
      if (this.#runs.size <= mostRuns) break;
      this.#runs.delete(oldest);
    }
  }

  /** What a correction of an object on a frame begins from; null when the run is not here or did not know the object. */
  correction(key: string | null, objectId: ObjectId, frameIndex: number): Correction | null {
    return (key === null ? undefined : this.#runs.get(key))?.correction(objectId, frameIndex) ?? null;
  }
}
