import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import {
  duplicateSession,
  openSessionReader,
  openSessionWriter,
  purgeSession,
  renameSession,
  restoreSession,
  summariseSession,
  TRASH_FOLDER,
  trashSession,
} from '../../../src-main/core/store/index.ts';
import { frameIndex } from '../../../src-shared/domain/ids.ts';
import { codeOf, rowOf, startedSession, TempFolder } from './fixture.ts';

function made(path: string): void {
  const { session, run } = startedSession(path, 2);
  const rows = [0, 1, 5].flatMap((frame) => [rowOf(frame, 1), rowOf(frame, 2)]);
  session.masks.commitBatch({ rows, progress: { runId: run, direction: 'forward', lastFrame: frameIndex(5) } });
  session[Symbol.dispose]();
}

const facts = (path: string) => {
  const { framesTracked, objects } = summariseSession(path);
  return { framesTracked, objects };
};

describe('a session as a file', () => {
  it('is renamed whole, with what was still in the WAL', () => {
    using folder = new TempFolder();
    made(folder.file('a.masklet'));
    expect(renameSession(folder.file('a.masklet'), ' Final cut ')).toBe(folder.file('Final cut.masklet'));
    expect(facts(folder.file('Final cut.masklet'))).toEqual({ framesTracked: 3, objects: 2 });
    expect(readdirSync(folder.path)).toEqual(['Final cut.masklet']);
    openSessionWriter(folder.file('Final cut.masklet'))[Symbol.dispose]();
  });

  it('is not renamed onto another one, nor to what is no name', () => {
    using folder = new TempFolder();
    made(folder.file('a.masklet'));
    made(folder.file('b.masklet'));
    expect(codeOf(() => renameSession(folder.file('a.masklet'), 'b'))).toBe('output-exists');
    for (const name of [
      '',
      ' ',
      '../b',
      'a/b',
      'a\\b',
      '.hidden',
      'x'.repeat(121),
      '漢'.repeat(67),
      'a:b',
      'end.',
      'Con',
      'nul.2',
    ]) {
      expect(
        codeOf(() => renameSession(folder.file('a.masklet'), name)),
        name,
      ).toBe('usage');
    }
    expect(codeOf(() => renameSession(folder.file('c.masklet'), 'd'))).toBe('session-missing');
    expect(readdirSync(folder.path).sort()).toEqual(['a.masklet', 'b.masklet']);
  });

  it('is neither moved nor removed while someone writes or reads it', () => {
    using folder = new TempFolder();
    const path = folder.file('a.masklet');
    made(path);
    for (const hold of [openSessionWriter, openSessionReader]) {
      using holder = hold(path);
      expect(codeOf(() => renameSession(path, 'b'))).toBe('session-locked');
      expect(codeOf(() => trashSession(path))).toBe('session-locked');
      expect(holder.objects.all()).toHaveLength(2);
    }
    expect(facts(path)).toEqual({ framesTracked: 3, objects: 2 });
  });

  it('is copied under a free name, also while it is written, and the copy is nobody’s', () => {
    using folder = new TempFolder();
    made(folder.file("a 'b'.masklet"));
    using writer = openSessionWriter(folder.file("a 'b'.masklet"));
    const copy = duplicateSession(folder.file("a 'b'.masklet"));
    expect(copy).toBe(folder.file("a 'b'-2.masklet"));
    expect(duplicateSession(copy)).toBe(folder.file("a 'b'-3.masklet"));
    expect(facts(copy)).toEqual({ framesTracked: 3, objects: 2 });
    using other = openSessionWriter(copy);
    expect(other.journal.history(9)).toEqual(writer.journal.history(9));
    expect(readdirSync(folder.path).filter((name) => name.includes('.new'))).toEqual([]);
  });

  it('goes to the trash and comes back, under a free name when its own is taken', () => {
    using folder = new TempFolder();
    const path = folder.file('a.masklet');
    made(path);
    const first = trashSession(path);
    expect(existsSync(path)).toBe(false);
    expect(first.startsWith(folder.file(TRASH_FOLDER))).toBe(true);
    expect(restoreSession(first)).toBe(path);
    const second = trashSession(path);
    made(path);
    expect(restoreSession(second)).toBe(folder.file('a-2.masklet'));
    expect(facts(folder.file('a-2.masklet'))).toEqual({ framesTracked: 3, objects: 2 });
    expect(readdirSync(folder.file(TRASH_FOLDER))).toEqual([]);
  });

  it('is removed for good only from the trash', () => {
    using folder = new TempFolder();
    const path = folder.file('a.masklet');
    made(path);
    expect(codeOf(() => purgeSession(path))).toBe('usage');
    expect(codeOf(() => restoreSession(path))).toBe('usage');
    purgeSession(trashSession(path));
    expect(readdirSync(folder.file(TRASH_FOLDER))).toEqual([]);
  });

  it('is left alone when it is none, or of a newer studio', () => {
    using folder = new TempFolder();
    writeFileSync(folder.file('text.masklet'), 'not a database at all, but long enough to look at'.repeat(40));
    made(folder.file('newer.masklet'));
    const db = new Database(folder.file('newer.masklet'));
    db.pragma('user_version = 99');
    db.close();
    for (const work of [(path: string) => renameSession(path, 'x'), trashSession, duplicateSession]) {
      expect(codeOf(() => work(folder.file('text.masklet')))).toBe('session-not-a-session');
      expect(codeOf(() => work(folder.file('newer.masklet')))).toBe('session-newer');
    }
    expect(existsSync(join(folder.path, 'x.masklet'))).toBe(false);
  });

  it('is whole in exactly one place whenever the process that moves it is killed', async () => {
    const child = fileURLToPath(new URL('./child.ts', import.meta.url));
    using folder = new TempFolder();
    made(folder.file('there.masklet'));
    const files = (path: string) => readdirSync(path).filter((name) => name.endsWith('.masklet'));
    for (let kill = 0; kill < 6; kill++) {
      const lying = [...files(folder.path).map((name) => folder.file(name)), ...trashed(folder)];
      for (const path of lying) expect(facts(path)).toEqual({ framesTracked: 3, objects: 2 });
      expect(lying.length).toBeGreaterThanOrEqual(1);
      // Everything but one goes: what is left is moved on.
      const [first, ...others] = lying;
      for (const path of others) purgeSession(path.includes(TRASH_FOLDER) ? path : trashSession(path));
      const start = first.includes(TRASH_FOLDER) ? restoreSession(first) : first;
      const from = renameSession(start, 'start');
      const mover = spawn(process.execPath, [child, 'shift', from], { stdio: ['ignore', 'pipe', 'inherit'] });
      const closed = once(mover, 'close');
      await once(mover.stdout, 'data');
      await new Promise((done) => setTimeout(done, (kill * 37) % 90));
      mover.kill('SIGKILL');
      expect((await closed)[1]).toBe('SIGKILL');
    }
  });
});

function trashed(folder: TempFolder): string[] {
  const path = folder.file(TRASH_FOLDER);
  return existsSync(path)
    ? readdirSync(path)
        .filter((name) => name.endsWith('.masklet'))
        .map((name) => join(path, name))
    : [];
}
