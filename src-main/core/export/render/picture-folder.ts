import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { ticksToSecs } from '../../../../src-shared/time/timebase.ts';
import { checkNotSource } from '../../base/check-output.ts';
import { fileFailure } from '../../base/file-failure.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { removeAbandoned } from '../../base/remove-abandoned.ts';
import type { FrameTimes } from '../ports.ts';

/** Tells a folder of ours from any other. */
const MARK = 'render.json';
const PRODUCER = 'masklet-studio';
const OUR_NAMES = /^(\d+|\d+\.(png|exr)|frames\.csv|render\.json)$/;

/**
 * A folder of pictures that appears under its name whole or not at all: it is filled beside its place and renamed by `commit`;
 * disposing without a commit removes it. Only a folder that we rendered is ever replaced.
 */
export class PictureFolder implements AsyncDisposable {
  /** Write here. */
  readonly folder: string;
  readonly #target: string;
  readonly #overwrite: boolean;
  #open = true;

  private constructor(target: string, overwrite: boolean) {
    this.#target = target;
    this.#overwrite = overwrite;
    this.folder = join(dirname(target), `.${basename(target)}.pictures-${process.pid}-${randomUUID().slice(0, 8)}`);
  }

  /** Throws `output-exists`, `output-is-source`, `permission-denied`, `disk-full`. */
  static async create(sourcePath: string, target: string, overwrite: boolean): Promise<PictureFolder> {
    const made = new PictureFolder(resolve(target), overwrite);
    await checkNotSource(sourcePath, made.#target);
    try {
      await made.#checkReplaceable();
      await removeAbandoned(made.#target, /^\.pictures-(\d+)(-[0-9a-f]+)?$/);
      makeFolder(made.folder);
    } catch (error) {
      throw fileFailure(error, target, 'write');
    }
    return made;
  }

  /** Adds the times of the pictures, which have none themselves, and puts the folder under its final name. */
  async commit(times: FrameTimes, range: FrameRange, style: string): Promise<void> {
    try {
      await writeFile(join(this.folder, 'frames.csv'), framesCsv(times, range));
      await writeFile(join(this.folder, MARK), `${JSON.stringify({ producer: PRODUCER, style, range }, null, 2)}\n`);
      await this.#checkReplaceable();
      await this.#takePlace();
    } catch (error) {
      throw fileFailure(error, this.#target, 'write');
    }
    this.#open = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** What stood there before is removed only when the new folder stands. */
  async #takePlace(): Promise<void> {
    const old = `${this.folder}-old`;
    const standing = await rename(this.#target, old).then(
      () => true,
      () => false,
    );
    try {
      await rename(this.folder, this.#target);
    } catch (error) {
      if (standing) await rename(old, this.#target);
      throw error;
    }
    if (standing) await rm(old, { recursive: true, force: true });
  }

  async #checkReplaceable(): Promise<void> {
    const names = await namesIn(this.#target);
    if (names.length === 0) return;
    if (!this.#overwrite) {
      throw exists(`${this.#target} is not empty and was left alone; choose another folder or allow overwriting.`);
    }
    if (names.every((name) => OUR_NAMES.test(name)) && (await isOurs(this.#target))) return;
    throw exists(
      `${this.#target} holds other files than a rendering of ours and was left alone; choose another folder.`,
    );
  }
}

/** Empty when the folder is not there. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR') throw exists(`${folder} is a file; name a folder to write the pictures to.`);
    throw error;
  }
}

async function isOurs(folder: string): Promise<boolean> {
  try {
    return JSON.parse(await readFile(join(folder, MARK), 'utf8')).producer === PRODUCER;
  } catch {
    return false;
  }
}

function framesCsv(times: FrameTimes, { first, last }: FrameRange): string {
  const rows = ['index,pts,seconds'];
  for (let index = first as number; index <= last; index++) {
    const pts = times.ptsOf(index as typeof first);
    rows.push(`${index},${pts},${Number(ticksToSecs(pts, times.timebase).toFixed(9))}`);
  }
  return `${rows.join('\n')}\n`;
}

function exists(sentence: string): StudioError {
  return new StudioError('output-exists', 'conflict', sentence);
}
