import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { StudioError } from '../../../../../src-shared/errors/studio-error.ts';
import { fileFailure } from '../../../base/file-failure.ts';
import { makeFolder } from '../../../base/make-folder.ts';
import { removeAbandoned } from '../../../base/remove-abandoned.ts';

/** Tells a folder of ours from any other; written with every export. */
export const EXPORT_MARK = 'export.json';
const PRODUCER = 'masklet-studio';
/** What an export to the same place left when its process was killed. */
const ABANDONED = /^\.part-(\d+)-[0-9a-f]{8}$/;
/** Top-level names of exports before their mark listed them. */
const EARLIER_NAMES = /^(\d+|\d+\.png|frames\.csv|masks\.csv|export\.json)$/;

/**
 * A folder that appears whole or not at all: it is filled under a temporary sibling name and renamed by `commit`. Disposing
 * without a commit removes it. Only an export of ours is ever replaced.
 */
export class OutputFolder implements AsyncDisposable {
  /** Write here. */
  readonly folder: string;
  readonly #target: string;
  readonly #overwrite: boolean;
  #open = true;

  private constructor(target: string, overwrite: boolean) {
    this.#target = target;
    this.#overwrite = overwrite;
    this.folder = join(dirname(target), `.${basename(target)}.part-${process.pid}-${randomUUID().slice(0, 8)}`);
  }

  /** Throws as `create`, and makes nothing: for asking before long work. */
  static async check(target: string, overwrite: boolean): Promise<void> {
    try {
      await checkReplaceable(resolve(target), overwrite);
    } catch (error) {
      throw fileFailure(error, target, 'write');
    }
  }

  /** Throws `output-exists` when the folder holds something that may not be replaced. */
  static async create(target: string, overwrite: boolean): Promise<OutputFolder> {
    const output = new OutputFolder(resolve(target), overwrite);
    try {
      await checkReplaceable(output.#target, overwrite);
      await removeAbandoned(output.#target, ABANDONED);
      makeFolder(output.folder);
    } catch (error) {
      throw fileFailure(error, target, 'write');
    }
    return output;
  }

  /** Puts the folder under its final name. What stood there before is removed only after that. */
  async commit(description: Readonly<Record<string, unknown>>): Promise<void> {
    const entries = await readdir(this.folder);
    const files = (await countFiles(this.folder)) + 1;
    const mark = { producer: PRODUCER, ...description, entries: [...entries, EXPORT_MARK].sort(), files };
    await writeFile(join(this.folder, EXPORT_MARK), `${JSON.stringify(mark, null, 2)}\n`);
    const state = await checkReplaceable(this.#target, this.#overwrite);
    const old = `${this.folder}-old`;
    if (state === 'empty') await rmdir(this.#target);
    if (state === 'ours') await rename(this.#target, old);
    try {
      await rename(this.folder, this.#target);
    } catch (error) {
      if (state === 'ours') await rename(old, this.#target);
      throw error;
    }
    this.#open = false;
    if (state === 'ours') await rm(old, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function checkReplaceable(target: string, overwrite: boolean): Promise<'missing' | 'empty' | 'ours'> {
  let names: string[];
  try {
    names = await readdir(target);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return 'missing';
    if (code === 'ENOTDIR') throw exists(`${target} is a file; name a folder to write`);
    throw error;
  }
  if (names.length === 0) return 'empty';
  if (!overwrite) throw exists(`${target} is not empty and was left alone; choose another folder or allow overwriting`);
  if (await isOurs(target, names)) return 'ours';
  throw exists(
    `${target} holds other files than an export of Masklet Studio and was left alone; choose another folder`,
  );
}

/** True when a folder carries our mark and nothing was put into it since. */
async function isOurs(target: string, names: readonly string[]): Promise<boolean> {
  let mark: { readonly producer?: unknown; readonly entries?: unknown; readonly files?: unknown };
  try {
    mark = JSON.parse(await readFile(join(target, EXPORT_MARK), 'utf8'));
  } catch {
    return false;
  }
  if (mark.producer !== PRODUCER) return false;
  if (!Array.isArray(mark.entries)) return names.every((name) => EARLIER_NAMES.test(name));
  const entries: readonly unknown[] = mark.entries;
  return names.every((name) => entries.includes(name)) && (await countFiles(target)) <= Number(mark.files);
}

async function countFiles(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).length;
}

function exists(sentence: string): StudioError {
  return new StudioError('output-exists', 'conflict', `${sentence}.`);
}
