import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import type { Connection } from './connection.ts';
import { type Migration, migrations, SESSION_VERSION } from './migrations/migrations.ts';
import { SESSION_APPLICATION_ID } from './session-format.ts';

/**
 * The version of an existing session. Throws `session-not-a-session` when another program made the file, `session-newer` when a
 * later Masklet did; `session-corrupt` when the damage shows here.
 */
export function sessionVersion(connection: Connection): number {
  const name = basename(connection.path);
  if (connection.pragma('application_id') !== SESSION_APPLICATION_ID) {
    throw new StudioError('session-not-a-session', 'user', `${name} is not a Masklet session; nothing was changed.`, {
      details: { path: connection.path },
    });
  }
  const version = Number(connection.pragma('user_version'));
  if (version > SESSION_VERSION) {
    throw new StudioError(
      'session-newer',
      'user',
      `${name} was made by a newer Masklet Studio (format ${version}, this one reads up to ${SESSION_VERSION}); nothing was changed. Update Masklet Studio to open it.`,
      { details: { path: connection.path, version, supported: SESSION_VERSION } },
    );
  }
  return version;
}

/**
 * Applies every migration above the file's version, each in its own transaction together with the new number, so a crash leaves
 * a whole version. `steps` is replaced only by tests.
 */
export function migrate(connection: Connection, steps: readonly Migration[] = migrations): void {
  connection.pragma('foreign_keys = OFF');
  for (const step of steps) {
    if (step.version <= Number(connection.pragma('user_version'))) continue;
    connection.transaction(() => {
      step.apply(connection);
      connection.pragma(`user_version = ${step.version}`);
    });
  }
  connection.pragma('foreign_keys = ON');
}

/**
 * Copies the session as it is to `SESSION.v<version>.backup` (or `….backup-2` and so on) and returns that path.
 * A copy by SQLite, not by the file system: it holds what is still in the WAL, and opens no second descriptor.
 */
export function backupBeforeMigration(connection: Connection, version: number): string {
  const base = `${connection.path}.v${version}.backup`;
  let target = base;
  for (let copy = 2; existsSync(target); copy++) target = `${base}-${copy}`;
  connection.run('VACUUM INTO ?', target);
  return target;
}
