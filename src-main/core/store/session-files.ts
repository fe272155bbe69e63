import { existsSync, renameSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { LONGEST_STEM_BYTES, shortened } from '../../../src-shared/domain/file-name.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { makeFolder } from '../base/make-folder.ts';
import { Connection } from './connection.ts';
import { sessionVersion } from './migrate.ts';
import { removeDatabase, requireFile, requireLock } from './open-session.ts';
import { SESSION_EXTENSION } from './session-format.ts';
import { WriteLock } from './write-lock.ts';

/** Folder beside the sessions in which removed ones wait to be put back. */
export const TRASH_FOLDER = '.trash';
const BUSY_TIMEOUT_MILLIS = 500;
const STAMP = /^\d{13}-/;

/**
 * Gives a session another name in its folder and returns its new path. Whole under the old name or whole under the new one, whenever the
 * process dies. Throws `session-locked` (someone writes or reads it), `output-exists`, `session-missing`, `usage` (no such name can be),
 * `session-not-a-session`, `session-newer`.
 */
export function renameSession(path: string, name: string): string {
  const from = resolve(path);
  const to = join(dirname(from), `${requireName(name)}${SESSION_EXTENSION}`);
  if (to !== from) moveSession(from, to);
  return to;
}

/**
 * Copies a session beside itself under the next free name and returns the copy's path; also while it is being written: the copy holds what was
 * committed. Throws `session-missing`, `session-not-a-session`, `session-newer`, `disk-full`, `permission-denied`.
 */
export function duplicateSession(path: string): string {
  const from = resolve(path);
  requireFile(from);
  using source = new Connection(from, { readonly: false, mustExist: true, busyTimeoutMillis: BUSY_TIMEOUT_MILLIS });
  sessionVersion(source);
  const stem = basename(from, SESSION_EXTENSION).replace(/-\d+$/, '');
  return underFreeName(dirname(from), stem, (to) => {
    const draft = `${to}.new`;
    removeDatabase(draft);
    try {
      // By SQLite and not by the file system: the copy has what is still in the WAL, and no second descriptor is opened.
      source.run('VACUUM INTO ?', draft);
      forgetHolder(draft);
      renameSync(draft, to);
    } finally {
      removeDatabase(draft);
    }
  });
}

/** Moves a session into the trash beside it and returns where it lies there. Throws as `renameSession`. */
export function trashSession(path: string): string {
  const from = resolve(path);
  const folder = join(dirname(from), TRASH_FOLDER);
  makeFolder(folder);
  const to = join(folder, `${Date.now()}-${basename(from)}`);
  moveSession(from, to);
  return to;
}

/** Puts a session of the trash back, under a free name when its own is taken by now, and returns its path. Throws as `renameSession`. */
export function restoreSession(path: string): string {
  const from = requireTrashed(path);
  const stem = basename(from, SESSION_EXTENSION).replace(STAMP, '');
  return underFreeName(dirname(dirname(from)), stem, (to) => moveHeld(from, to));
}

/** Removes a session of the trash for good. Throws as `renameSession`, and `usage` for one that is not in a trash. */
export function purgeSession(path: string): void {
  const from = requireTrashed(path);
  requireFile(from);
  using _lock = requireLock(from);
  closeWal(from);
  removeDatabase(from);
}

/** `NAME`, `NAME-2`, ...: the first that nobody has and nobody is making. */
function underFreeName(folder: string, stem: string, make: (to: string) => void): string {
  for (let number = 1; ; number++) {
    const to = join(folder, `${stem}${number === 1 ? '' : `-${number}`}${SESSION_EXTENSION}`);
    if (existsSync(to)) continue;
    using lock = WriteLock.acquire(to);
    if (lock === null || existsSync(to)) continue;
    make(to);
    return to;
  }
}

function moveSession(from: string, to: string): void {
  using _target = requireLock(to);
  if (existsSync(to)) {
    throw new StudioError(
      'output-exists',
      'user',
      `There is a ${basename(to)} already; nothing was changed. Choose another name.`,
      {
        details: { path: to },
      },
    );
  }
  moveHeld(from, to);
}

/** Expects the target's lock to be held. */
function moveHeld(from: string, to: string): void {
  requireFile(from);
  using _source = requireLock(from);
  closeWal(from);
  renameSync(from, to);
}

/**
 * Brings everything into the main file and removes -wal and -shm, so that the file can be moved alone. SQLite refuses while anyone else has it
 * open, also only for reading: then so do we. The next opening turns the WAL on again.
 */
function closeWal(path: string): void {
  using connection = new Connection(path, { readonly: false, mustExist: true, busyTimeoutMillis: BUSY_TIMEOUT_MILLIS });
  sessionVersion(connection);
  if (connection.pragma('journal_mode = DELETE') === 'delete') return;
  throw new StudioError(
    'session-locked',
    'conflict',
    `${basename(path)} is open elsewhere; nothing was changed. Close it there and try again.`,
    {
      details: { path },
    },
  );
}

/** The copy of a session that is open would say that it is open itself. */
function forgetHolder(path: string): void {
  using connection = new Connection(path, { readonly: false, mustExist: true, busyTimeoutMillis: BUSY_TIMEOUT_MILLIS });
  connection.run('DELETE FROM holder');
}

function requireTrashed(path: string): string {
  const from = resolve(path);
  if (basename(dirname(from)) === TRASH_FOLDER) return from;
  throw new StudioError('usage', 'user', `${basename(from)} is not in the trash; nothing was changed.`);
}

/** Also the names of devices, which Windows knows under every ending. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
const NO_NAME = /[<>:"/\\|?*\x00-\x1f]|^\.|\.$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** A name that every system can have for a file. */
function requireName(name: string): string {
  const wanted = name.trim();
  if (wanted !== '' && wanted.length <= 120 && shortened(wanted) === wanted && !NO_NAME.test(wanted)) return wanted;
  throw new StudioError(
    'usage',
    'user',
    `"${name}" cannot be the name of a file; nothing was changed. Leave out / \\ : * ? " < > | and dots at the ends, and keep it under ${LONGEST_STEM_BYTES} bytes.`,
  );
}
