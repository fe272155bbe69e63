import { cancelled, StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { decodeRange } from '../decode-frames.ts';
import { FrameCache } from '../frame-cache.ts';
import type { VideoSource } from '../video-source.ts';

export interface ViewFramesOptions {
  readonly format: 'jpeg' | 'proxy' | 'thumbnail';
  /** Encoded pictures kept, in bytes. */
  readonly limitBytes: number;
  /** Frames decoded beyond the last one asked for, so that stepping and playing find them ready. */
  readonly readAhead: number;
  /**
   * Once a person rests on a frame, up to this many before it are decoded too, back to the key frame that reaching it went through anyway:
   * stepping and dragging backward then find them ready.
   */
  readonly readBehind: number;
  /** A running decode is worth waiting for when the wanted frame is at most this far ahead of it. */
  readonly nearFrames: number;
  /** Frames decoded together when a wish lies just before the last decode's first frame, for a clip that plays backwards; fewer than `nearFrames`. */
  readonly backFrames: number;
  /** A person who seeks wants the last frame asked for; a strip is filled in the order asked. */
  readonly serve: 'newest' | 'oldest';
}

interface Wish {
  readonly frameIndex: number;
  readonly resolve: (jpeg: Uint8Array<ArrayBuffer>) => void;
  readonly reject: (error: unknown) => void;
}

interface Run {
  readonly first: number;
  /** The frame that the next step gives, after the one that leads. */
  next: number;
  /** The key frame that comes on the way to `next`, first of all; null: it has come, or does not. */
  lead: number | null;
  readonly frames: AsyncGenerator<{ readonly frameIndex: number; readonly pts: number; readonly data: Uint8Array }>;
  readonly abort: AbortController;
}

/** From this distance on the key frame that a decode starts at is handed out too: something to look at until the wanted frame is reached. */
const LEAD_FRAMES = 6;
const IDLE_MILLIS = 4000;
const FILL_AFTER_MILLIS = 350;

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
  #filling: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;
  #fillSoon: NodeJS.Timeout | undefined;

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
    this.#filling?.abort.abort();
    if (signal.aborted || this.#closed) return Promise.reject(cancelled(signal.reason));
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
    const wish: Wish = { frameIndex, resolve, reject };
    this.#wishes.add(wish);
    const drop = () => {
      this.#wishes.delete(wish);
      reject(cancelled(signal.reason));
      // A decode that reads nothing ahead has nobody left to reach its frame for.
      if (this.#wishes.size === 0 && this.#options.readAhead === 0) this.#run?.abort.abort();
    };
    signal.addEventListener('abort', drop, { once: true });
    if (this.#options.serve === 'newest' && this.#run !== null && !this.#isNear(this.#run, frameIndex)) {
      // While a person drags, frames are wished faster than one is reached: the key frame that somebody waits for still comes.
      const { lead } = this.#run;
      const leadIsWished = [...this.#wishes].some((each) => each.frameIndex === lead);
      if (!leadIsWished) this.#run.abort.abort();
    }
    this.#wake();
    return promise.finally(() => signal.removeEventListener('abort', drop));
  }

  /** Whether a frame would be answered at once. */
  holds(frameIndex: number): boolean {
    return this.#cache.has(frameIndex);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    clearTimeout(this.#fillSoon);
    this.#filling?.abort.abort();
    await this.#filling?.done;
    for (const wish of this.#wishes) wish.reject(cancelled());
    this.#wishes.clear();
    this.#run?.abort.abort();
    await this.#pumping;
    await this.#stopRun();
  }

  #wake(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#fillSoon);
    this.#pumping ??= this.#pump().finally(() => this.#rest());
  }

  async #pump(): Promise<void> {
    while (!this.#closed && this.#hasWork()) {
      const wanted = [...this.#wishes].at(this.#options.serve === 'newest' ? -1 : 0);
      try {
        if (wanted !== undefined && (this.#run === null || !this.#isNear(this.#run, wanted.frameIndex))) {
          await this.#startRun(this.#startFor(wanted.frameIndex));
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

  /** The frame to begin at: the wanted one, or one before it where the wishes go backwards. */
  #startFor(frameIndex: number): number {
    const { backFrames } = this.#options;
    const before = (this.#run?.first ?? 0) - frameIndex;
    if (before <= 0 || before > 2 * backFrames) return frameIndex;
    const first = Math.max(this.#source.table.keyFrameAtOrBefore(frameIndex), frameIndex - backFrames + 1);
    for (let frame = first; frame < frameIndex; frame++) if (!this.#cache.has(frame)) return frame;
    return frameIndex;
  }

  async #startRun(frameIndex: number): Promise<void> {
    await this.#stopRun();
    const abort = new AbortController();
    const last = this.#source.table.frameCount - 1;
    const provide = (size: number) => new Uint8Array(size);
    const { format } = this.#options;
    const lead = this.#leadOf(frameIndex);
    const frames = decodeRange(
      this.#source,
      frameIndex,
      Math.max(frameIndex, last),
      format,
      provide,
      abort.signal,
      lead !== null,
    );
    this.#run = { first: frameIndex, next: frameIndex, lead, frames, abort };
  }

  /** The key frame to hand out on the way to a frame; null: the frame is near it, or it is here. */
  #leadOf(frameIndex: number): number | null {
    const { table } = this.#source;
    if (this.#options.format !== 'jpeg' || frameIndex >= table.frameCount) return null;
    const key = table.keyFrameAtOrBefore(frameIndex);
    return frameIndex - key >= LEAD_FRAMES && !this.#cache.has(key) ? key : null;
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
    run.next = Math.max(run.next, frameIndex + 1);
    run.lead = null;
    this.#cache.put({ frameIndex, pts, pixels });
    for (const wish of this.#wishes) {
      if (wish.frameIndex !== frameIndex) continue;
      this.#wishes.delete(wish);
      if (frameIndex === run.next - 1) this.#lastWanted = frameIndex;
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
    if (this.#closed) return;
    this.#fillSoon = setTimeout(() => this.#fillBehind(), FILL_AFTER_MILLIS).unref();
    if (this.#run === null) return;
    this.#idle = setTimeout(() => {
      if (this.#pumping === null) void this.#stopRun();
    }, IDLE_MILLIS).unref();
  }

  /** A decode of its own: the one that reads on stays where it is. */
  #fillBehind(): void {
    const first = this.#missingBehind();
    if (first === null || this.#pumping !== null || this.#closed || this.#filling !== null) return;
    const abort = new AbortController();
    const done = this.#decodeBehind(first, this.#lastWanted - 1, abort.signal)
      // Nobody waits for these frames: whoever wants one asks for it and hears why it does not come.
      .catch(() => {})
      .finally(() => {
        this.#filling = null;
      });
    this.#filling = { abort, done };
  }

  async #decodeBehind(first: number, last: number, signal: AbortSignal): Promise<void> {
    const provide = (size: number) => new Uint8Array(size);
    for await (const frame of decodeRange(this.#source, first, last, this.#options.format, provide, signal)) {
      const { frameIndex, pts, data } = frame;
      this.#cache.put({ frameIndex, pts, pixels: data as Uint8Array<ArrayBuffer> });
      // A full cache would only drop what is nearer.
      if (this.#cache.usedBytes + 2 * data.length > this.#options.limitBytes) return;
    }
  }

  #isNear({ next, lead }: Run, frameIndex: number): boolean {
    return frameIndex === lead || (frameIndex >= next && frameIndex <= next + this.#options.nearFrames);
  }

  /** The first frame of the group of pictures, within reach, that is not held; null: all are. */
  #missingBehind(): number | null {
    const reach = this.#lastWanted - this.#options.readBehind;
    const first = Math.max(0, reach, this.#source.table.keyFrameAtOrBefore(this.#lastWanted));
    for (let frame = first; frame < this.#lastWanted; frame++) if (!this.#cache.has(frame)) return frame;
    return null;
  }
}
