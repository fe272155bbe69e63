import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { Connection } from './connection.ts';
import { backupBeforeMigration, migrate, sessionVersion } from './migrate.ts';
import { SESSION_VERSION } from './migrations/migrations.ts';
import { insertMedia, type NewMedia } from './repositories/media.ts';
import { markInterruptedRuns } from './repositories/runs.ts';
import { type SessionReader, type SessionWriter, sessionReader, sessionWriter, writeHolder } from './session.ts';
import { SESSION_APPLICATION_ID, SESSION_PAGE_SIZE } from './session-format.ts';
import { WriteLock } from './write-lock.ts';

export interface OpenOptions {
  /** Who opens it, for the message a second opener gets: `Masklet Studio 0.1.0`. */
  readonly app?: string;
  /** A quota for the file; a commit beyond it fails with `disk-full`. Default: the disk. */
  readonly maxSizeBytes?: number;
}

const BUSY_TIMEOUT_MILLIS = 5_000;

/**
 * Makes a session of one video and opens it for writing. The file appears under its name only when it is whole.
 * Throws `output-exists`, `session-locked`, `session-missing` (no such folder), `permission-denied`, `disk-full`.
 */
export function createSession(path: string, media: NewMedia, options: OpenOptions = {}): SessionWriter {
  const target = resolve(path);
  const lock = requireLock(target);
  const draft = `${target}.new`;
  try {
    if (existsSync(target)) {
      throw new StudioError('output-exists', 'user', `${basename(target)} exists already; it was not changed.`, {
        details: { path: target },
      });
    }
    removeDatabase(draft);
    writeDraft(draft, media);
    renameSync(draft, target);
    return finishOpening(target, lock, options);
  } catch (error) {
    removeDatabase(draft);
    lock[Symbol.dispose]();
    throw error;
  }
}

/**
 * Opens a session for writing; one process at a time. An older file is copied to `backupPath` and migrated first; runs that a
 * dead process left running become `interrupted`.
 * Throws `session-missing`, `session-not-a-session`, `session-newer`, `session-corrupt`, `session-locked` (details say who:
 * `processId`, `host`, `app`, `sinceMillis`), `permission-denied`, `disk-full`.
 */
export function openSessionWriter(path: string, options: OpenOptions = {}): SessionWriter {
  const target = resolve(path);
  requireFile(target);
  const lock = requireLock(target);
  try {
    return finishOpening(target, lock, options);
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

/**
 * Opens a session for reading; also while another process writes it. An older file is migrated first (with its backup), so
 * it must not be open elsewhere then. Throws as `openSessionWriter`.
 */
export function openSessionReader(path: string): SessionReader {
  const target = resolve(path);
  const connection = openReadOnly(target);
  try {
    if (sessionVersion(connection) === SESSION_VERSION) return sessionReader(connection);
    connection[Symbol.dispose]();
    openSessionWriter(target)[Symbol.dispose]();
    return sessionReader(openReadOnly(target));
  } catch (error) {
    connection[Symbol.dispose]();
    throw error;
  }
}

/**
 * A connection that changes no data; throws `session-missing` when there is no such file. SQLite opens it for writing where the
 * file system allows: then the last one to close tidies the -wal and -shm files away, which a read-only handle leaves behind.
 */
export function openReadOnly(path: string): Connection {
  requireFile(path);
  const connection = new Connection(path, {
    readonly: false,
    mustExist: true,
    busyTimeoutMillis: BUSY_TIMEOUT_MILLIS,
  });
  try {
    connection.execute('PRAGMA query_only = ON');
    return connection;
  } catch (error) {
    connection[Symbol.dispose]();
    throw error;
  }
}

function finishOpening(path: string, lock: WriteLock, options: OpenOptions): SessionWriter {
  const connection = new Connection(path, { readonly: false, mustExist: true, busyTimeoutMillis: BUSY_TIMEOUT_MILLIS });
  try {
    const version = sessionVersion(connection);
    useWal(connection);
    const backupPath = version < SESSION_VERSION ? backupBeforeMigration(connection, version) : null;
    migrate(connection);
    const interruptedRuns = markInterruptedRuns(connection);
    writeHolder(connection, options.app ?? 'Masklet Studio');
    if (options.maxSizeBytes !== undefined) limitSize(connection, options.maxSizeBytes);
    return sessionWriter(connection, { lock, backupPath, interruptedRuns });
  } catch (error) {
    connection[Symbol.dispose]();
    throw error;
  }
}

function writeDraft(path: string, media: NewMedia): void {
  using connection = new Connection(path, {
    readonly: false,
    mustExist: false,
    busyTimeoutMillis: BUSY_TIMEOUT_MILLIS,
  });
  connection.pragma(`page_size = ${SESSION_PAGE_SIZE}`);
  connection.pragma(`application_id = ${SESSION_APPLICATION_ID}`);
  useWal(connection);
  migrate(connection);
  connection.transaction(() => insertMedia(connection, media));
}

function useWal(connection: Connection): void {
  connection.pragma('journal_mode = WAL');
  // Measured: at NORMAL no acknowledged batch is lost or torn by kill -9.
  connection.pragma('synchronous = NORMAL');
  // A long reader can let the WAL grow; give the space back after the next checkpoint.
  connection.pragma('journal_size_limit = 67108864');
}

function limitSize(connection: Connection, maxSizeBytes: number): void {
  connection.pragma(`max_page_count = ${Math.max(1, Math.floor(maxSizeBytes / SESSION_PAGE_SIZE))}`);
}

export function requireFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return;
  const what = found === undefined ? 'There is no session' : 'A folder or device is not a session:';
  const code = found === undefined ? 'session-missing' : 'session-not-a-session';
  throw new StudioError(code, 'user', `${what} ${basename(path)} in ${dirname(path)}; nothing was changed.`, {
    details: { path },
  });
}

export function requireLock(path: string): WriteLock {
  const lock = WriteLock.acquire(path);
  if (lock !== null) return lock;
  const holder = readHolder(path);
  const who = holder === null ? 'another program' : `${holder.app} (process ${holder.process_id} on ${holder.host})`;
  throw new StudioError(
    'session-locked',
    'conflict',
    `${basename(path)} is being written by ${who}; nothing was changed. Close it there, or open it for reading only.`,
    {
      details: {
        path,
        processId: holder?.process_id ?? null,
        host: holder?.host ?? null,
        app: holder?.app ?? null,
        sinceMillis: holder?.since_millis ?? null,
      },
    },
  );
}

interface HolderRow {
  readonly process_id: number;
  readonly host: string;
  readonly app: string;
  readonly since_millis: number;
}

function readHolder(path: string): HolderRow | null {
  try {
    using connection = openReadOnly(path);
    return connection.get<HolderRow>('SELECT process_id, host, app, since_millis FROM holder WHERE id = 1') ?? null;
  } catch {
    // Whatever is wrong with the file, the news for the user is that someone is writing it.
    return null;
  }
}

export function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}
