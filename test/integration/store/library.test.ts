import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { listSessions, openSessionWriter, summariseSession } from '../../../src-main/core/store/index.ts';
import { frameIndex } from '../../../src-shared/domain/ids.ts';
import { codeOf, FRAMES, mediaAt, rowOf, startedSession, TempFolder } from './fixture.ts';

function trackedSession(path: string) {
  const { session, run } = startedSession(path, 2);
  const rows = [0, 1, 5].flatMap((frame) => [rowOf(frame, 1), rowOf(frame, 2)]);
  session.masks.commitBatch({ rows, progress: { runId: run, direction: 'forward', lastFrame: frameIndex(5) } });
  return session;
}

describe('the summary of a session', () => {
  it('is read while another handle writes, and after a crash tells the truth about the run', () => {
    using folder = new TempFolder();
    const writer = trackedSession(folder.file());
    expect(summariseSession(folder.file())).toMatchObject({
      path: folder.file(),
      mediaName: 'clip.masklet.mp4',
      mediaMissing: true,
      frameCount: FRAMES,
      framesTracked: 3,
      objects: 2,
      prompts: 0,
      lastRun: 'running',
      locked: true,
    });
    writeFileSync(`${folder.file()}.mp4`, 'video');
    writer[Symbol.dispose]();
    const summary = summariseSession(folder.file());
    expect(summary).toMatchObject({ mediaMissing: false, lastRun: 'interrupted', locked: false });
    expect(summary.sizeBytes).toBe(statSync(folder.file()).size);
  });
});

describe('the list of a folder', () => {
  it('shows every session newest first and says why a file cannot be read', () => {
    using folder = new TempFolder();
    for (const [name, secs] of [['old.masklet', 1_000] as const, ['new.masklet', 2_000] as const]) {
      trackedSession(folder.file(name))[Symbol.dispose]();
      utimesSync(folder.file(name), secs, secs);
    }
    writeFileSync(folder.file('broken.masklet'), 'not a database at all, but long enough to look at'.repeat(40));
    trackedSession(folder.file('newer.masklet'))[Symbol.dispose]();
    const db = new Database(folder.file('newer.masklet'));
    db.pragma('user_version = 99');
    db.close();
    writeFileSync(folder.file('holiday.mp4'), 'video');
    mkdirSync(folder.file('sub.masklet'));
    const listed = listSessions(folder.path).map((entry) => [
      entry.path.slice(folder.path.length + 1),
      entry.kind === 'session' ? entry.summary.framesTracked : entry.error.code,
    ]);
    expect(listed).toEqual([
      ['new.masklet', 3],
      ['old.masklet', 3],
      ['broken.masklet', 'session-not-a-session'],
      ['newer.masklet', 'session-newer'],
    ]);
    expect(listSessions(folder.file('no-such-folder'))).toEqual([]);
  });
});

describe('the media of a session', () => {
  it('keeps what is known of the video and its frame table', () => {
    using folder = new TempFolder();
    using session = trackedSession(folder.file());
    const media = mediaAt(`${folder.file()}.mp4`);
    expect(session.media.get()).toEqual({ info: media.info, mtimeMillis: media.mtimeMillis });
    expect(Array.from(session.media.framePts())).toEqual(media.framePts);
  });

  it('is missing, touched, changed or moved; only the same content is accepted', () => {
    using folder = new TempFolder();
    using session = trackedSession(folder.file());
    const { info } = session.media.get();
    const never = () => {
      throw new Error('hashed for nothing');
    };
    expect(session.media.presence()).toBe('missing');
    expect(codeOf(() => session.media.require(never))).toBe('media-missing');
    writeFileSync(info.path, 'video');
    expect(session.media.presence()).toBe('touched');
    session.media.require(() => info.contentHash);
    expect(codeOf(() => session.media.require(() => 'f'.repeat(64)))).toBe('media-changed');
    utimesSync(info.path, 1_700_000_000, 1_700_000_000);
    session.media.require(never);

    const moved = { ...info, path: folder.file('moved.mp4') };
    writeFileSync(moved.path, 'video');
    const other = { ...moved, contentHash: 'f'.repeat(64) };
    expect(codeOf(() => session.media.relink(other, 0))).toBe('media-changed');
    expect(session.media.get().info.path).toBe(info.path);
    session.media.relink(moved, statSync(moved.path).mtimeMs);
    session.media.require(never);
    session[Symbol.dispose]();
    using again = openSessionWriter(folder.file());
    expect(again.media.get().info).toEqual(moved);
  });
});
