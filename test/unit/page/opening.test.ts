import { afterEach, describe, expect, it, vi } from 'vitest';
import { browserHost } from '../../../src-renderer/host/browser-host.ts';
import type { Host } from '../../../src-renderer/host/host.ts';
import { readSettings } from '../../../src-renderer/state/settings-storage.ts';
import { cancelled, StudioError } from '../../../src-shared/errors/studio-error.ts';
import { sessionsDesk, stateOf } from './sessions-desk.ts';

const file = (name: string) => ({ name }) as File;
const indexing = { kind: 'indexing', framesDone: 5, framesExpected: 9 };

type Parts = ReturnType<typeof sessionsDesk>;
const at = (sessionPath: string) => ({ videoPath: null, sessionPath });
const rest = () => new Promise((done) => setTimeout(done, 2));

afterEach(() => vi.unstubAllGlobals());

/** A host that sends files until each is let through; `sent` reports how much is, whether or not it was told to stop. */
function slowHost() {
  const sending: { progress: (share: number) => void; done: (path: string) => void }[] = [];
  const host: Partial<Host> = {
    pathOfFile: (_, progress) => new Promise((done) => sending.push({ progress, done })),
  };
  return { host, sending };
}

describe('Cancel', () => {
  it('ends the opening of a file whose bytes are still on their way', async () => {
    const { host, sending } = slowHost();
    const { store, sessions, open, told } = sessionsDesk({}, host);
    const opened = sessions.openFiles([file('big.mp4')]);
    await vi.waitFor(() => expect(sending).toHaveLength(1));
    sending[0].progress(0.2);
    expect(store.value.opening).toMatchObject({ name: 'big.mp4', framesDone: 20 });
    sessions.cancelOpening();
    sending[0].progress(0.4);
    expect(store.value.opening).toBeNull();
    sending[0].done('/big.mp4');
    await opened;
    expect([store.value.session, store.value.opening, open.size, told()]).toEqual([null, null, 0, []]);
  });

  it('ends the making of sessions of several files, and says how many there are', async () => {
    const { host, sending } = slowHost();
    const { store, sessions, told } = sessionsDesk({}, host);
    const opened = sessions.openFiles(['a.mp4', 'b.mp4', 'c.mp4'].map(file));
    await vi.waitFor(() => expect(sending).toHaveLength(1));
    sending[0].done('/a.mp4');
    await vi.waitFor(() => expect(sending).toHaveLength(2));
    sessions.cancelOpening();
    sending[1].done('/b.mp4');
    await opened;
    expect(sending).toHaveLength(2);
    expect(store.value.notices.map(({ values }) => values)).toEqual([{ count: 1 }]);
    expect(told()).toEqual(['success notice.filesAdded']);
  });

  it('leaves closed what the engine has opened all the same', async () => {
    const go = Promise.withResolvers<void>();
    const parts = sessionsDesk();
    const client = parts.desk.client();
    const { openSession } = client;
    Object.assign(client, {
      openSession: async function* (wanted: Parameters<typeof openSession>[0]) {
        yield indexing;
        await go.promise;
        yield* openSession(wanted);
      },
    });
    const opened = parts.sessions.open({ videoPath: '/long.mp4', sessionPath: null });
    await vi.waitFor(() => expect(parts.store.value.opening?.framesDone).toBe(5));
    parts.sessions.cancelOpening();
    go.resolve();
    await opened;
    await vi.waitFor(() => expect(parts.open.size).toBe(0));
    expect([parts.store.value.session, parts.store.value.opening]).toEqual([null, null]);
  });

  it('is not told of a failure that comes after it', async () => {
    const fails = Promise.withResolvers<never>();
    const { sessions, told } = sessionsDesk({
      openSession: async function* () {
        yield await fails.promise;
      },
    });
    const opened = sessions.open(at('a'));
    await rest();
    sessions.cancelOpening();
    fails.reject(new StudioError('internal', 'bug', 'Premature close'));
    await opened;
    expect(told()).toEqual([]);
  });

  it('stops the bytes in a browser', async () => {
    const requests: FakeRequest[] = [];
    class FakeRequest {
      readonly upload = {};
      onabort = () => {};
      constructor() {
        requests.push(this);
      }
      open() {}
      send() {}
      abort() {
        this.onabort();
      }
    }
    vi.stubGlobal('XMLHttpRequest', FakeRequest);
    const stop = new AbortController();
    const path = browserHost.pathOfFile(file('a.mp4'), () => {}, stop.signal);
    stop.abort();
    await expect(path).rejects.toMatchObject({ code: 'cancelled' });
    expect(requests).toHaveLength(1);
  });
});

describe('an opening that is no longer wanted', () => {
  it.each([
    ['was cancelled', 'a', ({ sessions }: Parts) => sessions.cancelOpening()],
    ['was left for the home screen', undefined, ({ sessions }: Parts) => void sessions.close()],
    ['was overtaken', 'c', ({ sessions }: Parts) => void sessions.open(at('c'))],
  ])('does not come onto the desk after it %s, nor stay open', async (_, left, end) => {
    const table = Promise.withResolvers<void>();
    const frameTable = async ({ sessionId }: { readonly sessionId: string }) => {
      if (sessionId === 'b') await table.promise;
      return { pts: [0], keyFrames: new Uint8Array(1) };
    };
    const parts = sessionsDesk({ frameTable });
    const { store, sessions, open, told } = parts;
    await sessions.open(at('a'));
    const opened = sessions.open(at('b'));
    await vi.waitFor(() => expect([...open]).toContain('b'));
    end(parts);
    expect(store.value.opening?.name).toBe(left === 'c' ? 'c' : undefined);
    table.resolve();
    await opened;
    await vi.waitFor(() => expect([...open]).toEqual(left === undefined ? [] : [left]));
    expect([store.value.session?.sessionId, store.value.opening, told()]).toEqual([left, null, []]);
  });

  it('leaves the session to the next one that wants it', async () => {
    const line = Promise.withResolvers<void>();
    const closed: string[] = [];
    const open = new Set<string>();
    let calls = 0;
    const { store, sessions, told } = sessionsDesk({
      // As in the engine: one page has a session open once, however often it asked.
      openSession: async function* () {
        open.add('a');
        if (++calls === 1) await line.promise;
        yield {
          kind: 'opened',
          sessionId: 'a',
          state: stateOf('a'),
          isNew: false,
          role: 'editor',
          mediaChanged: false,
        };
      },
      closeSession: async ({ sessionId }: { readonly sessionId: string }) => {
        open.delete(sessionId);
        closed.push(sessionId);
      },
      frameTable: async () => {
        await rest();
        if (!open.has('a')) throw new StudioError('session-missing', 'user', 'That session is not open any more.');
        return { pts: [0], keyFrames: new Uint8Array(1) };
      },
    });
    const first = sessions.open(at('a'));
    await rest();
    const second = sessions.open(at('a'));
    await rest();
    expect(calls).toBe(1);
    line.resolve();
    await Promise.all([first, second]);
    await rest();
    expect([store.value.session?.sessionId, told(), [...open], closed]).toEqual(['a', [], ['a'], []]);
  });
});

describe('a session that can only be looked at', () => {
  it.each([true, false])(
    'says why from the start, before anything is heard of who edits (another video: %s)',
    async (mediaChanged) => {
      const { store, sessions } = sessionsDesk({
        openSession: async function* () {
          yield { kind: 'opened', sessionId: 'a', state: stateOf('a'), isNew: false, role: 'viewer', mediaChanged };
        },
      });
      const seen: unknown[] = [];
      store.subscribe(() => {
        const { session, presence } = store.value;
        if (session !== null) seen.push([presence?.role, presence?.mediaChanged]);
      });
      await sessions.open(at('a'));
      expect(seen.length).toBeGreaterThan(0);
      for (const each of seen) expect(each).toEqual(['viewer', mediaChanged]);
    },
  );
});

describe('several files', () => {
  it.each([
    ['the home screen', undefined, ({ sessions }: Parts) => sessions.close()],
    ['another session', 'b', ({ sessions }: Parts) => sessions.open(at('b'))],
  ])('go on into the library while the desk goes to %s, and are ended by Cancel', async (_, left, go) => {
    const { host, sending } = slowHost();
    const parts = sessionsDesk({}, host);
    const { store, sessions, open, told } = parts;
    await sessions.open(at('a'));
    const taken = sessions.openFiles(['x.mp4', 'y.mp4', 'z.mp4'].map(file));
    await vi.waitFor(() => expect(sending).toHaveLength(1));
    sending[0].done('/x.mp4');
    await vi.waitFor(() => expect(sending).toHaveLength(2));
    await go(parts);
    expect(store.value.opening?.name).toBe('y.mp4');
    sending[1].done('/y.mp4');
    await vi.waitFor(() => expect(sending).toHaveLength(3));
    sessions.cancelOpening();
    sending[2].done('/z.mp4');
    await taken;
    expect([store.value.session?.sessionId, ...open]).toEqual(left === undefined ? [undefined] : [left, left]);
    expect(store.value.opening).toBeNull();
    expect(told()).toEqual(['success notice.filesAdded']);
    expect(store.value.notices.map(({ values }) => values)).toEqual([{ count: 2 }]);
  });

  it('are taken one drop after the other, under the card of what comes onto the desk', async () => {
    const { host, sending } = slowHost();
    const table = Promise.withResolvers<never>();
    const { store, sessions, open, told } = sessionsDesk({ frameTable: () => table.promise }, host);
    const drops = [['x.mp4', 'y.mp4'].map(file), ['z.mp4', 'w.mp4'].map(file)].map((each) => sessions.openFiles(each));
    void sessions.open(at('b'));
    for (let count = 1; count <= 4; count++) {
      await vi.waitFor(() => expect(sending).toHaveLength(count));
      sending[count - 1].progress(0.5);
      expect(store.value.opening).toMatchObject({ name: 'b', framesDone: 0 });
      sending[count - 1].done(`/${count}.mp4`);
    }
    sessions.cancelOpening();
    table.reject(cancelled());
    await Promise.all(drops);
    expect([store.value.opening, open.size, told()]).toEqual([null, 0, ['success notice.filesAdded']]);
  });

  it('leave the session that is on the desk open where one of them is its video', async () => {
    const { sessions, open, store } = sessionsDesk({}, { pathOfFile: async ({ name }) => `/${name}` });
    await sessions.open({ videoPath: '/a.mp4', sessionPath: null });
    await sessions.openFiles(['a.mp4', 'b.mp4'].map(file));
    expect([store.value.session?.sessionId, ...open]).toEqual(['/a.mp4', '/a.mp4']);
  });
});

describe('another video for a session', () => {
  it('that is refused leaves no card', async () => {
    const { store, sessions } = sessionsDesk({
      openSession: async function* () {
        yield indexing;
        throw new StudioError('session-mismatch', 'user', 'It was made from another video.');
      },
    });
    await expect(sessions.relink('s', '/wrong.mp4')).rejects.toMatchObject({ code: 'session-mismatch' });
    expect(store.value.opening).toBeNull();
  });
});

describe('what was opened last', () => {
  it('is there after a restart', async () => {
    const { sessions, written } = sessionsDesk();
    await sessions.open({ videoPath: '/a', sessionPath: null });
    const storage = { getItem: () => written.at(-1) ?? null } as unknown as Storage;
    expect(readSettings(storage, ['en']).recent).toEqual(['/a.mp4']);
  });
});
