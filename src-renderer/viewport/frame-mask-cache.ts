import type { FrameMask, FrameMasks } from '../../src-shared/contract/results.ts';
import type { ObjectId } from '../../src-shared/domain/ids.ts';

const MOST_FRAMES = 600;
const MOST_AT_ONCE = 4;

/** Masks of one session by frame index, as the engine has them on disk; runs and answers bring newer ones. */
export class FrameMaskCache {
  readonly #load: (frameIndex: number) => Promise<FrameMasks>;
  readonly #onChange: (frameIndex: number) => void;
  readonly #frames = new Map<number, readonly FrameMask[]>();
  /** Held, but to be read again: shown meanwhile, so that nothing flickers. */
  readonly #stale = new Set<number>();
  readonly #loading = new Set<number>();
  #queue: readonly number[] = [];
  /** Rises with everything that makes older answers wrong. */
  #generation = 0;

  constructor(load: (frameIndex: number) => Promise<FrameMasks>, onChange: (frameIndex: number) => void) {
    this.#load = load;
    this.#onChange = onChange;
  }

  /** null: not known yet. The array is new whenever its content is. */
  get(frameIndex: number): readonly FrameMask[] | null {
    return this.#frames.get(frameIndex) ?? null;
  }

  /** Of the masks that are held; null: none is. */
  meanMaskBytes(): number | null {
    let bytes = 0;
    let count = 0;
    for (const masks of this.#frames.values()) {
      for (const { mask } of masks) {
        if (mask === null) continue;
        bytes += mask.bytes.length;
        count++;
      }
    }
    return count === 0 ? null : bytes / count;
  }

  want(frameIndices: readonly number[]): void {
    this.#queue = frameIndices.filter((frameIndex) => this.#isWanted(frameIndex));
    this.#fill();
  }

  /** Newer masks of some objects on frames; frames that are not held are read from disk when they are wanted. */
  merge(frames: readonly FrameMasks[]): void {
    for (const { frameIndex, masks } of frames) {
      const held = this.#frames.get(frameIndex);
      if (held === undefined) continue;
      const fresh = new Set(masks.map(({ objectId }) => objectId));
      const merged = [...held.filter(({ objectId }) => !fresh.has(objectId)), ...masks];
      merged.sort((a, b) => a.objectId - b.objectId);
      // The other objects of a stale frame are still to be read again.
      this.#frames.set(frameIndex, merged);
      this.#onChange(frameIndex);
    }
  }

  removeObjects(objectIds: readonly ObjectId[]): void {
    const gone = new Set(objectIds);
    for (const [frameIndex, masks] of this.#frames) {
      if (!masks.some(({ objectId }) => gone.has(objectId))) continue;
      this.#frames.set(
        frameIndex,
        masks.filter(({ objectId }) => !gone.has(objectId)),
      );
      this.#onChange(frameIndex);
    }
  }

  /** Everything may be different now: it is read again when wanted, the given frame at once. */
  refresh(frameIndex: number): void {
    this.#generation++;
    this.#loading.clear();
    for (const held of this.#frames.keys()) this.#stale.add(held);
    this.want([frameIndex]);
  }

  #isWanted(frameIndex: number): boolean {
    return !this.#frames.has(frameIndex) || this.#stale.has(frameIndex);
  }

  #fill(): void {
    for (const frameIndex of this.#queue) {
      if (this.#loading.size >= MOST_AT_ONCE) return;
      if (!this.#loading.has(frameIndex) && this.#isWanted(frameIndex)) void this.#read(frameIndex);
    }
  }

  async #read(frameIndex: number): Promise<void> {
    const generation = this.#generation;
    this.#loading.add(frameIndex);
    try {
      const { masks } = await this.#load(frameIndex);
      if (generation !== this.#generation) return;
      this.#keep(frameIndex, masks);
      this.#onChange(frameIndex);
    } catch {
      // The line is down or the session was closed: whoever wants the frame next asks again.
      if (generation === this.#generation) this.#queue = this.#queue.filter((each) => each !== frameIndex);
    } finally {
      if (generation === this.#generation) {
        this.#loading.delete(frameIndex);
        this.#fill();
      }
    }
  }

  #keep(frameIndex: number, masks: readonly FrameMask[]): void {
    this.#frames.delete(frameIndex);
    this.#stale.delete(frameIndex);
    this.#frames.set(frameIndex, masks);
    for (const oldest of this.#frames.keys()) {
      if (this.#frames.size <= MOST_FRAMES) return;
      this.#frames.delete(oldest);
    }
  }
}
