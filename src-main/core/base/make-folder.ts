import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { fileFailure } from './file-failure.ts';

/**
 * Makes a folder, and those above it, where they are missing. Throws the system's own error, and `permission-denied` where the system has
 * no place for one, as under /proc: there Node's own recursive way tries for ever.
 */
export function makeFolder(path: string): void {
  const folder = resolve(path);
  if (isFolder(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST' && isFolder(folder)) return;
    if (code !== 'ENOENT') throw cause;
    const message = `No folder can be made at ${folder}; choose another place, for the studio's own files with MASKLET_HOME.`;
    throw new StudioError('permission-denied', 'environment', message, { details: { path: folder }, cause });
  }
}

/** The same for the place of what a person asked for. Throws as `fileFailure` says it. */
export function requireFolder(path: string): void {
  try {
    makeFolder(path);
  } catch (cause) {
    throw fileFailure(cause, path, 'write');
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
