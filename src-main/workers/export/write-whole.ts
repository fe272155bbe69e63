import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { removeAbandoned } from '../../core/base/remove-abandoned.ts';
import { fileFailure } from '../../core/export/index.ts';

/** The file appears complete or not at all. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await removeAbandoned(path, /^\.partial-(\d+)$/);
  const draft = join(dirname(path), `.${basename(path)}.partial-${process.pid}`);
  try {
    await writeFile(draft, bytes);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw fileFailure(error, path, 'write');
  }
}
