import type { FrameTimes, SessionState } from '../../src-shared/contract/results.ts';
import type { OpenEvent } from '../../src-shared/contract/studio-contract.ts';
import { throwIfAborted } from '../../src-shared/errors/studio-error.ts';
import { readClipFacts } from './clip-facts.ts';
import { applyState, type Desk, reloadLanes } from './desk.ts';
import { type Library, sessionName } from './library.ts';
import { nameOf } from './name-of.ts';
import { Openings, type Work } from './openings.ts';
import { createSessionMedia, type SessionMedia } from './session-media.ts';
import { writeSettings } from './settings-storage.ts';
import { freshDesk, type Opening, type PausedRun, type StudioState } from './studio-state.ts';

const MOST_RECENT = 8;
/** So that the page that edited comes first again. */
const VIEWER_WAIT_MILLIS = 1500;
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
  readonly #openings: Openings;
  readonly #onNews: () => Promise<void>;
  readonly #onLeave: (sessionId: string) => Promise<void>;
  #media: SessionMedia | null = null;

  /**
   * `onNews`: a session has come onto the desk, or another tab has changed the one that is there. `onLeave`: what a person has said about
   * one that has left the desk is stored before it is closed.
   */
  constructor(
    desk: Desk,
    library: Library,
    onNews: () => Promise<void>,
    onLeave: (sessionId: string) => Promise<void> = () => Promise.resolve(),
  ) {
    this.#desk = desk;
    this.#library = library;
    this.#openings = new Openings(desk.store);
    this.#onNews = onNews;
    this.#onLeave = onLeave;
  }

  get media(): SessionMedia | null {
    return this.#media;
  }

  /** Opens a video (its session in the library, or a new one) or a session. Resolves when it is on the desk or has failed. */
  async open(wanted: WantedSession): Promise<void> {
    this.#desk.store.patch({ dialog: null });
    await this.#openOnDesk(wanted);
  }

  async #openOnDesk(wanted: WantedSession): Promise<void> {
    const { store } = this.#desk;
    const name = nameOf(wanted.videoPath ?? wanted.sessionPath ?? '');
    const again = wanted.sessionPath !== null && wanted.sessionPath === store.value.session?.state.sessionPath;
    await this.#toDesk(openingOf(name, again), (work) => this.#bring(wanted, work));
  }

  async #toDesk(card: Opening, bring: (work: Work) => Promise<void>): Promise<void> {
    await this.#desk.notices.guard(async () => {
      await this.#openings.forDesk(card, bring);
      await Promise.all([reloadLanes(this.#desk), this.warmUp()]);
      void readClipFacts(this.#desk);
    });
  }

  async #bring(wanted: WantedSession, work: Work): Promise<void> {
    const peeking = setTimeout(() => void this.#peek(wanted, work), PEEK_AFTER_MILLIS);
    try {
      await this.#place(await this.#opened(wanted, work), work.signal);
    } finally {
      clearTimeout(peeking);
    }
  }

  /** Something to look at while the frame table of a long clip is being read. */
  async #peek({ videoPath, sessionPath }: WantedSession, work: Work): Promise<void> {
    const { store, client } = this.#desk;
    const { signal } = work;
    const listed = store.value.sessions?.find((each) => each.sessionPath === sessionPath);
    const path = videoPath ?? listed?.videoPath ?? null;
    if (path === null) return;
    try {
      const { bytes, mediaType } = await client().peek({ videoPath: path }, { signal });
      if (signal.aborted) return;
      const picture = URL.createObjectURL(new Blob([bytes], { type: mediaType }));
      signal.addEventListener('abort', () => URL.revokeObjectURL(picture), { once: true });
      this.#openings.changeCard(work, { picture });
    } catch {
      // Whatever is wrong with the video, opening it says so.
    }
  }

  /** Opens a path by its kind: a session file, or anything that may be a video. */
  openPath(path: string): Promise<void> {
    return this.open(wantedAt(path));
  }

  /** Ends what the card shows. */
  cancelOpening(): void {
    this.#openings.cancel();
  }

  /** One file comes onto the desk; several become sessions of the library, one drop after the other. */
  async openFiles(files: readonly File[]): Promise<void> {
    const [first, ...others] = files;
    if (first === undefined) return;
    this.#desk.store.patch({ dialog: null });
    const card = openingOf(first.name);
    if (others.length > 0) await this.#takeAll(files, card);
    else await this.#toDesk(card, async (work) => this.#bring(wantedAt(await this.#pathOf(first, work)), work));
  }

  /** Makes the sessions of videos, and leaves them in the library. One that fails does not keep the others from it; Cancel does. */
  async #takeAll(files: readonly File[], card: Opening): Promise<void> {
    const { notices } = this.#desk;
    let added = 0;
    let left = Promise.resolve();
    await this.#openings.forLibrary(card, async (work) => {
      for (const file of files) {
        if (work.signal.aborted) break;
        this.#openings.changeCard(work, openingOf(file.name));
        await notices.guard(async () => {
          const videoPath = await this.#pathOf(file, work);
          const { sessionId } = await this.#opened({ videoPath, sessionPath: null }, work);
          left = this.#leave(sessionId);
          added++;
        });
      }
    });
    await left;
    await notices.guard(() => this.#library.refresh());
    if (added > 0) notices.show({ tone: 'success', title: 'notice.filesAdded', values: { count: added } });
  }

  /** Path under which the engine can read a file; where the browser hides it, its bytes are sent first. */
  async #pathOf(file: File, work: Work): Promise<string> {
    const { signal } = work;
    const onProgress = (share: number) =>
      this.#openings.changeCard(work, { framesDone: Math.round(share * 100), framesExpected: 100 });
    const path = await this.#desk.host.pathOfFile(file, onProgress, signal);
    throwIfAborted(signal);
    return path;
  }

  /** Closes a session that was opened, once what was said about it is stored; where it is on the desk when its turn comes, it stays. */
  #leave(sessionId: string): Promise<void> {
    const { store, client, notices } = this.#desk;
    return this.#openings.inTurn(() =>
      notices.guard(async () => {
        if (store.value.session?.sessionId === sessionId) return;
        await this.#onLeave(sessionId);
        await client().closeSession({ sessionId });
      }),
    );
  }

  /** Closing a session pauses the run of its editor: said to whoever leaves, for what comes next on the desk shows nothing of it. */
  #tellOfRun(): void {
    const { store, notices } = this.#desk;
    const { session, job, presence } = store.value;
    if (session === null || job === null || presence?.role !== 'editor') return;
    const name = sessionName(session.state.sessionPath);
    notices.show({ tone: 'info', title: 'notice.pausedByLeaving', values: { name } });
  }

  /** Back to the home screen. Everything is on disk already. */
  async close(): Promise<void> {
    const { store, notices } = this.#desk;
    const { session } = store.value;
    this.#tellOfRun();
    this.#openings.leaveDesk();
    this.#dropMedia();
    store.patch({ ...freshDesk, session: null, dialog: null });
    history.replaceState(null, '', '#');
    if (session === null) return;
    await this.#leave(session.sessionId);
    await notices.guard(() => this.#library.refresh());
  }

  /** After the line came back: the engine may be a new one, so the session is opened again, at the same place and under the same dialog. */
  async reconnect(): Promise<void> {
    const { session, presence } = this.#desk.store.value;
    if (session === null) return;
    const { sessionPath } = session.state;
    if (presence?.role === 'viewer') await new Promise((done) => setTimeout(done, VIEWER_WAIT_MILLIS));
    if (this.#desk.store.value.session !== session) return;
    await this.#openOnDesk({ videoPath: null, sessionPath, readOnly: presence?.mediaChanged === true });
  }

  async #opened(wanted: WantedSession, work: Work): Promise<Opened> {
    const { signal } = work;
    for await (const event of this.#desk.client().openSession(wanted, { signal })) {
      if (event.kind === 'opened') {
        if (!signal.aborted) return event;
        void this.#leave(event.sessionId);
      }
      throwIfAborted(signal);
      if (event.kind === 'indexing') {
        const { framesDone, framesExpected } = event;
        this.#openings.changeCard(work, { framesDone, framesExpected });
      }
    }
    throw new Error('The session did not open; try again.');
  }

  /** Puts an opened session onto the desk at once; the one that was there is closed afterwards. */
  async #place(opened: Opened, signal: AbortSignal): Promise<void> {
    const { sessionId, state, role, mediaChanged } = opened;
    const { store, client, host, notices } = this.#desk;
    let times: FrameTimes;
    try {
      times = await client().frameTable({ sessionId });
      throwIfAborted(signal);
    } catch (error) {
      void this.#leave(sessionId);
      throw error;
    }
    const before = store.value.session;
    // Opened again, a session stays at its place.
    const isSame = before?.state.sessionPath === state.sessionPath;
    if (!isSame) this.#tellOfRun();
    const place = isSame ? placeOf(store.value) : {};
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
    const presence = { role, free: false, revision: 0, mediaChanged };
    store.patch({ ...freshDesk, ...place, session, presence, paused: pausedRun(state) });
    applyState(this.#desk, sessionId, state);
    if (before !== null && before.sessionId !== sessionId) void this.#leave(before.sessionId);
    this.#remember(state);
    void this.#onNews();
    void this.#watch(sessionId);
  }

  /**
   * Points a session of the library at the place its video has now. Throws `session-mismatch` for another video: masks are never shown over
   * a file that they were not made from.
   */
  async relink(sessionPath: string, videoPath: string): Promise<void> {
    const { sessionId } = await this.#openings.forDesk(openingOf(nameOf(videoPath)), (work) =>
      this.#opened({ videoPath, sessionPath }, work),
    );
    await this.#leave(sessionId);
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

/** A run that was cut short can be taken up again, as long as nothing is said that it did not know. */
export function pausedRun(state: SessionState): PausedRun | null {
  const last = state.runs.at(-1);
  if (last?.resumable !== true) return null;
  const { framesDone, frameCount } = last;
  return { framesDone, frameCount, reason: last.state === 'interrupted' ? 'interrupted' : 'paused' };
}

/** Where somebody is in a session; what is selected there may be gone, which `applyState` sees to. */
function placeOf(value: StudioState): Partial<StudioState> {
  const { playhead, marks, looping, lanesUnfolded, selectedObject, tool, follow } = value;
  return { playhead: { ...playhead, rate: 0 }, marks, looping, lanesUnfolded, selectedObject, tool, follow };
}

/** What the address names: the session of this page, so that a reload comes back to it, or a file that it was opened for. */
export function pathInAddress(hash: string, what: 'session' | 'open'): string | null {
  const match = /^#(session|open)=(.+)$/.exec(hash);
  return match?.[1] === what ? decodeURIComponent(match[2]) : null;
}
