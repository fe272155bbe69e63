import { cancelled, StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { decodeRange } from '../decode-frames.ts';
import { FrameCache } from '../frame-cache.ts';
import type { VideoSource } from '../video-source.ts';

export interface ViewFramesOptions {
  readonly format: 'jpeg' | 'thumbnail';
  /** Encoded pictures kept, in bytes. */
  readonly limitBytes: number;
  /** Frames decoded beyond the last one asked for, so that stepping and playing find them ready. */
  readonly readAhead: number;
  /** A person who seeks wants the last frame asked for; a strip is filled in the order asked. */
  readonly serve: 'newest' | 'oldest';
}

interface Wish {
  readonly frameIndex: number;
  readonly resolve: (jpeg: Uint8Array<ArrayBuffer>) => void;
  readonly reject: (error: unknown) => void;
}

interface Run {
  /** The frame that the next step gives. */
  next: number;
  readonly frames: AsyncGenerator<{ readonly frameIndex: number; readonly pts: number; readonly data: Uint8Array }>;
  readonly abort: AbortController;
}

/** A running decode is worth waiting for when the wanted frame is at most this far ahead of it. */
const NEAR_FRAMES = 12;
const IDLE_MILLIS = 4000;

/**
 * Exact frames of one source as JPEG, for a person who looks: one decode serves a whole stretch,
 * and pictures are kept. Every frame is checked against the frame table by the decode itself.
 */
export class ViewFrames implements AsyncDisposable {
  readonly #source: VideoSource;
  readonly #options: ViewFramesOptions;
  readonly #cache: FrameCache;
  readonly #wishes = new Set<Wish>();
  #run: Run | null = null;
  #lastWanted = 0;
  #pumping: Promise<void> | null = null;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(source: VideoSource, options: ViewFramesOptions) {
    this.#source = source;
    this.#options = options;
    this.#cache = new FrameCache(options.limitBytes);
  }

  /** One frame; the bytes are shared with the cache. Errors: as `decodeFrames`. */
  get(frameIndex: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const held = this.#cache.get(frameIndex);
    if (held !== null) {
      this.#lastWanted = frameIndex;
      if (this.#hasWork()) this.#wake();
      return Promise.resolve(held.pixels);
    }
    if (signal.aborted || this.#closed) return Promise.reject(cancelled(signal.reason));
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
    const wish: Wish = { frameIndex, resolve, reject };
    this.#wishes.add(wish);
    const drop = () => {
      this.#wishes.delete(wish);
      reject(cancelled(signal.reason));
    };
    signal.addEventListener('abort', drop, { once: true });
    const overtakes = this.#options.serve === 'newest' && this.#run !== null && !isNear(this.#run, frameIndex);
    if (overtakes) this.#run?.abort.abort();
    this.#wake();
    return promise.finally(() => signal.removeEventListener('abort', drop));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    for (const wish of this.#wishes) wish.reject(cancelled());
    this.#wishes.clear();
    this.#run?.abort.abort();
    await this.#pumping;
    await this.#stopRun();
  }

  #wake(): void {
    clearTimeout(this.#idle);
    this.#pumping ??= this.#pump().finally(() => this.#rest());
  }

  async #pump(): Promise<void> {
    while (!this.#closed && this.#hasWork()) {
      const wanted = [...this.#wishes].at(this.#options.serve === 'newest' ? -1 : 0);
      try {
        if (wanted !== undefined && (this.#run === null || !isNear(this.#run, wanted.frameIndex))) {
          await this.#startRun(wanted.frameIndex);
        }
        await this.#step();
      } catch (error) {
        const stopped = this.#run?.abort.signal.aborted === true;
        await this.#stopRun();
        if (!stopped) this.#refuse(wanted, error);
      }
    }
  }

  #hasWork(): boolean {
    if (this.#wishes.size > 0) return true;
    return (
      this.#run !== null &&
      this.#run.next > this.#lastWanted &&
      this.#run.next <= this.#lastWanted + this.#options.readAhead
    );
  }

  async #startRun(frameIndex: number): Promise<void> {
    await this.#stopRun();
    const abort = new AbortController();
    const last = this.#source.table.frameCount - 1;
    const provide = (size: number) => new Uint8Array(size);
    const { format } = this.#options;
    const frames = decodeRange(this.#source, frameIndex, Math.max(frameIndex, last), format, provide, abort.signal);
    this.#run = { next: frameIndex, frames, abort };
  }

  async #step(): Promise<void> {
    const run = this.#run;
    if (run === null) return;
    const step = await run.frames.next();
    if (step.done === true) {
      await this.#stopRun();
      return;
    }
    const { frameIndex, pts, data } = step.value;
    const pixels = data as Uint8Array<ArrayBuffer>;
    run.next = frameIndex + 1;
    this.#cache.put({ frameIndex, pts, pixels });
    for (const wish of this.#wishes) {
      if (wish.frameIndex !== frameIndex) continue;
      this.#wishes.delete(wish);
      this.#lastWanted = frameIndex;
      wish.resolve(pixels);
    }
  }

  #refuse(wish: Wish | undefined, error: unknown): void {
    if (wish === undefined || !this.#wishes.delete(wish)) return;
    wish.reject(StudioError.from(error));
  }

  async #stopRun(): Promise<void> {
    const run = this.#run;
    this.#run = null;
    if (run === null) return;
    run.abort.abort();
    await run.frames.return(undefined).catch(() => {});
  }

  /** Nothing is wished: the decode waits a little for the next step, then goes. */
  #rest(): void {
    this.#pumping = null;
    if (this.#closed || this.#run === null) return;
    this.#idle = setTimeout(() => {
      if (this.#pumping === null) void this.#stopRun();
    }, IDLE_MILLIS).unref();
  }
}

function isNear({ next }: Run, frameIndex: number): boolean {
  return frameIndex >= next && frameIndex <= next + NEAR_FRAMES;
}
