import type { Readable } from 'node:stream';

/** What a tool writes, taken as it is wanted: while nobody asks, the tool waits. One call at a time. */
export interface ByteSource {
  /** Some bytes, valid until the next call; null at the end. */
  next(): Promise<Uint8Array | null>;
  /** Fills `target` with what comes next; false when the end came before. */
  fill(target: Uint8Array): Promise<boolean>;
}

/** A stream of Node as a source. */
export class StreamBytes implements ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Buffer | null = null;
  /** Of the chunk, when only a part of it was wanted so far. */
  #rest: Buffer | null = null;

  constructor(stream: Readable) {
    this.#chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  async next(): Promise<Buffer | null> {
    const rest = this.#rest;
    this.#rest = null;
    if (rest !== null) return rest;
    if (this.#chunk !== null) freeAtOnce(this.#chunk);
    const { value, done } = await this.#chunks.next();
    this.#chunk = done ? null : value;
    return this.#chunk;
  }

  async fill(target: Uint8Array): Promise<boolean> {
    for (let filled = 0; filled < target.length; ) {
      const chunk = await this.next();
      if (chunk === null) return false;
      const part = Math.min(chunk.length, target.length - filled);
      target.set(chunk.subarray(0, part), filled);
      filled += part;
      if (part < chunk.length) this.#rest = chunk.subarray(part);
    }
    return true;
  }
}

/**
 * Gives back the memory of a chunk that was read to its end. Raw video comes in thousands of chunks a second; left to the collector,
 * they set off a full collection every ten frames (measured: a third of the time of a rendering).
 */
function freeAtOnce(chunk: Buffer): void {
  const { buffer } = chunk;
  // A chunk that shares its memory with others (Node's pool) is left alone.
  if (chunk.byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
