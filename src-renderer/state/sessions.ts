import type { SessionState } from '../../src-shared/contract/results.ts';
import type { OpenEvent } from '../../src-shared/contract/studio-contract.ts';
import { readClipFacts } from './clip-facts.ts';
import { applyState, type Desk, reloadLanes } from './desk.ts';
import { createSessionMedia, type SessionMedia } from './session-media.ts';
import { freshDesk, type PausedRun } from './studio-state.ts';

const MOST_RECENT = 8;

export interface WantedSession {
  readonly videoPath: string | null;
  readonly sessionPath: string | null;
}

/** Brings sessions onto the desk and puts them away; owns what the viewport and the timeline draw from. */
export class Sessions {
  readonly #desk: Desk;
  readonly #onPlaced: () => void;
  #media: SessionMedia | null = null;
  #opening: AbortController | null = null;
  #closing: Promise<void> = Promise.resolve();

  /** `onPlaced`: a session has come onto the desk. */
  constructor(desk: Desk, onPlaced: () => void) {
    this.#desk = desk;
    this.#onPlaced = onPlaced;
  }

  get media(): SessionMedia | null {
    return this.#media;
  }

  /** The library, newest first. */
  async refreshList(): Promise<void> {
    const sessions = await this.#desk.client().listSessions({ folder: null });
    this.#desk.store.patch({ sessions: [...sessions].sort((a, b) => b.changedAtMillis - a.changedAtMillis) });
  }

  /** Opens a video (its session in the library, or a new one) or a session. Resolves when it is on the desk or has failed. */
  async open(wanted: WantedSession): Promise<void> {
    const { store, notices } = this.#desk;
    this.#opening?.abort();
    const opening = new AbortController();
    this.#opening = opening;
    const name = nameOf(wanted.videoPath ?? wanted.sessionPath ?? '');
    store.patch({ opening: { name, framesDone: 0, framesExpected: null }, dialog: null });
    try {
      // Opened while it is being closed, a session would be joined and then be gone.
      await this.#closing;
      const opened = await this.#opened(wanted, name, opening.signal);
      await this.#place(opened.sessionId, opened.state);
    } catch (error) {
      notices.fail(error);
    } finally {
      if (this.#opening === opening) store.patch({ opening: null });
    }
  }

  /** Opens a path by its kind: a session file, or anything that may be a video. */
  openPath(path: string): Promise<void> {
    const isSession = /\.masklet$/i.test(path);
    return this.open({ videoPath: isSession ? null : path, sessionPath: isSession ? path : null });
  }

  cancelOpening(): void {
    this.#opening?.abort();
    this.#desk.store.patch({ opening: null });
  }

  /** Opens a dropped file: where the browser hides its path, its bytes are sent first. */
  async openFile(file: File): Promise<void> {
    const { store, host, notices } = this.#desk;
    store.patch({ opening: { name: file.name, framesDone: 0, framesExpected: null } });
    try {
      const path = await host.pathOfFile(file, (share) =>
        store.patch({ opening: { name: file.name, framesDone: Math.round(share * 100), framesExpected: 100 } }),
      );
      await this.openPath(path);
    } catch (error) {
      store.patch({ opening: null });
      notices.fail(error);
    }
  }

  /** Back to the home screen. Everything is on disk already. */
  async close(): Promise<void> {
    const { store, client, notices } = this.#desk;
    const { session } = store.value;
    this.#opening?.abort();
    this.#dropMedia();
    store.patch({ ...freshDesk, session: null, dialog: null });
    history.replaceState(null, '', '#');
    if (session === null) return;
    this.#closing = notices.guard(async () => {
      await client().closeSession({ sessionId: session.sessionId });
      await this.refreshList();
    });
    await this.#closing;
  }

  /** After the line came back: the engine may be a new one, so the session is opened again, at the same place. */
  async reconnect(): Promise<void> {
    const { store } = this.#desk;
    const { session, playhead, marks } = store.value;
    if (session === null) return;
    await this.open({ videoPath: null, sessionPath: session.state.sessionPath });
    if (store.value.session !== null) store.patch({ playhead: { ...playhead, rate: 0 }, marks });
  }

  async #opened(
    wanted: WantedSession,
    name: string,
    signal: AbortSignal,
  ): Promise<Extract<OpenEvent, { kind: 'opened' }>> {
    for await (const event of this.#desk.client().openSession(wanted, { signal })) {
      if (event.kind === 'opened') return event;
      const { framesDone, framesExpected } = event;
      this.#desk.store.patch({ opening: { name, framesDone, framesExpected } });
    }
    throw new Error('The session did not open; try again.');
  }

  async #place(sessionId: string, state: SessionState): Promise<void> {
    const { store, client, host, notices } = this.#desk;
    const times = await client().frameTable({ sessionId });
    const before = store.value.session;
    if (before !== null && before.sessionId !== sessionId) await client().closeSession({ sessionId: before.sessionId });
    this.#dropMedia();
    this.#media = createSessionMedia({
      client,
      host,
      sessionId,
      frameCount: state.video.frameCount,
      durationSecs: state.video.durationSecs,
      onFailure: (frameIndex, detail) =>
        notices.show({ tone: 'error', title: 'error.frame', values: { frame: frameIndex }, detail }),
    });
    store.patch({ ...freshDesk, session: { sessionId, state, times }, paused: pausedRun(state), opening: null });
    applyState(this.#desk, sessionId, state);
    this.#remember(state);
    this.#onPlaced();
    await Promise.all([reloadLanes(this.#desk), this.warmUp()]);
    void readClipFacts(this.#desk);
  }

  /** Opens the model while the person looks around, so that the first click is answered at once. */
  async warmUp(): Promise<void> {
    const { store, client, notices } = this.#desk;
    const { packId, device } = store.value.settings;
    store.patch({ model: null });
    await notices.guard(async () => {
      const model = await client().openModel({ packId, device });
      store.patch({ model });
      for (const detail of model.notes) notices.show({ tone: 'warning', title: 'notice.fromEngine', detail });
    });
  }

  #remember({ video, sessionPath }: SessionState): void {
    const { store } = this.#desk;
    const { settings } = store.value;
    const recent = [video.path, ...settings.recent.filter((path) => path !== video.path)].slice(0, MOST_RECENT);
    store.patch({ settings: { ...settings, recent } });
    history.replaceState(null, '', `#session=${encodeURIComponent(sessionPath)}`);
  }

  #dropMedia(): void {
    this.#media?.[Symbol.dispose]();
    this.#media = null;
  }
}

/** A run that was cut short can be taken up again. */
export function pausedRun(state: SessionState): PausedRun | null {
  const last = state.runs.at(-1);
  if (last === undefined || (last.state !== 'interrupted' && last.state !== 'cancelled')) return null;
  return {
    framesDone: state.trackedFrameCount,
    frameCount: last.range.last - last.range.first + 1,
    reason: last.state === 'interrupted' ? 'interrupted' : 'paused',
  };
}

/** Session named in the address, so that a reload comes back to it. */
export function sessionInAddress(hash: string): string | null {
  const match = /^#session=(.+)$/.exec(hash);
  return match === null ? null : decodeURIComponent(match[1]);
}

/** Last part of a path of either kind. */
export function nameOf(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? path;
}
