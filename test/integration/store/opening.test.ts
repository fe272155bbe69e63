import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createSession, openSessionReader, openSessionWriter } from '../../../src-main/core/store/index.ts';
import { SESSION_VERSION } from '../../../src-main/core/store/migrations/migrations.ts';
import { frameIndex } from '../../../src-shared/domain/ids.ts';
import { codeOf, failureOf, mediaAt, rowOf, startedSession, TempFolder } from './fixture.ts';

const child = fileURLToPath(new URL('./child.ts', import.meta.url));

describe('opening a session', () => {
  it('creates it whole, recognisable, and leaves one file when closed', () => {
    using folder = new TempFolder();
    createSession(folder.file(), mediaAt('/nowhere/clip.mp4'))[Symbol.dispose]();
    expect(readdirSync(folder.path)).toEqual(['clip.masklet']);
    const header = readFileSync(folder.file()).subarray(0, 100);
    expect(header.subarray(68, 72).toString('latin1')).toBe('MSKL');
    expect(header.readUInt16BE(16)).toBe(8192);
    expect(header.readUInt32BE(60)).toBe(SESSION_VERSION);
    expect(codeOf(() => createSession(folder.file(), mediaAt('/nowhere/clip.mp4')))).toBe('output-exists');
    expect(readdirSync(folder.path)).toEqual(['clip.masklet']);
  });

  it('names what is wrong with a file that is no session, and leaves no trace', () => {
    using folder = new TempFolder();
    writeFileSync(folder.file('text.masklet'), 'This is a letter to my aunt. '.repeat(100));
    writeFileSync(folder.file('empty.masklet'), '');
    mkdirSync(folder.file('folder.masklet'));
    const other = new Database(folder.file('other.masklet'));
    other.exec('CREATE TABLE notes (text TEXT)');
    other.close();
    const before = readdirSync(folder.path);
    for (const open of [openSessionWriter, openSessionReader]) {
      expect(codeOf(() => open(folder.file('none.masklet')))).toBe('session-missing');
      for (const name of ['text', 'empty', 'folder', 'other']) {
        const failure = failureOf(() => open(folder.file(`${name}.masklet`)));
        expect([name, failure.code]).toEqual([name, 'session-not-a-session']);
        expect(failure.message).toContain(`${name}.masklet`);
      }
    }
    expect(codeOf(() => createSession(folder.file('no/such/clip.masklet'), mediaAt('x')))).toBe('session-missing');
    expect(readdirSync(folder.path)).toEqual(before);
    expect(readFileSync(folder.file('empty.masklet'))).toHaveLength(0);
  });

  it('calls a cut or overwritten file corrupt', () => {
    using folder = new TempFolder();
    startedSession(folder.file())?.session[Symbol.dispose]();
    copyFileSync(folder.file(), folder.file('cut.masklet'));
    truncateSync(folder.file('cut.masklet'), 8192 * 3);
    const bytes = readFileSync(folder.file());
    bytes.fill(0xab, 100, 8192);
    writeFileSync(folder.file('rubbed.masklet'), bytes);
    for (const name of ['cut.masklet', 'rubbed.masklet']) {
      expect([name, codeOf(() => openSessionReader(folder.file(name)))]).toEqual([name, 'session-corrupt']);
      expect([name, codeOf(() => openSessionWriter(folder.file(name)))]).toEqual([name, 'session-corrupt']);
    }
  });
});

describe('one writer', () => {
  it('refuses a second one in this process and says who has it; reading goes on', () => {
    using folder = new TempFolder();
    const { session, run } = startedSession(folder.file(), 1, { app: 'Masklet test' });
    using _ = session;
    const failure = failureOf(() => openSessionWriter(folder.file()));
    expect(failure.code).toBe('session-locked');
    expect(failure.details).toMatchObject({ processId: process.pid, app: 'Masklet test' });
    expect(failure.message).toContain('Masklet test');
    using reader = openSessionReader(folder.file());
    expect(reader.masks.framesTracked()).toBe(0);
    session.masks.commitBatch({
      rows: [rowOf(0, 1)],
      progress: { runId: run, direction: 'forward', lastFrame: frameIndex(0) },
    });
    expect(reader.masks.framesTracked()).toBe(1);
    expect(() => (reader as typeof session).settings.set('a', 1)).toThrow();
  });

  it('refuses another process, even after handles here were refused and closed', () => {
    using folder = new TempFolder();
    const { session } = startedSession(folder.file());
    const tryIt = () => spawnSync(process.execPath, [child, 'open', folder.file()], { encoding: 'utf8' }).stdout.trim();
    expect(codeOf(() => openSessionWriter(folder.file()))).toBe('session-locked');
    expect(tryIt()).toBe(`session-locked ${process.pid}`);
    session[Symbol.dispose]();
    expect(tryIt()).toBe('opened');
  });

  it('takes over at once from a process that was killed, and marks its run interrupted', async () => {
    using folder = new TempFolder();
    startedSession(folder.file()).session[Symbol.dispose]();
    const holder = spawn(process.execPath, [child, 'hold', folder.file()], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(holder.stdout), 'line')) as [string];
    expect(line).toBe('holding');
    expect(failureOf(() => openSessionWriter(folder.file())).details.processId).toBe(holder.pid);
    const gone = once(holder, 'exit');
    holder.kill('SIGKILL');
    await gone;
    using session = openSessionWriter(folder.file());
    const run = session.runs.latest()!;
    expect(session.interruptedRuns).toBe(1);
    expect(run).toMatchObject({ state: 'interrupted', forwardCommitted: 2, backwardCommitted: null });
    expect(session.snapshots.latest(run.id)).toMatchObject({ frameIndex: 2, bytes: new Uint8Array([1, 2, 3]) });
    session.runs.resume(run.id);
    expect(session.runs.latest()?.state).toBe('running');
  });

  it('lets four processes that fight for one session in one at a time', async () => {
    using folder = new TempFolder();
    startedSession(folder.file()).session[Symbol.dispose]();
    const fighters = Array.from({ length: 4 }, () =>
      spawn(process.execPath, [child, 'fight', folder.file(), '40'], { stdio: ['ignore', 'ignore', 'inherit'] }),
    );
    const codes = await Promise.all(fighters.map(async (fighter) => (await once(fighter, 'exit'))[0]));
    expect(codes).toEqual([0, 0, 0, 0]);
    using session = openSessionReader(folder.file());
    expect(session.settings.get('wins')).toBe(160);
    expect(readdirSync(folder.path).filter((name) => name.includes('.lock'))).toEqual([]);
  });
});
