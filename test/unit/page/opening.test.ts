import { afterEach, describe, expect, it, vi } from 'vitest';
import { browserHost } from '../../../src-renderer/host/browser-host.ts';
import type { Host } from '../../../src-renderer/host/host.ts';
import { readSettings } from '../../../src-renderer/state/settings-storage.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { sessionsDesk } from './sessions-desk.ts';

const file = (name: string) => ({ name }) as File;
const indexing = { kind: 'indexing', framesDone: 5, framesExpected: 9 };

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
    expect([parts.store.value.session, parts.store.value.opening, parts.open.size]).toEqual([null, null, 0]);
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

describe('several files', () => {
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
