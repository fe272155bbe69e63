import { vi } from 'vitest';
import type { EngineClient } from '../../../src-renderer/client/engine-link.ts';
import type { Host } from '../../../src-renderer/host/host.ts';
import type { Desk } from '../../../src-renderer/state/desk.ts';
import type { Library } from '../../../src-renderer/state/library.ts';
import { Notices } from '../../../src-renderer/state/notices.ts';
import { Prompting } from '../../../src-renderer/state/prompting.ts';
import { Sessions } from '../../../src-renderer/state/sessions.ts';
import { Store } from '../../../src-renderer/state/store.ts';
import { initialSettings, initialState, type StudioState } from '../../../src-renderer/state/studio-state.ts';
import type { SessionState } from '../../../src-shared/contract/results.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';

export const stateOf = (sessionPath: string): SessionState =>
  ({
    sessionPath,
    objects: [],
    prompts: [],
    concepts: [],
    comparisons: [],
    runs: [],
    history: { undo: null, redo: null },
    trackedFrameCount: 0,
    video: { path: `${sessionPath}.mp4`, frameCount: 10, durationSecs: 1, width: 10, height: 10, audio: [] },
  }) as unknown as SessionState;

/**
 * The real `Sessions` and `Prompting` over an engine that opens any path under its own name and answers nothing about a session that is closed. `more`:
 * procedures in their place; `written`: what was put into the browser's storage.
 */
export function sessionsDesk(more: Partial<Record<keyof EngineClient, unknown>> = {}, host: Partial<Host> = {}) {
  const written: string[] = [];
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('history', { replaceState: () => {} });
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: (_: string, text: string) => written.push(text) });
  const open = new Set<string>();
  const client = {
    openSession: async function* ({ videoPath, sessionPath }: Record<string, string | null>) {
      const sessionId = sessionPath ?? videoPath ?? '';
      open.add(sessionId);
      yield { kind: 'opened', sessionId, state: stateOf(sessionId), isNew: false, role: 'editor', mediaChanged: false };
    },
    closeSession: async ({ sessionId }: { readonly sessionId: string }) => {
      open.delete(sessionId);
      return null;
    },
    sessionState: async ({ sessionId }: { readonly sessionId: string }) => {
      if (open.has(sessionId)) return stateOf(sessionId);
      throw new StudioError('session-missing', 'user', 'That session is not open any more.');
    },
    frameTable: async () => ({ pts: [0], keyFrames: new Uint8Array(1) }),
    openModel: async () => ({ packId: 'p', provider: 'cpu', notes: [] }),
    watchSession: async function* () {},
    soundPeaks: async function* () {},
    cuts: async () => ({ frames: new Uint32Array() }),
    ...more,
  };
  const store = new Store<StudioState>(initialState(initialSettings));
  const notices = new Notices(store);
  const desk = {
    store,
    notices,
    host,
    client: () => client as unknown as EngineClient,
    media: () => sessions.media,
  } as unknown as Desk;
  const library = { refresh: async () => {} } as Library;
  const prompting = new Prompting(desk);
  const settled = (sessionId: string) => prompting.settled(sessionId);
  const sessions: Sessions = new Sessions(desk, library, async () => {}, settled);
  const told = () => store.value.notices.map(({ tone, title }) => `${tone} ${title}`);
  return { store, desk, sessions, prompting, open, told, written };
}
