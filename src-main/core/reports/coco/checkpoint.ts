import { appendFile, mkdir, readFile, rm, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';

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

  /** Pictures of an earlier run of the same signature; none when there was none. Throws `output-exists` for another run's file. */
  async load(): Promise<ImageResult[]> {
    const text = await readFile(this.#path, 'utf8').catch(() => null);
    if (text === null) return [];
    const [head, ...lines] = text.split('\n').slice(0, -1);
    if (head !== JSON.stringify({ signature: this.#signature })) {
      throw new StudioError(
        'output-exists',
        'conflict',
        `${this.#path} belongs to a run with another pack, annotation file or score filter and was left alone; choose another folder or allow overwriting.`,
      );
    }
    if (!text.endsWith('\n')) await this.#dropTail(text);
    this.#started = true;
    return lines.map((line) => JSON.parse(line) as ImageResult);
  }

  add(result: ImageResult): void {
    this.#waiting.push(result);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  async save(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const lines = this.#waiting.map((result) => JSON.stringify(result));
    if (!this.#started) lines.unshift(JSON.stringify({ signature: this.#signature }));
    await mkdir(dirname(this.#path), { recursive: true });
    await appendFile(this.#path, `${lines.join('\n')}\n`);
    this.#started = true;
    this.#waiting = [];
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
    this.#started = false;
  }

  async #dropTail(text: string): Promise<void> {
    await truncate(this.#path, Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1)));
  }
}
