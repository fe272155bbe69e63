import type { DecodedFrame } from './decode-frames.ts';

/** Most recently used frames of one source at one size, bounded by bytes. Frames are shared: do not write into them. */
export class FrameCache {
  readonly limitBytes: number;
  readonly #frames = new Map<number, DecodedFrame>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#bytes;
  }
  get frameCount(): number {
    return this.#frames.size;
  }

  /** The frame, now the most recently used one; null when it is not held. */
  get(frameIndex: number): DecodedFrame | null {
    const frame = this.#frames.get(frameIndex);
    if (frame === undefined) return null;
    this.#frames.delete(frameIndex);
    this.#frames.set(frameIndex, frame);
    return frame;
  }

  has(frameIndex: number): boolean {
    return this.#frames.has(frameIndex);
  }

  /** Keeps a frame and drops the least recently used ones above the limit; a frame larger than the limit is not kept. */
  put(frame: DecodedFrame): void {
    this.#remove(frame.frameIndex);
    if (frame.pixels.length > this.limitBytes) return;
    this.#frames.set(frame.frameIndex, frame);
    this.#bytes += frame.pixels.length;
    for (const oldest of this.#frames.keys()) {
      if (this.#bytes <= this.limitBytes) return;
      this.#remove(oldest);
    }
  }

  clear(): void {
    this.#frames.clear();
    this.#bytes = 0;
  }

  #remove(frameIndex: number): void {
    const frame = this.#frames.get(frameIndex);
    if (frame === undefined) return;
    this.#frames.delete(frameIndex);
    this.#bytes -= frame.pixels.length;
  }
}
