import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Desk } from '../../../src-renderer/state/desk.ts';
import type { Library } from '../../../src-renderer/state/library.ts';
import { Notices } from '../../../src-renderer/state/notices.ts';
import { Sessions } from '../../../src-renderer/state/sessions.ts';
import { Store } from '../../../src-renderer/state/store.ts';
import { initialSettings, initialState, type StudioState } from '../../../src-renderer/state/studio-state.ts';

beforeAll(() => {
  vi.stubGlobal('history', { replaceState: () => {} });
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} });
});
afterAll(() => vi.unstubAllGlobals());

/** A studio whose engine opens any session; `onLeave` is what the page has to finish first. */
function studioOf(onLeave: () => Promise<void> = async () => {}) {
  const log: string[] = [];
  const stateOf = (sessionPath: string) => {
    const video = { path: 'clip.mp4', frameCount: 10, durationSecs: 1 };
    return { sessionPath, objects: [], prompts: [], concepts: [], comparisons: [], runs: [], video };
  };
  let model = Promise.resolve({ packId: 'p', notes: [] });
  const client = {
    async *openSession({ sessionPath }: { sessionPath: string }) {
      log.push(`open ${sessionPath}`);
      yield {
        kind: 'opened',
        sessionId: sessionPath,
        state: stateOf(sessionPath),
        isNew: false,
        role: 'editor',
        mediaChanged: false,
      };
    },
    closeSession: async ({ sessionId }: { sessionId: string }) => void log.push(`close ${sessionId}`),
    frameTable: async () => ({ pts: new Float64Array(10), keyFrames: new Uint8Array(10) }),
    openModel: () => model,
    async *watchSession() {},
    async *soundPeaks() {},
    cuts: async () => ({ frames: new Uint32Array() }),
  };
  const store = new Store<StudioState>(initialState(initialSettings));
  const notices = new Notices(store);
  const desk = { store, notices, host: {}, client: () => client, media: () => sessions.media } as unknown as Desk;
  const library = { refresh: async () => {} } as unknown as Library;
  const leave = async () => {
    log.push('finish');
    await onLeave();
    log.push('finished');
  };
  const sessions: Sessions = new Sessions(desk, library, async () => {}, leave);
  return {
    store,
    sessions,
    log,
    open: (sessionPath: string) => sessions.open({ videoPath: null, sessionPath }),
    modelComes: (promise: typeof model) => {
      model = promise;
    },
  };
}

describe('a session that comes onto the desk again, after the line was down', () => {
  it('is at its place before the model is open, with new pictures and lanes', async () => {
    const { store, sessions, open, modelComes } = studioOf();
    await open('a');
    const { media } = sessions;
    store.patch({ playhead: { frameIndex: 5, rate: 1 }, marks: { first: 2, last: 7 } });
    const model = Promise.withResolvers<{ packId: string; notes: [] }>();
    modelComes(model.promise);
    const again = sessions.reconnect();
    while (sessions.media === media) await new Promise((done) => setTimeout(done));
    expect(store.value.session?.sessionId).toBe('a');
    expect(store.value).toMatchObject({ playhead: { frameIndex: 5, rate: 0 }, marks: { first: 2, last: 7 } });
    // Wherever the person went while the model was being opened.
    store.patch({ playhead: { frameIndex: 8, rate: 0 } });
    model.resolve({ packId: 'p', notes: [] });
    await again;
    expect(store.value.playhead.frameIndex).toBe(8);
  });

  it('is unlike another session, which begins at its first frame', async () => {
    const { store, open } = studioOf();
    await open('a');
    store.patch({ playhead: { frameIndex: 5, rate: 0 }, marks: { first: 2, last: 7 } });
    await open('b');
    expect(store.value).toMatchObject({ playhead: { frameIndex: 0 }, marks: { first: null, last: null } });
  });
});

describe('a session that leaves the desk', () => {
  it('is closed once what was said about it is stored, at once out of sight when going home', async () => {
    const said = Promise.withResolvers<void>();
    const { store, sessions, log, open } = studioOf(() => said.promise);
    const opened = open('a');
    said.resolve();
    await opened;
    log.length = 0;
    const closed = sessions.close();
    expect(store.value.session).toBeNull();
    await closed;
    expect(log).toEqual(['finish', 'finished', 'close a']);
  });

  it('is closed once what was said about it is stored, when another one takes its place', async () => {
    const { sessions, log, open } = studioOf();
    await open('a');
    log.length = 0;
    await open('b');
    expect(log).toEqual(['open b', 'finish', 'finished', 'close a']);
    expect(sessions.media?.sessionId).toBe('b');
  });
});
