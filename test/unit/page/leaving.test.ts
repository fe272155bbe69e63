import { afterEach, describe, expect, it, vi } from 'vitest';
import { isBusy } from '../../../src-renderer/state/edit-rules.ts';
import type { ExportWish } from '../../../src-renderer/state/export-output.ts';
import { Exporting, exportsShown } from '../../../src-renderer/state/exporting.ts';
import type { TrackJob } from '../../../src-renderer/state/studio-state.ts';
import { Tracking } from '../../../src-renderer/state/tracking.ts';
import { cancelled, StudioError } from '../../../src-shared/errors/studio-error.ts';
import { sessionsDesk, stateOf } from './sessions-desk.ts';

const clip = { kind: 'video', look: { style: 'overlay' }, outPath: 'a.mp4' } as unknown as ExportWish;
const running: TrackJob = {
  state: 'running',
  framesDone: 0,
  frameCount: 9,
  startedAtMillis: 0,
  provider: '',
  objectIds: [],
};
const progress = { kind: 'progress', done: 3, total: 10, bytes: 1 };
const started = {
  kind: 'started',
  frameCount: 9,
  provider: '',
  objectIds: [],
  phrases: [],
  resumedFrames: 0,
  notes: [],
};
const go = (sessionPath: string) => ({ videoPath: null, sessionPath });

afterEach(() => vi.unstubAllGlobals());

/** A studio that writes a video of session `a` until `end` is called. */
async function exportingDesk(written: object = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const render = async function* () {
    yield progress;
    await promise;
    yield { kind: 'written', path: 'a.mp4', files: 1, ...written };
  };
  const parts = sessionsDesk({ render });
  await parts.sessions.open(go('a'));
  const exporting = new Exporting(parts.desk);
  const ended = exporting.start([clip]);
  await vi.waitFor(() => expect(parts.store.value.writing?.done).toBe(3));
  return { ...parts, exporting, ended, end: resolve, fail: reject };
}

describe('an export', () => {
  it('is shown and told of after its session has left the desk, and leaves the next session its run', async () => {
    const { store, sessions, told, ended, end } = await exportingDesk();
    expect(isBusy(store.value)).toBe(true);
    await sessions.close();
    expect(store.value.writing).toMatchObject({ sessionPath: 'a', done: 3, total: 10 });
    await sessions.open(go('b'));
    expect(isBusy(store.value)).toBe(false);
    expect(exportsShown(store.value)).toHaveLength(1);
    store.patch({ job: running, dialog: 'export' });
    end();
    await ended;
    expect(store.value).toMatchObject({ job: running, writing: null });
    // The sheet is that of another session by now.
    expect(exportsShown(store.value)).toEqual([]);
    expect(told()).toEqual(['success notice.written']);
  });

  it('says of a redaction that has frames to look at that it has', async () => {
    const { store, sessions, told, ended, end } = await exportingDesk({ redaction: { verdict: 'check' } });
    await sessions.close();
    end();
    await ended;
    expect(told()).toEqual(['warning notice.written']);
    expect(store.value.notices.at(-1)?.detail).toMatch(/looked at/);
  });

  it('can still be stopped from the home screen', async () => {
    const { store, sessions, exporting, ended, fail } = await exportingDesk();
    await sessions.close();
    exporting.cancel();
    fail(cancelled());
    await ended;
    expect(store.value.exports.map(({ state }) => state)).toEqual(['cancelled']);
  });

  it('is told of when it ends with the engine, whose end closes its sheet', async () => {
    const { store, told, sessions, ended, fail } = await exportingDesk();
    store.patch({ dialog: 'export' });
    fail(new StudioError('thread-died', 'bug', 'A part of Masklet Studio stopped.'));
    await ended;
    store.patch({ connection: 'lost' });
    await sessions.reconnect();
    expect(told()).toEqual(['error notice.exportStopped']);
    expect(exportsShown(store.value).map(({ state }) => state)).toEqual(['failed']);
  });
});

describe('what was said', () => {
  /** A studio that has session `a` on its desk; `stored` and `asked` tell what its engine was told, and answers do not come. */
  async function sayingDesk() {
    const storing = Promise.withResolvers<void>();
    const stored: string[] = [];
    const asked: { readonly sessionId: string; readonly signal: AbortSignal }[] = [];
    const parts = sessionsDesk({
      addPrompts: async ({ sessionId }: { readonly sessionId: string }) => {
        if (sessionId === 'a') await storing.promise;
        expect([...parts.open]).toContain(sessionId);
        stored.push(sessionId);
        return stateOf(sessionId);
      },
      segment: ({ sessionId }: { readonly sessionId: string }, { signal }: { readonly signal: AbortSignal }) => {
        asked.push({ sessionId, signal });
        return new Promise(() => {});
      },
    });
    await parts.sessions.open(go('a'));
    return { ...parts, stored, asked, store: parts.store, storeNow: storing.resolve };
  }
  const at = { x: 1, y: 1 };

  it.each(['home', 'another'])('is stored before its session is closed, which no answer holds up: %s', async (way) => {
    const { sessions, prompting, open, told, stored, asked, storeNow } = await sayingDesk();
    storeNow();
    prompting.addPoint(at, true);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    // This one waits for the answer to the first.
    prompting.addPoint({ x: 2, y: 2 }, true, 3);
    if (way === 'home') await sessions.close();
    await sessions.open(go('b'));
    await vi.waitFor(() => expect([...open]).toEqual(['b']));
    expect(asked.map(({ sessionId, signal }) => [sessionId, signal.aborted])).toEqual([['a', true]]);
    expect([stored, told()]).toEqual([['a', 'a'], []]);
  });

  it('keeps its session open, not the next one from the desk, nor does it number the objects there', async () => {
    const { store, sessions, prompting, open, stored, asked, storeNow } = await sayingDesk();
    prompting.addPoint(at, true);
    await sessions.open(go('b'));
    expect([store.value.session?.sessionId, ...open]).toEqual(['b', 'a', 'b']);
    prompting.addPoint(at, true);
    prompting.newObject();
    prompting.addPoint(at, true);
    expect(store.value.comingObjects).toEqual([1, 2]);
    storeNow();
    await vi.waitFor(() => expect([...open]).toEqual(['b']));
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(stored).toEqual(['a', 'b']);
    expect(store.value).toMatchObject({ comingObjects: [2], answering: true });
  });
});

describe('a run', () => {
  it('ends well where the browser keeps nothing', async () => {
    const parts = sessionsDesk({
      track: async function* () {
        yield started;
        yield { kind: 'finished', framesDone: 9, objectCount: 1, wallMillis: 900, notes: [] };
      },
    });
    vi.stubGlobal('localStorage', {
      getItem: () => null,
      setItem: () => {
        throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
      },
    });
    await parts.sessions.open(go('a'));
    await new Tracking(parts.desk).start('both');
    expect(parts.told()).toEqual(['success notice.tracked']);
    expect(parts.store.value).toMatchObject({ paused: null, failedObjects: [] });
  });

  /** A studio that tracks session `a`; the run ends when the session is closed, and `late` comes after that. */
  async function trackingDesk(late: object | Error) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const track = async function* () {
      yield started;
      await promise;
      if (late instanceof Error) throw late;
      yield late;
    };
    const parts = sessionsDesk({ track });
    await parts.sessions.open(go('a'));
    const tracking = new Tracking(parts.desk);
    const ended = tracking.start('both');
    await vi.waitFor(() => expect(parts.store.value.job?.state).toBe('running'));
    return { ...parts, tracking, ended, end: resolve };
  }

  it.each([
    ['is stopped', cancelled()],
    ['fails', new StudioError('out-of-memory', 'resource', 'Not enough memory.')],
    ['goes on for another tab', started],
  ])('that %s after its session has left the desk is no news there', async (_, late) => {
    const { store, sessions, told, ended, end } = await trackingDesk(late);
    await sessions.close();
    expect(store.value.job).toBeNull();
    await sessions.open(go('b'));
    store.patch({ job: running });
    end();
    await ended;
    expect(store.value).toMatchObject({ job: running, paused: null, failedObjects: [] });
    // Nothing but what was said when it was left.
    expect(told()).toEqual(['info notice.pausedByLeaving']);
  });

  it('is said to be paused when another session takes the desk, not by a tab that only watches it', async () => {
    const { store, sessions, told } = await trackingDesk(started);
    const { job } = store.value;
    await sessions.open(go('b'));
    expect(told()).toEqual(['info notice.pausedByLeaving']);
    store.patch({ job, notices: [], presence: { role: 'viewer', free: false, revision: 0, mediaChanged: false } });
    await sessions.close();
    expect(told()).toEqual([]);
  });

  it('is not followed any further once its session has left the desk', async () => {
    const answer = Promise.withResolvers<never>();
    const { desk, sessions, told } = sessionsDesk({ sessionState: () => answer.promise });
    await sessions.open(go('a'));
    const followed = new Tracking(desk).follow();
    await sessions.close();
    answer.reject(new StudioError('session-missing', 'user', 'That session is not open any more.'));
    await followed;
    expect(told()).toEqual([]);
  });
});
