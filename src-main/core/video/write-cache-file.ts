import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../base/make-folder.ts';

/** Writes a file of the cache, and its folder; it appears whole or not at all. Throws the system's own error. */
export async function writeCacheFile(path: string, content: string | Uint8Array): Promise<void> {
  makeFolder(dirname(path));
  const temporary = `${path}.${process.pid}.${Math.trunc(performance.now() * 1000)}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

/** The same for what can be found out again: where the cache cannot be written (a full disk, a folder of another user), nothing is kept. */
export async function keepInCache(path: string, content: string | Uint8Array): Promise<void> {
  await writeCacheFile(path, content).catch(() => {});
}
