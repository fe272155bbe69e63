import { appendFile, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TextFile } from './text-file.ts';

const FLUSH_CHARACTERS = 4 * 1024 * 1024;
const COPY_BYTES = 1024 * 1024;

/**
 * Frames come one after the other, but some formats want all of one object together: each key's elements are kept in a part
 * file of their own and copied out at the end. Memory stays under a few megabytes however many keys there are.
 */
export class Spool implements AsyncDisposable {
  readonly #folder: string;
  readonly #pending = new Map<string, string[]>();
  readonly #started = new Set<string>();
  #length = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** `folder` is made here and removed on disposal. */
  static async create(folder: string): Promise<Spool> {
    await mkdir(folder);
    return new Spool(folder);
  }

  /** Adds an element of a comma-separated list to a key; keys are safe as file names. */
  async add(key: string, text: string, separator = ','): Promise<void> {
    const piece = this.#started.has(key) ? separator + text : text;
    this.#started.add(key);
    const pieces = this.#pending.get(key);
    if (pieces === undefined) this.#pending.set(key, [piece]);
    else pieces.push(piece);
    this.#length += piece.length;
    if (this.#length >= FLUSH_CHARACTERS) await this.#flush();
  }

  /** Whether anything was added to a key. */
  has(key: string): boolean {
    return this.#started.has(key);
  }

  /** Copies all that was added to a key. */
  async copyTo(key: string, file: TextFile): Promise<void> {
    await this.#flush();
    if (!this.has(key)) return;
    await using part = await open(join(this.#folder, key), 'r');
    const stream = part.createReadStream({ encoding: 'utf8', highWaterMark: COPY_BYTES, autoClose: false });
    for await (const text of stream) await file.write(text as string);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #flush(): Promise<void> {
    for (const [key, pieces] of this.#pending) await appendFile(join(this.#folder, key), pieces.join(''));
    this.#pending.clear();
    this.#length = 0;
  }
}
