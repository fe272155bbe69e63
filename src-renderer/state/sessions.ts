import type { SessionState } from '../../src-shared/contract/results.ts';
import type { OpenEvent } from '../../src-shared/contract/studio-contract.ts';
import { throwIfAborted } from '../../src-shared/errors/studio-error.ts';
import { readClipFacts } from './clip-facts.ts';
import { applyState, type Desk, reloadLanes } from './desk.ts';
import type { Library } from './library.ts';
import { nameOf } from './name-of.ts';
import { createSessionMedia, type SessionMedia } from './session-media.ts';
import { writeSettings } from './settings-storage.ts';
import { freshDesk, type Opening, type PausedRun } from './studio-state.ts';

const MOST_RECENT = 8;
/** A clip that is opened sooner needs no picture meanwhile. */
const PEEK_AFTER_MILLIS = 700;

type Opened = Extract<OpenEvent, { kind: 'opened' }>;

export interface WantedSession {
  readonly videoPath: string | null;
  readonly sessionPath: string | null;
  /** To look at it, where its video is another one by now. */
  readonly readOnly?: boolean;
}

/** Brings sessions onto the desk and puts them away; owns what the viewport and the timeline draw from. */
export class Sessions {
  readonly #desk: Desk;
  readonly #library: Library;
  readonly #onNews: () => Promise<void>;
  readonly #onLeave: (sessionId: string) => Promise<void>;
  #media: SessionMedia | null = null;
  #opening: AbortController | null = null;
  #closing: Promise<void> = Promise.resolve();

  /**
   * `onNews`: a session has come onto the desk, or another tab has changed the one that is there. `onLeave`: what a person has said about
   * the one on the desk is stored first.
   */
  constructor(
    desk: Desk,
    library: Library,
    onNews: () => Promise<void>,
    onLeave: (sessionId: string) => Promise<void> = () => Promise.resolve(),
  ) {
    this.#desk = desk;
    this.#library = library;
    this.#onNews = onNews;
    this.#onLeave = onLeave;
  }

  get media(): SessionMedia | null {
    return this.#media;
  }

  /** Opens a video (its session in the library, or a new one) or a session. Resolves when it is on the desk or has failed. */
  async open(wanted: WantedSession): Promise<void> {
    const { store } = this.#desk;
    store.patch({ dialog: null });
    const name = nameOf(wanted.videoPath ?? wanted.sessionPath ?? '');
    const again = wanted.sessionPath !== null && wanted.sessionPath === store.value.session?.state.sessionPath;
    await this.#desk.notices.guard(() => this.#during(openingOf(name, again), (signal) => this.#bring(wanted, signal)));
  }

  /** One opening at a time: a newer one ends it, and so does Cancel. Its card goes with it, however it ends. */
  async #during(shown: Opening, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { store } = this.#desk;
    this.#opening?.abort();
    const opening = new AbortController();
    this.#opening = opening;
    store.patch({ opening: shown });
    try {
      await work(opening.signal);
    } finally {
      if (this.#opening === opening) {
        opening.abort();
        store.patch({ opening: null });
      }
    }
  }

  async #bring(wanted: WantedSession, signal: AbortSignal): Promise<void> {
    const peeking = setTimeout(() => void this.#peek(wanted, signal), PEEK_AFTER_MILLIS);
    try {
      // Opened while it is being closed, a session would be joined and then be gone.
      await this.#closing;
      await this.#place(await this.#opened(wanted, signal));
    } finally {
      clearTimeout(peeking);
    }
  }

  /** Something to look at while the frame table of a long clip is being read. */
  async #peek({ videoPath, sessionPath }: WantedSession, signal: AbortSignal): Promise<void> {
    const { store, client } = this.#desk;
    const listed = store.value.sessions?.find((each) => each.sessionPath === sessionPath);
    const path = videoPath ?? listed?.videoPath ?? null;
    if (path === null) return;
    try {
      const { bytes, mediaType } = await client().peek({ videoPath: path }, { signal });
      const { opening } = store.value;
      if (signal.aborted || opening === null) return;
      const picture = URL.createObjectURL(new Blob([bytes], { type: mediaType }));
      signal.addEventListener('abort', () => URL.revokeObjectURL(picture), { once: true });
      store.patch({ opening: { ...opening, picture } });
    } catch {
      // Whatever is wrong with the video, opening it says so.
    }
  }

  /** Opens a path by its kind: a session file, or anything that may be a video. */
  openPath(path: string): Promise<void> {
    return this.open(wantedAt(path));
  }

  cancelOpening(): void {
    this.#opening?.abort();
    this.#desk.store.patch({ opening: null });
  }

  /** One file comes onto the desk; several become sessions of the library. */
  async openFiles(files: readonly File[]): Promise<void> {
    const { store, notices } = this.#desk;
    const [first, ...others] = files;
    if (first === undefined) return;
    store.patch({ dialog: null });
    await notices.guard(() =>
      this.#during(openingOf(first.name), async (signal) => {
        if (others.length > 0) return this.#takeAll(files, signal);
        await this.#bring(wantedAt(await this.#pathOf(first, signal)), signal);
      }),
    );
  }

  /** Makes the sessions of videos, and leaves them in the library. One that fails does not keep the others from it; Cancel does. */
  async #takeAll(files: readonly File[], signal: AbortSignal): Promise<void> {
    const { notices } = this.#desk;
    let added = 0;
    for (const file of files) {
      if (signal.aborted) break;
      await notices.guard(async () => {
        const videoPath = await this.#pathOf(file, signal);
        const { sessionId } = await this.#opened({ videoPath, sessionPath: null }, signal);
        await this.#leave(sessionId);
        added++;
      });
    }
    await this.#library.refresh();
    if (added > 0) notices.show({ tone: 'success', title: 'notice.filesAdded', values: { count: added } });
  }

  /** Path under which the engine can read a file; where the browser hides it, its bytes are sent first. */
  async #pathOf(file: File, signal: AbortSignal): Promise<string> {
    const { store, host } = this.#desk;
    const opening = openingOf(file.name);
    store.patch({ opening });
    const onProgress = (share: number) => {
      if (!signal.aborted)
        store.patch({ opening: { ...opening, framesDone: Math.round(share * 100), framesExpected: 100 } });
    };
    const path = await host.pathOfFile(file, onProgress, signal);
    throwIfAborted(signal);
    return path;
  }

  /** Closes a session that was opened, but not for the desk; where it is there already, it stays. */
  async #leave(sessionId: string): Promise<void> {
    const { store, client } = this.#desk;
    if (store.value.session?.sessionId !== sessionId) await client().closeSession({ sessionId });
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
      await this.#onLeave(session.sessionId);
      await client().closeSession({ sessionId: session.sessionId });
      await this.#library.refresh();
    });
    await this.#closing;
  }

  /** After the line came back: the engine may be a new one, so the session is opened again, at the same place. */
  async reconnect(): Promise<void> {
    const { store } = this.#desk;
    const { session, presence } = store.value;
    if (session === null) return;
    const readOnly = presence?.mediaChanged === true;
    await this.open({ videoPath: null, sessionPath: session.state.sessionPath, readOnly });
  }

  async #opened(wanted: WantedSession, signal: AbortSignal): Promise<Opened> {
    const { store, client } = this.#desk;
    for await (const event of client().openSession(wanted, { signal })) {
      if (event.kind === 'opened') {
        if (!signal.aborted) return event;
        await this.#leave(event.sessionId);
      }
      throwIfAborted(signal);
      const { opening } = store.value;
      if (opening !== null && event.kind === 'indexing') {
        const { framesDone, framesExpected } = event;
        store.patch({ opening: { ...opening, framesDone, framesExpected } });
      }
    }
    throw new Error('The session did not open; try again.');
  }

  async #place({ sessionId, state, role }: Opened): Promise<void> {
    const { store, client, host, notices } = this.#desk;
    const times = await client().frameTable({ sessionId });
    const { session: before, playhead, marks } = store.value;
    if (before !== null) await this.#onLeave(before.sessionId);
    // Opened again, a session stays at its place.
    const isSame = before?.state.sessionPath === state.sessionPath;
    const place = isSame ? { playhead: { ...playhead, rate: 0 }, marks } : {};
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
    const session = { sessionId, state, times };
    store.patch({ ...freshDesk, ...place, session, paused: pausedRun(state), opening: null });
    store.patch({ presence: { role, free: false, revision: 0, mediaChanged: false } });
    applyState(this.#desk, sessionId, state);
    this.#remember(state);
    void this.#onNews();
    void this.#watch(sessionId);
    await Promise.all([reloadLanes(this.#desk), this.warmUp()]);
    void readClipFacts(this.#desk);
  }

  /**
   * Points a session of the library at the place its video has now. Throws `session-mismatch` for another video: masks are never shown over
   * a file that they were not made from.
   */
  async relink(sessionPath: string, videoPath: string): Promise<void> {
    await this.#during(openingOf(nameOf(videoPath)), async (signal) => {
      const { sessionId } = await this.#opened({ videoPath, sessionPath }, signal);
      await this.#leave(sessionId);
    });
    await this.#library.refresh();
    this.#desk.notices.show({ tone: 'success', title: 'notice.relinked', values: { name: nameOf(videoPath) } });
  }

  /** Makes this page the editor, after the one that was has gone. */
  async takeOver(): Promise<void> {
    const { store, client, notices } = this.#desk;
    const { session } = store.value;
    if (session === null) return;
    await notices.guard(async () => {
      store.patch({ presence: await client().takeSession({ sessionId: session.sessionId }) });
      await this.#onNews();
    });
  }

  /** Follows who edits the session; what somebody else changes is read again, the newest state only. */
  async #watch(sessionId: string): Promise<void> {
    const { store, client } = this.#desk;
    let isReading = false;
    let isStale = false;
    const readAgain = async () => {
      isReading = true;
      while (isStale && store.value.session?.sessionId === sessionId) {
        isStale = false;
        await this.#onNews();
      }
      isReading = false;
    };
    try {
      for await (const presence of client().watchSession({ sessionId })) {
        if (store.value.session?.sessionId !== sessionId) return;
        const isNews = presence.role === 'viewer' && presence.revision > (store.value.presence?.revision ?? 0);
        store.patch({ presence });
        if (!isNews) continue;
        isStale = true;
        if (!isReading) void readAgain();
      }
    } catch {
      // The line is down: the banner says so, and the session is opened again when it is back.
    }
  }

  /** Opens the model while the person looks around, so that the first click is answered at once. */
  async warmUp(): Promise<void> {
    const { store, client, notices } = this.#desk;
    const { packId, device } = store.value.settings;
    store.patch({ model: null });
    await notices.guard(async () => {
      const model = await client().openModel({ packId, device });
      store.patch({ model });
      for (const note of model.notes) notices.note(note, 'warning');
    });
  }

  #remember({ video, sessionPath }: SessionState): void {
    const { store } = this.#desk;
    const { settings: before } = store.value;
    const recent = [video.path, ...before.recent.filter((path) => path !== video.path)].slice(0, MOST_RECENT);
    const settings = { ...before, recent };
    store.patch({ settings });
    writeSettings(localStorage, settings);
    history.replaceState(null, '', `#session=${encodeURIComponent(sessionPath)}`);
  }

  #dropMedia(): void {
    this.#media?.[Symbol.dispose]();
    this.#media = null;
  }
}

function openingOf(name: string, again = false): Opening {
  return { name, again, framesDone: 0, framesExpected: null, picture: null, startedAtMillis: Date.now() };
}

function wantedAt(path: string): WantedSession {
  const isSession = /\.masklet$/i.test(path);
  return { videoPath: isSession ? null : path, sessionPath: isSession ? path : null };
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

/** What the address names: the session of this page, so that a reload comes back to it, or a file that it was opened for. */
export function pathInAddress(hash: string, what: 'session' | 'open'): string | null {
  const match = /^#(session|open)=(.+)$/.exec(hash);
  return match?.[1] === what ? decodeURIComponent(match[2]) : null;
}
