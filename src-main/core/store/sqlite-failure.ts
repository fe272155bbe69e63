import { basename } from 'node:path';
import { type ErrorCode, type ErrorKind, StudioError } from '../../../src-shared/errors/studio-error.ts';

/** What a name leaves of the 255 bytes of a file system for `.lock-journal`, the longest that is put behind it. */
const LONGEST_NAME_BYTES = 255 - '.lock-journal'.length;

type Failure = readonly [code: ErrorCode, kind: ErrorKind, sentence: (name: string) => string];

/** Longest prefix wins: SQLite's extended codes start with the primary one. */
const failures: Readonly<Record<string, Failure>> = {
  SQLITE_NOTADB: ['session-not-a-session', 'user', (name) => `${name} is not a Masklet session; nothing was changed.`],
  SQLITE_CORRUPT: [
    'session-corrupt',
    'resource',
    (name) => `${name} is damaged; nothing was changed. Restore a backup, or track the video again.`,
  ],
  SQLITE_IOERR: [
    'session-corrupt',
    'resource',
    (name) => `${name} could not be read or written; committed frames are kept. Check the disk and open it again.`,
  ],
  SQLITE_IOERR_SHMSIZE: [
    'disk-full',
    'resource',
    (name) => `The disk is full; every frame committed to ${name} is safe. Free some space and resume.`,
  ],
  SQLITE_FULL: [
    'disk-full',
    'resource',
    (name) => `The disk is full; every frame committed to ${name} is safe. Free some space and resume.`,
  ],
  SQLITE_BUSY: [
    'session-locked',
    'conflict',
    (name) => `${name} is being written by another program; nothing was changed. Close it there and try again.`,
  ],
  SQLITE_CANTOPEN: [
    'permission-denied',
    'environment',
    (name) => `${name} cannot be opened here; nothing was changed. Check the folder's permissions.`,
  ],
  SQLITE_READONLY: [
    'permission-denied',
    'environment',
    (name) => `${name} may not be written; nothing was changed. Check its permissions or copy it elsewhere.`,
  ],
  SQLITE_PERM: [
    'permission-denied',
    'environment',
    (name) => `${name} may not be opened; nothing was changed. Check its permissions.`,
  ],
  SQLITE_NOMEM: [
    'out-of-memory',
    'resource',
    (name) => `Not enough memory to read ${name}; committed frames are kept. Close other programs and try again.`,
  ],
};

/** Turns what SQLite threw while working on `path` into a StudioError; a StudioError passes unchanged. */
export function sqliteFailure(error: unknown, path: string): StudioError {
  if (error instanceof StudioError) return error;
  const sqliteCode = sqliteCodeOf(error);
  if (sqliteCode === null) return StudioError.from(error);
  if (sqliteCode.startsWith('SQLITE_CANTOPEN') && Buffer.byteLength(basename(path)) > LONGEST_NAME_BYTES) {
    const message = `The name ${basename(path)} is too long for a session; nothing was changed, choose a shorter one.`;
    return new StudioError('usage', 'user', message, { details: { path, sqliteCode }, cause: error });
  }
  const known = Object.keys(failures)
    .filter((prefix) => sqliteCode === prefix || sqliteCode.startsWith(`${prefix}_`))
    .sort((a, b) => b.length - a.length)[0];
  if (known === undefined) return StudioError.from(error);
  const [code, kind, sentence] = failures[known];
  return new StudioError(code, kind, sentence(basename(path)), { details: { path, sqliteCode }, cause: error });
}

/** `SQLITE_…` of an error that better-sqlite3 threw, or null. */
export function sqliteCodeOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : null;
}
