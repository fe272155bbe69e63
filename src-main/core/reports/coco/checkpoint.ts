import { createReadStream } from 'node:fs';
import { open, rm, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { makeFolder } from '../../base/make-folder.ts';

/** One detection as COCO results files carry it. */
export interface CocoResult {
  readonly image_id: number;
  readonly category_id: number;
  /** x, y, width, height in pixels. */
  readonly bbox: readonly [number, number, number, number];
  readonly score: number;
  readonly segmentation: { readonly size: readonly [number, number]; readonly counts: string };
}

/** A finished picture; one without detections is finished too. */
export interface ImageResult {
  readonly imageId: number;
  readonly results: readonly CocoResult[];
}

/**
 * Finished pictures as JSON lines: the first line says what run they belong to, a line that was cut off by a kill does not count.
 * A picture is in memory until the next `save`.
 */
export class Checkpoint {
  readonly #path: string;
  readonly #signature: string;
  #waiting: ImageResult[] = [];
  #started = false;

  /** `signature`: what the results depend on; another one than the file's is refused. */
  constructor(path: string, signature: string) {
    this.#path = path;
    this.#signature = signature;
  }

  /**
   * Pictures of an earlier run of the same signature; none when there was none. Throws `output-exists` for another run's file,
   * `file-unreadable` for one that cannot be read or is damaged; then it is left alone.
   */
  async load(): Promise<ImageResult[]> {
    const done: ImageResult[] = [];
    let wholeBytes = 0;
    try {
      for await (const line of wholeLines(this.#path)) {
        if (wholeBytes > 0) done.push(JSON.parse(line.toString()) as ImageResult);
        else if (line.toString() !== this.#head) throw this.#anotherRun();
        wholeBytes += line.length + 1;
      }
      await truncate(this.#path, wholeBytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error instanceof StudioError ? error : this.#cannotRead(error as NodeJS.ErrnoException, done.length);
    }
    this.#started = wholeBytes > 0;
    return done;
  }

  add(result: ImageResult): void {
    this.#waiting.push(result);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  async save(): Promise<void> {
    if (this.#waiting.length === 0) return;
    makeFolder(dirname(this.#path));
    await using file = await open(this.#path, 'a');
    if (!this.#started) await file.appendFile(`${this.#head}\n`);
    this.#started = true;
    for (const result of this.#waiting) await file.appendFile(`${JSON.stringify(result)}\n`);
    this.#waiting = [];
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
    this.#started = false;
  }

  get #head(): string {
    return JSON.stringify({ signature: this.#signature });
  }

  #anotherRun(): StudioError {
    return new StudioError(
      'output-exists',
      'conflict',
      `${this.#path} belongs to a run with another pack, device, annotation file or score filter and was left alone; choose another folder or allow overwriting.`,
    );
  }

  #cannotRead(cause: NodeJS.ErrnoException, pictures: number): StudioError {
    return new StudioError(
      'file-unreadable',
      'user',
      `${this.#path} cannot be read after ${pictures} pictures (${cause.code ?? cause.message}) and was left alone; choose another folder or allow overwriting.`,
      { details: { path: this.#path }, cause },
    );
  }
}

/** Lines that end, without their end; the file may be larger than a string can be. Throws what reading throws. */
async function* wholeLines(path: string): AsyncGenerator<Buffer, void> {
  let begun: Buffer[] = [];
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      yield Buffer.concat([...begun, chunk.subarray(from, end)]);
      begun = [];
      from = end + 1;
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
  }
}
