import { type FileHandle, open } from 'node:fs/promises';

const FLUSH_CHARACTERS = 256 * 1024;

/** A new text file (UTF-8) that is written through a small buffer. */
export class TextFile implements AsyncDisposable {
  readonly #file: FileHandle;
  #pending: string[] = [];
  #length = 0;
  #closed = false;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async create(path: string): Promise<TextFile> {
    return new TextFile(await open(path, 'wx'));
  }

  async write(text: string): Promise<void> {
    this.#pending.push(text);
    this.#length += text.length;
    if (this.#length >= FLUSH_CHARACTERS) await this.#flush();
  }

  /** Writes what is pending and closes. */
  async finish(): Promise<void> {
    await this.#flush();
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    const text = this.#pending.join('');
    this.#pending = [];
    this.#length = 0;
    await this.#file.writeFile(text);
  }
}
