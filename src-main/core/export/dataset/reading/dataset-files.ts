import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StudioError } from '../../../../../src-shared/errors/studio-error.ts';
import { fileFailure } from '../../../base/file-failure.ts';

/** Files that are read whole are refused beyond this; streams have no limit. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;
const MAX_NAMES = 5_000_000;
const HEAD_BYTES = 4096;

/**
 * A dataset on disk: a folder or a single file. Only names that were listed here are ever opened, links are not followed, and
 * nothing that a dataset says becomes a path.
 */
export class DatasetFiles {
  /** As given. */
  readonly path: string;
  /** The folder, or the one the file lies in. */
  readonly folder: string;
  /** Name of the given file; null: a folder was given. */
  readonly file: string | null;
  readonly #listings = new Map<string, Listing>();

  /** Throws `file-missing` or what reading a folder throws. */
  constructor(path: string) {
    this.path = path;
    try {
      const single = statSync(path).isFile();
      this.folder = single ? dirname(path) : path;
      this.file = single ? basename(path) : null;
      if (!single) this.#list('');
    } catch (error) {
      throw fileFailure(error, path, 'read');
    }
  }

  /** Sorted names of the plain files in a folder of the dataset that match; empty when there is no such folder. */
  names(folder: string, pattern: RegExp): readonly string[] {
    if (this.file !== null) return folder === '' && pattern.test(this.file) ? [this.file] : [];
    return this.#list(folder).files.filter((name) => pattern.test(name));
  }

  /** Sorted names of the folders in a folder of the dataset that match. */
  folders(folder: string, pattern: RegExp): readonly string[] {
    return this.file !== null ? [] : this.#list(folder).folders.filter((name) => pattern.test(name));
  }

  has(name: string): boolean {
    const parent = dirname(name) === '.' ? '' : dirname(name);
    return this.names(parent, /./).includes(basename(name));
  }

  at(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** First bytes as text, without a byte order mark; '' when it cannot be read. */
  head(name: string): string {
    try {
      const descriptor = openSync(this.at(name), 'r');
      try {
        const bytes = Buffer.alloc(HEAD_BYTES);
        return new TextDecoder().decode(bytes.subarray(0, readSync(descriptor, bytes, 0, HEAD_BYTES, 0)));
      } finally {
        closeSync(descriptor);
      }
    } catch {
      return '';
    }
  }

  /** A whole file; throws `file-unreadable` when it is absurdly large. */
  async bytes(name: string): Promise<Buffer> {
    const path = this.at(name);
    try {
      const { size } = statSync(path);
      if (size > MAX_WHOLE_BYTES) {
        const mega = Math.round(size / 1e6);
        throw new StudioError('file-unreadable', 'user', `${path} has ${mega} MB, more than such a file can need.`);
      }
      return await readFile(path);
    } catch (error) {
      throw fileFailure(error, path, 'read');
    }
  }

  /** A whole file as text, without a byte order mark; throws as `bytes`. */
  async text(name: string): Promise<string> {
    return new TextDecoder().decode(await this.bytes(name));
  }

  #list(folder: string): Listing {
    const known = this.#listings.get(folder);
    if (known !== undefined) return known;
    const listing = listFolder(this.at(folder));
    this.#listings.set(folder, listing);
    return listing;
  }
}

interface Listing {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

function listFolder(path: string): Listing {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    if (entries.length > MAX_NAMES) {
      throw new StudioError('file-unreadable', 'user', `${path} holds more files than a dataset can need.`);
    }
    const names = (wanted: (entry: (typeof entries)[number]) => boolean) =>
      entries
        .filter(wanted)
        .map(({ name }) => name)
        .sort();
    return { files: names((entry) => entry.isFile()), folders: names((entry) => entry.isDirectory()) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return { files: [], folders: [] };
    }
    throw error;
  }
}

/** What Roboflow puts behind a picture's own name: `clip-0007_jpg.rf.` and a hash. */
const ROBOFLOW_HASH = /\.rf\.[0-9a-z]+$/i;

/** The frame index that the last digits of a file name spell, a hash of Roboflow's left out; null: none. */
export function frameFromName(name: string): number | null {
  const stem = basename(name.replaceAll('\\', '/')).replace(/\.[A-Za-z0-9]{1,5}$/, '');
  const digits = /(\d{1,9})\D*$/.exec(stem.replace(ROBOFLOW_HASH, ''))?.[1];
  return digits === undefined ? null : Number(digits);
}
