import { existsSync, readdirSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { Connection } from '../../../src-main/core/store/connection.ts';
import { createSession, openSessionReader, openSessionWriter } from '../../../src-main/core/store/index.ts';
import { migrate } from '../../../src-main/core/store/migrate.ts';
import { migrations, SESSION_VERSION } from '../../../src-main/core/store/migrations/migrations.ts';
import { frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import { codeOf, mediaAt, rowOf, startedSession, TempFolder } from './fixture.ts';
import { v1Schema } from './v1-schema.ts';

const tables = ['media', 'concepts', 'objects', 'prompts', 'runs', 'masks', 'settings'] as const;

/** A file exactly as version 1 wrote it, with the rows of a session of today. */
function makeV1(path: string): void {
  const { session, run } = startedSession(`${path}.today`, 2);
  const rows = [rowOf(0, 1), rowOf(0, 2), rowOf(3, 1)];
  session.masks.commitBatch({ rows, progress: { runId: run, direction: 'forward', lastFrame: frameIndex(3) } });
  session.runs.finish(run, 'done');
  session[Symbol.dispose]();
  const db = new Database(path);
  db.exec(v1Schema);
  db.prepare('ATTACH ? AS today').run(`${path}.today`);
  for (const table of tables) {
    const columns = (db.pragma(`table_info(${table})`) as { name: string }[]).map((column) => column.name).join(', ');
    db.exec(`INSERT INTO ${table} (${columns}) SELECT ${columns} FROM today.${table}`);
  }
  db.close();
}

/** What versions 6 to 8 brought. */
function dropLater(db: Database.Database): void {
  for (const trigger of ['new', 'old']) db.exec(`DROP TRIGGER tracked_frame_of_${trigger}`);
  db.exec('DROP TABLE tracked_frames');
  for (const trigger of ['new', 'old', 'changed']) db.exec(`DROP TRIGGER mask_shape_of_${trigger}`);
  db.exec('DROP TABLE reviews; DROP TABLE mask_shapes');
  db.exec('DROP TABLE earlier_masks; DROP TABLE comparisons; DROP INDEX masks_best_detection');
}

const schemaOf = (path: string) => {
  using connection = new Connection(path, { readonly: true, mustExist: true, busyTimeoutMillis: 0 });
  return connection
    .all<{ sql: string }>(
      `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name`,
    )
    .map((row) => row.sql.replaceAll(/\s+/g, ' ').replaceAll('( ', '(').replaceAll(' )', ')').replaceAll(' ,', ','));
};

describe('migrations', () => {
  it('are numbered from 1 without gaps', () => {
    expect(migrations.map((step) => step.version)).toEqual(migrations.map((_, index) => index + 1));
  });

  it('1 makes what version 1 was', () => {
    using folder = new TempFolder();
    {
      using old = new Connection(folder.file('old'), { readonly: false, mustExist: false, busyTimeoutMillis: 0 });
      old.execute(v1Schema);
      using fresh = new Connection(folder.file('new'), { readonly: false, mustExist: false, busyTimeoutMillis: 0 });
      migrate(fresh, migrations.slice(0, 1));
    }
    expect(schemaOf(folder.file('new'))).toEqual(schemaOf(folder.file('old')));
  });

  it('2 adds the undo journal to a version 1 file, keeps every row, and backs the file up first', () => {
    using folder = new TempFolder();
    makeV1(folder.file());
    using session = openSessionWriter(folder.file());
    expect(session.backupPath).toBe(`${folder.file()}.v1.backup`);
    expect(session.masks.get(frameIndex(3), objectId(1))).toMatchObject(rowOf(3, 1));
    expect(session.verify()).toEqual([]);
    session.objects.update(objectId(2), { name: 'Renamed' });
    expect(session.journal.undo()).toBe('Edit object');
    const readOnly = { readonly: true, mustExist: true, busyTimeoutMillis: 0 };
    using backup = new Connection(session.backupPath ?? '', readOnly);
    expect(backup.pragma('user_version')).toBe(1);
    expect(backup.get('SELECT count(*) AS count FROM masks')).toEqual({ count: 3 });
  });

  it('3 gives prompts rounds; those of an older file are one round before all others, also when undone and redone', () => {
    using folder = new TempFolder();
    const at = { kind: 'point' as const, objectId: objectId(1), frameIndex: frameIndex(0), point: { x: 1, y: 1 } };
    {
      const { session } = startedSession(folder.file(), 1);
      session.prompts.add({ ...at, include: true }, 5);
      session[Symbol.dispose]();
      const db = new Database(folder.file());
      db.exec(
        `UPDATE edits SET forward_json = replace(forward_json, ',"round":5', ''); ALTER TABLE prompts DROP COLUMN round;
         ALTER TABLE objects DROP COLUMN group_name`,
      );
      dropLater(db);
      db.pragma('user_version = 2');
      db.close();
    }
    using session = openSessionWriter(folder.file());
    expect(session.prompts.all().map(({ round }) => round)).toEqual([0]);
    session.journal.undo();
    session.journal.redo();
    expect(session.prompts.all().map(({ round }) => round)).toEqual([0]);
    session.prompts.add({ ...at, include: false });
    expect(session.prompts.all().map(({ round }) => round)).toEqual([0, 1]);
  });

  it('4 lets objects belong to groups, and 5 keeps lanes in the index', () => {
    using folder = new TempFolder();
    makeV1(folder.file());
    using session = openSessionWriter(folder.file());
    expect(session.objects.all().map(({ groupName }) => groupName)).toEqual([null, null]);
    session.objects.update(objectId(2), { groupName: 'Team' });
    session.journal.undo();
    session.journal.redo();
    expect(session.objects.all().map(({ groupName }) => groupName)).toEqual([null, 'Team']);
  });

  it('6 adds reviews and the shapes of masks; masks of an older file have none until they are stored again', () => {
    using folder = new TempFolder();
    {
      const { session, run } = startedSession(folder.file(), 1);
      const rows = [rowOf(1, 1), rowOf(2, 1)];
      session.masks.commitBatch({ rows, progress: { runId: run, direction: 'forward', lastFrame: frameIndex(2) } });
      session.runs.finish(run, 'done');
      session[Symbol.dispose]();
      const db = new Database(folder.file());
      dropLater(db);
      db.pragma('user_version = 5');
      db.close();
    }
    using session = openSessionWriter(folder.file());
    using connection = new Connection(folder.file(), { readonly: true, mustExist: true, busyTimeoutMillis: 0 });
    const shapes = () => connection.all('SELECT id, step_iou FROM mask_shapes ORDER BY id');
    expect(shapes()).toEqual([]);
    expect(session.reviews.all()).toEqual([]);
    session.masks.save([rowOf(2, 1)]);
    expect(shapes()).toEqual([{ id: 2 * 65_536 + 1, step_iou: expect.closeTo(0.33, 1) }]);
    session.reviews.say(objectId(1), { first: frameIndex(1), last: frameIndex(2) }, 'accepted', 'Ada', 'Accept');
    expect(session.reviews.reviewed(objectId(1))).toEqual([{ first: 1, last: 2 }]);
  });

  it('8 lists the frames that have masks, and keeps the list whatever happens to them', () => {
    using folder = new TempFolder();
    makeV1(folder.file());
    using session = openSessionWriter(folder.file());
    const frames = () => {
      using connection = new Connection(folder.file(), { readonly: true, mustExist: true, busyTimeoutMillis: 0 });
      return connection
        .all<{ frame: number }>('SELECT frame_index AS frame FROM tracked_frames')
        .map((row) => row.frame);
    };
    expect(frames()).toEqual([0, 3]);
    session.masks.save([rowOf(5, 2), rowOf(5, 2)]);
    expect(frames()).toEqual([0, 3, 5]);
    const { id: runId } = session.runs.latest()!;
    const progress = { runId, direction: 'forward' as const, lastFrame: frameIndex(5) };
    session.runs.resume(runId);
    session.masks.commitBatch({ rows: [], progress, retracted: [objectId(1)] });
    // Object 2 is still on frame 0.
    expect(frames()).toEqual([0, 5]);
    expect(session.masks.framesTracked()).toBe(2);
  });

  it('ends at the schema of a new session', () => {
    using folder = new TempFolder();
    makeV1(folder.file());
    openSessionReader(folder.file())[Symbol.dispose]();
    createSession(folder.file('fresh.masklet'), mediaAt('/nowhere/clip.mp4'))[Symbol.dispose]();
    expect(schemaOf(folder.file())).toEqual(schemaOf(folder.file('fresh.masklet')));
  });

  it('back up under another name when one is there, and not at all when nothing changes', () => {
    using folder = new TempFolder();
    for (const name of ['.v1.backup', '.v1.backup-2']) {
      for (const file of ['clip.masklet', 'clip.masklet.today']) folder.remove(file);
      makeV1(folder.file());
      using session = openSessionWriter(folder.file());
      expect(session.backupPath).toBe(`${folder.file()}${name}`);
    }
    using again = openSessionWriter(folder.file());
    expect(again.backupPath).toBeNull();
  });

  it('leave the earlier version whole when one fails', () => {
    using folder = new TempFolder();
    makeV1(folder.file());
    using connection = new Connection(folder.file(), { readonly: false, mustExist: true, busyTimeoutMillis: 0 });
    const broken = {
      version: SESSION_VERSION + 1,
      apply: (target: Connection) => {
        target.execute('CREATE TABLE half (id INTEGER) STRICT');
        target.execute('CREATE TABLE half (id INTEGER) STRICT');
      },
    };
    expect(() => migrate(connection, [...migrations, broken])).toThrow();
    expect(connection.pragma('user_version')).toBe(SESSION_VERSION);
    expect(connection.get("SELECT 1 FROM sqlite_schema WHERE name = 'half'")).toBeUndefined();
  });

  it('refuse a newer file by name, for writing and reading, and leave it as it is', () => {
    using folder = new TempFolder();
    createSession(folder.file(), mediaAt('/nowhere/clip.mp4'))[Symbol.dispose]();
    const db = new Database(folder.file());
    db.pragma(`user_version = ${SESSION_VERSION + 1}`);
    db.close();
    expect(codeOf(() => openSessionWriter(folder.file()))).toBe('session-newer');
    expect(codeOf(() => openSessionReader(folder.file()))).toBe('session-newer');
    expect(readdirSync(folder.path).filter((name) => name.includes('backup'))).toEqual([]);
    expect(existsSync(`${folder.file()}.lock`)).toBe(false);
  });
});
