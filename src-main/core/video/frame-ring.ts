import { cancelled } from '../../../src-shared/errors/studio-error.ts';

/** What both ends need to open the same ring; may be posted to another thread. */
export interface FrameRingLayout {
  readonly buffer: SharedArrayBuffer;
  readonly slots: number;
  readonly slotBytes: number;
}

/** A filled slot. `pixels` is a view of shared memory: read it, then release the slot; never keep it. */
export interface FilledSlot {
  readonly frameIndex: number;
  readonly pts: number;
  readonly pixels: Uint8Array<SharedArrayBuffer>;
}

/** States of a slot. It goes round: free -> filled by the producer -> free by the consumer. */
const FREE = 0;
const FILLED = 1;

const STATE_BYTES = 4;
/** Frame index and pts, as doubles: both are safe integers. */
const NUMBERS_BYTES = 16;
/** Waiting never relies on being woken: after this long the state is read again and the signal is looked at. */
const RECHECK_MILLIS = 200;

/**
 * Frames between one producer thread and one consumer thread, in order, without copies of a frame beyond the first. A full
 * ring makes the producer wait, and with it the pipe and ffmpeg: that is all the back-pressure there is. Ends and errors travel
 * as messages beside the ring.
 */
export class FrameRing {
  readonly layout: FrameRingLayout;
  readonly #states: Int32Array;
  readonly #numbers: Float64Array;
  /** Next slot of this end; each end counts for itself. */
  #next = 0;

  private constructor(layout: FrameRingLayout) {
    this.layout = layout;
    this.#states = new Int32Array(layout.buffer, 0, layout.slots);
    this.#numbers = new Float64Array(layout.buffer, alignedStates(layout.slots), layout.slots * 2);
  }

  /** A new ring with all slots free. `slotBytes`: S * S * 3 for model frames. */
  static create(slots: number, slotBytes: number): FrameRing {
    if (!Number.isInteger(slots) || slots < 1) throw new RangeError('a ring needs at least one slot');
    const buffer = new SharedArrayBuffer(pixelsStart(slots) + slots * slotBytes);
    return new FrameRing({ buffer, slots, slotBytes });
  }

  /** The other end, in the other thread. */
  static attach(layout: FrameRingLayout): FrameRing {
    return new FrameRing(layout);
  }

  /** Producer: copies a frame into the next slot, waiting while the ring is full. Errors: `cancelled`. */
  async push(frameIndex: number, pts: number, pixels: Uint8Array, signal?: AbortSignal): Promise<void> {
    if (pixels.length !== this.layout.slotBytes)
      throw new RangeError(`a slot holds ${this.layout.slotBytes} bytes, not ${pixels.length}`);
    const slot = this.#next;
    await this.#waitFor(slot, FREE, signal);
    this.#pixels(slot).set(pixels);
    this.#numbers[slot * 2] = frameIndex;
    this.#numbers[slot * 2 + 1] = pts;
    this.#hand(slot, FILLED);
  }

  /** Consumer: the next frame, waiting while the ring is empty. Call `release` before the next `take`. Errors: `cancelled`. */
  async take(signal?: AbortSignal): Promise<FilledSlot> {
    const slot = this.#next;
    await this.#waitFor(slot, FILLED, signal);
    return { frameIndex: this.#numbers[slot * 2]!, pts: this.#numbers[slot * 2 + 1]!, pixels: this.#pixels(slot) };
  }

  /** Consumer: true when `take` would not wait. */
  get hasNext(): boolean {
    return Atomics.load(this.#states, this.#next) === FILLED;
  }

  /** Consumer: gives the slot of the last `take` back. */
  release(): void {
    if (!this.hasNext) throw new Error('no slot was taken');
    this.#hand(this.#next, FREE);
  }

  /** Empties the ring for a new run; only while the other end is idle, and then on both ends. */
  reset(): void {
    for (let slot = 0; slot < this.layout.slots; slot++) Atomics.store(this.#states, slot, FREE);
    this.#next = 0;
  }

  #pixels(slot: number): Uint8Array<SharedArrayBuffer> {
    const { buffer, slots, slotBytes } = this.layout;
    return new Uint8Array(buffer, pixelsStart(slots) + slot * slotBytes, slotBytes);
  }

  /** The store publishes everything written before it: Atomics are sequentially consistent. */
  #hand(slot: number, state: number): void {
    Atomics.store(this.#states, slot, state);
    Atomics.notify(this.#states, slot);
    this.#next = (slot + 1) % this.layout.slots;
  }

  async #waitFor(slot: number, state: number, signal: AbortSignal | undefined): Promise<void> {
    if (Atomics.load(this.#states, slot) === state && !signal?.aborted) return;
    // `waitAsync` alone does not keep a thread alive: one that only waits here would end.
    const keepAlive = setInterval(() => {}, 60_000);
    try {
      for (;;) {
        if (signal?.aborted) throw cancelled(signal.reason);
        const seen = Atomics.load(this.#states, slot);
        if (seen === state) return;
        const waiting = Atomics.waitAsync(this.#states, slot, seen, RECHECK_MILLIS);
        if (waiting.async) await waiting.value;
      }
    } finally {
      clearInterval(keepAlive);
    }
  }
}

function alignedStates(slots: number): number {
  return Math.ceil((slots * STATE_BYTES) / 8) * 8;
}
function pixelsStart(slots: number): number {
  return alignedStates(slots) + slots * NUMBERS_BYTES;
}
