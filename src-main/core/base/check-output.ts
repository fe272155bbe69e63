import { stat } from 'node:fs/promises';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { fileFailure } from './file-failure.ts';

/** What an output is made from. */
export interface OutputOrigin {
  readonly sourcePath: string;
  readonly sessionPath: string;
}

/**
 * Refuses an output file that is the source or the session itself (`output-is-source`, through links and other spellings of the path too,
 * and whatever `overwrite` says) or that exists when it may not be replaced (`output-exists`). Nothing is written.
 */
export async function checkOutputFile(origin: OutputOrigin, outputPath: string, overwrite: boolean): Promise<void> {
  await checkNotSource(origin.sourcePath, outputPath);
  await checkOther(origin.sessionPath, outputPath, 'session');
  const output = await identify(outputPath);
  if (output === null) return;
  if (output.folder) {
    throw new StudioError('output-exists', 'conflict', `${outputPath} is a folder; name a file to write.`);
  }
  if (overwrite) return;
  throw new StudioError(
    'output-exists',
    'conflict',
    `${outputPath} already exists and was left alone; choose another name or allow overwriting.`,
  );
}

/** Throws `output-is-source` when both paths lead to one file or folder. */
export function checkNotSource(sourcePath: string, outputPath: string): Promise<void> {
  return checkOther(sourcePath, outputPath, 'source video');
}

async function checkOther(originPath: string, outputPath: string, what: string): Promise<void> {
  const origin = await identify(originPath);
  const output = await identify(outputPath);
  if (origin === null || output === null || origin.identity !== output.identity) return;
  throw new StudioError(
    'output-is-source',
    'user',
    `${outputPath} is the ${what} itself; it is never overwritten, choose another name.`,
  );
}

/** Device and inode name a file however it is spelled; null when nothing is there. */
async function identify(path: string): Promise<{ readonly identity: string; readonly folder: boolean } | null> {
  try {
    const found = await stat(path, { bigint: true });
    return { identity: `${found.dev}:${found.ino}`, folder: found.isDirectory() };
  } catch (error) {
    const failure = fileFailure(error, path, 'read');
    if (failure.code === 'file-missing') return null;
    throw failure;
  }
}
