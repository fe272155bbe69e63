import type { FrameIndex, ObjectId } from '../../../../src-shared/domain/ids.ts';

/** What one processed frame would show; plain data, safe for JSON. */
export interface BufferedFrame {
  readonly frameIndex: FrameIndex;
  readonly visible: readonly ObjectId[];
  /** Ids that the confirmation rule had not confirmed after this frame. */
  readonly unconfirmed: readonly ObjectId[];
}

/** A frame whose objects are final. */
export interface SettledFrame {
  readonly frameIndex: FrameIndex;
  /** Ascending. */
  readonly ids: readonly ObjectId[];
}

/**
 * Holds frames back until hotstart can no longer take an object of theirs away by then: a frame leaves once the buffer holds `delay`
 * frames (0: at once), without ids removed meanwhile. Confirmation looks `lookAhead` frames ahead, or to the last frame known.
 * Source: SAM 3 `sam3_video_inference.py: propagate_in_video` (buffering).
 */
export class DelayedOutput {
  readonly #delay: number;
  readonly #lookAhead: number;
  #buffer: BufferedFrame[] = [];

  constructor(delay: number, lookAhead: number) {
    this.#delay = Math.max(1, delay);
    this.#lookAhead = lookAhead;
  }

  push(frame: BufferedFrame, removed: ReadonlySet<ObjectId>): readonly SettledFrame[] {
    this.#buffer.push(frame);
    return this.#emit(this.#delay, removed);
  }

  /** The pass has ended: everything held back leaves. */
  flush(removed: ReadonlySet<ObjectId>): readonly SettledFrame[] {
    return this.#emit(1, removed);
  }

  snapshot(): readonly BufferedFrame[] {
    return [...this.#buffer];
  }

  restore(frames: readonly BufferedFrame[]): void {
    this.#buffer = [...frames];
  }

  #emit(held: number, removed: ReadonlySet<ObjectId>): readonly SettledFrame[] {
    const settled: SettledFrame[] = [];
    while (this.#buffer.length >= held && this.#buffer.length > 0) {
      const { unconfirmed } = this.#buffer[Math.min(this.#lookAhead, this.#buffer.length - 1)];
      const frame = this.#buffer.shift();
      if (frame === undefined) break;
      const ids = frame.visible.filter((id) => !removed.has(id) && !unconfirmed.includes(id)).sort((a, b) => a - b);
      settled.push({ frameIndex: frame.frameIndex, ids });
    }
    return settled;
  }
}
