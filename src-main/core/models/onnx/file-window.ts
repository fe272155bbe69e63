import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const WINDOW_BYTES = 64 * 1024;

/** Random access to a file through one small buffer, so that a model of gigabytes is read only where it matters. */
export class FileWindow implements Disposable {
  readonly size: number;
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(WINDOW_BYTES);
  #start = 0;
  #length = 0;

  constructor(path: string) {
    this.#fd = openSync(path, 'r');
    this.size = fstatSync(this.#fd).size;
  }

  /** The byte at `position`; throws RangeError past the end. */
  byteAt(position: number): number {
    if (position < this.#start || position >= this.#start + this.#length) this.#fill(position);
    return this.#buffer[position - this.#start];
  }

  /** A copy of bytes [start, end). */
  bytes(start: number, end: number): Buffer {
    const target = Buffer.alloc(end - start);
    let done = 0;
    while (done < target.length) {
      const read = readSync(this.#fd, target, done, target.length - done, start + done);
      if (read === 0) throw new RangeError(`the file ends at byte ${start + done}`);
      done += read;
    }
    return target;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  #fill(position: number): void {
    this.#length = position < this.size ? readSync(this.#fd, this.#buffer, 0, WINDOW_BYTES, position) : 0;
    this.#start = position;
    if (this.#length === 0) throw new RangeError(`the file ends before byte ${position}`);
  }
}
