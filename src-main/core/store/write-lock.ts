import { existsSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { sqliteCodeOf, sqliteFailure } from './sqlite-failure.ts';

/** Held strongly: a connection that is garbage-collected closes, and its lock would be gone without a dispose (measured). */
const heldLocks = new Set<WriteLock>();

/**
 * The right to write one session, held by one process at a time through the operating system's file lock on
 * `SESSION.lock`: a process that dies, even by kill -9, gives it back at once, so no lock is ever stale and no
 * process id has to be believed. The lock file is removed on release.
 */
export class WriteLock implements Disposable {
  readonly #db: Database.Database;
  readonly #file: string;
  #held = true;

  private constructor(db: Database.Database, file: string) {
    this.#db = db;
    this.#file = file;
    heldLocks.add(this);
  }

  /** Returns null when another process (or another handle of this one) holds it for longer than `waitMillis`. */
  static acquire(sessionPath: string, waitMillis = 200): WriteLock | null {
    const file = lockFileOf(sessionPath);
    for (let attempt = 0; attempt < 5; attempt++) {
      const outcome = tryLock(sessionPath, waitMillis);
      if (outcome === 'held') return null;
      if (outcome !== 'moved') return new WriteLock(outcome, file);
    }
    return null;
  }

  /** True while someone holds the lock; takes nothing. */
  static isHeld(sessionPath: string): boolean {
    const file = lockFileOf(sessionPath);
    if (!existsSync(file)) return false;
    let db: Database.Database | null = null;
    try {
      db = new Database(file, { readonly: true, fileMustExist: true, timeout: 0 });
      db.pragma('user_version');
      return false;
    } catch (error) {
      return sqliteCodeOf(error)?.startsWith('SQLITE_BUSY') ?? false;
    } finally {
      db?.close();
    }
  }

  [Symbol.dispose](): void {
    if (!this.#held) return;
    this.#held = false;
    heldLocks.delete(this);
    // Removed while still locked: whoever opened the old file meanwhile finds it moved and starts over.
    if (process.platform !== 'win32') removeLockFile(this.#file);
    this.#db.close();
    // Windows refuses to remove an open file, which protects us in the same way.
    if (process.platform === 'win32') removeLockFile(this.#file);
  }
}

function lockFileOf(sessionPath: string): string {
  return `${sessionPath}.lock`;
}

function tryLock(sessionPath: string, waitMillis: number): Database.Database | 'held' | 'moved' {
  let db: Database.Database | null = null;
  try {
    db = new Database(lockFileOf(sessionPath), { timeout: waitMillis });
    db.pragma('synchronous = OFF');
    db.pragma('locking_mode = EXCLUSIVE');
    // The lock is taken here, and stays until close. No journal on disk may ever say "this file was empty": someone who still
    // waits on a removed lock file would roll his own back to nothing with it, and SQLite checks no empty file below (seen).
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE; PRAGMA user_version = 1; COMMIT');
    // A write with a journal on disk makes SQLite check that the name still leads to the file it opened.
    db.pragma('journal_mode = DELETE');
    db.exec('PRAGMA user_version = 2');
    return db;
  } catch (error) {
    db?.close();
    const code = sqliteCodeOf(error);
    if (code?.startsWith('SQLITE_BUSY')) return 'held';
    if (code === 'SQLITE_READONLY_DBMOVED') return 'moved';
    if (code === null) {
      throw new StudioError(
        'session-missing',
        'user',
        'The folder of this session does not exist; nothing was changed.',
        {
          details: { path: sessionPath },
          cause: error,
        },
      );
    }
    throw sqliteFailure(error, sessionPath);
  }
}

function removeLockFile(file: string): void {
  // The journal first: once the lock file is gone, the next holder makes its own under the same name.
  rmSync(`${file}-journal`, { force: true });
  rmSync(file, { force: true });
}
