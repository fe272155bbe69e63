import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteSource } from './byte-source.ts';

/** A channel for what a tool will write to its stdout. */
export interface ToolOutput extends ByteSource {
  /** The tool's end: its stdout. Ours is to be destroyed once the tool runs. */
  readonly toolEnd: Socket;
  close(): void;
}

/**
 * Opens a channel that reads straight into memory of ours. A stream of Node allocates 64 KiB for every read, which made the collector
 * a fifth of our share in a rendering. Null where the system has no local sockets for it: use the tool's own stdout there.
 */
export async function openToolOutput(): Promise<ToolOutput | null> {
  if (process.platform === 'win32') return null;
  const folder = await mkdtemp(join(tmpdir(), 'masklet-')).catch(() => null);
  if (folder === null) return null;
  const server = createServer({ pauseOnConnect: true });
  try {
    const path = join(folder, 's');
    server.listen(path);
    await once(server, 'listening');
    const accepted = once(server, 'connection');
    const output = new SocketBytes(path);
    const [toolEnd] = (await accepted) as [Socket];
    return Object.assign(output, { toolEnd });
  } catch {
    return null;
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const STAGE_BYTES = 64 * 1024;

interface Wish {
  /** null: whatever comes. */
  readonly target: Uint8Array | null;
  readonly settle: (more: boolean) => void;
}

/**
 * Reads a local socket. What was not asked for yet is read into the stage and copied; the rest of a target is read into the
 * target itself.
 */
class SocketBytes implements ByteSource {
  readonly #socket: Socket;
  readonly #stage = new Uint8Array(STAGE_BYTES);
  /** Bytes of the stage that nobody has taken. */
  #from = 0;
  #to = 0;
  #wish: Wish | null = null;
  #filled = 0;
  #ended = false;

  constructor(path: string) {
    this.#socket = connect({
      path,
      onread: { buffer: () => this.#place(), callback: (count, buffer) => this.#take(count, buffer) },
    });
    this.#socket.pause();
    for (const event of ['end', 'close', 'error']) this.#socket.once(event, () => this.#end());
  }

  async next(): Promise<Uint8Array | null> {
    if (this.#from === this.#to && !(await this.#ask(null))) return null;
    const bytes = this.#stage.subarray(this.#from, this.#to);
    this.#from = this.#to;
    return bytes;
  }

  async fill(target: Uint8Array): Promise<boolean> {
    this.#filled = 0;
    if (this.#copyStaged(target)) return true;
    return this.#ask(target);
  }

  close(): void {
    this.#socket.destroy();
  }

  #ask(target: Uint8Array | null): Promise<boolean> {
    if (this.#ended) return Promise.resolve(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#wish = { target, settle: resolve };
    this.#socket.resume();
    return promise;
  }

  /** Where the next read goes. */
  #place(): Uint8Array {
    const target = this.#wish?.target ?? null;
    return target === null ? this.#stage : target.subarray(this.#filled);
  }

  /** Returns whether reading goes on. */
  #take(count: number, buffer: Uint8Array): boolean {
    if (buffer.buffer === this.#stage.buffer) {
      this.#from = 0;
      this.#to = count;
    } else this.#filled += count;
    const wish = this.#wish;
    if (wish === null) return false;
    const done = wish.target === null || this.#copyStaged(wish.target);
    if (done) {
      this.#wish = null;
      wish.settle(true);
    }
    return !done;
  }

  /** Moves what is staged into the target; true when that is full. */
  #copyStaged(target: Uint8Array): boolean {
    const part = Math.min(this.#to - this.#from, target.length - this.#filled);
    if (part > 0) target.set(this.#stage.subarray(this.#from, this.#from + part), this.#filled);
    this.#from += part;
    this.#filled += part;
    return this.#filled === target.length;
  }

  #end(): void {
    this.#ended = true;
    this.#wish?.settle(false);
    this.#wish = null;
  }
}
