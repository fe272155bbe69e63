import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { SessionState } from '../../../src-shared/contract/results.ts';
import type { OpenEvent } from '../../../src-shared/contract/studio-contract.ts';
import { shortened } from '../../../src-shared/domain/file-name.ts';
import type { VideoInfo } from '../../../src-shared/domain/video-info.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import type { CallContext, Caller } from '../../../src-shared/rpc/contract-types.ts';
import { requireFolder } from '../base/make-folder.ts';
import { isShownAlike, SESSION_EXTENSION, turnedMedia } from '../store/index.ts';
import { SessionMembers } from './session-members.ts';
import type { StudioParts } from './studio-parts.ts';
import type { FrameTableData, OpenSourceEvent } from './threads/decode-contract.ts';

/** A session that is open for work: its file in the store thread, its video in the decode thread. */
export interface OpenSession {
  readonly sessionId: string;
  readonly path: string;
  readonly handle: number;
  readonly sourceId: number;
  readonly info: VideoInfo;
  readonly table: FrameTableData;
  /** Its video is not the one it was made with: for looking only. */
  readonly mediaChanged: boolean;
}

type Indexing = Extract<OpenEvent, { kind: 'indexing' }>;
/** What `openSession` yields, before it is known how the caller stands to the session. */
type Opening = Indexing | Omit<Extract<OpenEvent, { kind: 'opened' }>, 'role' | 'mediaChanged'>;
interface WantedOpening {
  readonly videoPath: string | null;
  readonly sessionPath: string | null;
  readonly readOnly: boolean;
}
type OpenedSource = Extract<OpenSourceEvent, { kind: 'opened' }>;

const ABANDONED_MILLIS = 30_000;

/** The sessions a host has open, by id. */
export class OpenSessions {
  readonly #parts: StudioParts;
  /** Connections that opened each of them. */
  readonly members = new SessionMembers((sessionId) => this.#closeSoon(sessionId));
  readonly #open = new Map<string, OpenSession>();
  /** Openings under way, by the path they were asked for. */
  readonly #opening = new Map<string, Promise<void>>();
  #lastId = 0;

  constructor(parts: StudioParts) {
    this.#parts = parts;
  }

  get(sessionId: string): OpenSession {
    const session = this.#open.get(sessionId);
    if (session !== undefined) return session;
    throw new StudioError('session-missing', 'user', 'That session is not open any more; open it again.');
  }

  /** See `openSession` of the contract. One path is opened by one caller at a time: the next one then joins, or has it free. */
  async *open(
    videoPath: string | null,
    sessionPath: string | null,
    { signal, caller }: CallContext,
    readOnly = false,
  ): AsyncGenerator<OpenEvent> {
    const key = resolve(sessionPath ?? videoPath ?? '');
    const before = this.#opening.get(key);
    const { promise, resolve: done } = Promise.withResolvers<void>();
    this.#opening.set(key, promise);
    try {
      await before;
      for await (const event of this.#openAlone({ videoPath, sessionPath, readOnly }, signal)) {
        yield event.kind === 'indexing' ? event : { ...event, ...this.#join(event.sessionId, caller) };
      }
    } finally {
      done();
      if (this.#opening.get(key) === promise) this.#opening.delete(key);
    }
  }

  #join(sessionId: string, caller: Caller) {
    const { mediaChanged } = this.get(sessionId);
    return { role: this.members.join(sessionId, caller, mediaChanged), mediaChanged };
  }

  async *#openAlone({ videoPath, sessionPath, readOnly }: WantedOpening, signal: AbortSignal): AsyncGenerator<Opening> {
    if (videoPath === null && sessionPath === null) {
      throw new StudioError('usage', 'user', 'Give a video, or a session to continue.');
    }
    const existing = sessionPath !== null && existsSync(sessionPath) ? resolve(sessionPath) : null;
    if (existing !== null) yield* this.#reopen(existing, videoPath, signal, readOnly);
    else if (videoPath !== null) yield* this.#create(videoPath, sessionPath, signal);
    else
      throw new StudioError('session-missing', 'user', `There is no session ${sessionPath}; give a video to make one.`);
  }

  /** The open session of a file; null: it is not open here. */
  idOf(sessionPath: string): string | null {
    return this.#at(resolve(sessionPath))?.sessionId ?? null;
  }

  /** Closing one that is not open is no error. */
  async close(sessionId: string): Promise<void> {
    const session = this.#open.get(sessionId);
    if (session === undefined) return;
    this.#open.delete(sessionId);
    this.members.dismiss(sessionId);
    await (await this.#parts.store()).close({ handle: session.handle });
    await this.#closeSource(session.sourceId);
  }

  /** Its decoders and pictures go. */
  async #closeSource(sourceId: number): Promise<void> {
    if (this.#parts.inferenceStarted()) await (await this.#parts.inference()).forget({ sourceId });
    await (await this.#parts.decode()).close({ sourceId });
  }

  /** A page that is being loaded again comes back at once; one that was closed does not, and then its session must not stay locked. */
  #closeSoon(sessionId: string): void {
    setTimeout(() => {
      if (this.members.isEmpty(sessionId)) void this.close(sessionId).catch(() => {});
    }, ABANDONED_MILLIS).unref();
  }

  /** Throws `session-busy` while someone has the session open here; one that nobody came back to is closed. */
  async requireClosed(sessionPath: string): Promise<void> {
    const session = this.#at(resolve(sessionPath));
    if (session === undefined) return;
    if (this.members.isEmpty(session.sessionId)) return this.close(session.sessionId);
    const message = `${basename(session.path)} is open here; nothing was changed. Close it in every tab and window first.`;
    throw new StudioError('session-busy', 'conflict', message, { details: { path: session.path } });
  }

  #at(path: string): OpenSession | undefined {
    return [...this.#open.values()].find((session) => session.path === path);
  }

  async relink(sessionId: string, videoPath: string, signal: AbortSignal): Promise<SessionState> {
    const session = this.get(sessionId);
    const source = await lastOf(this.#openSource(videoPath, signal));
    const { sourceId, info, table } = source;
    try {
      const store = await this.#parts.store();
      const state = await store.relink({ handle: session.handle, info, mtimeMillis: mtimeOf(videoPath) });
      this.#open.set(sessionId, { ...session, sourceId, info, table });
      await this.#closeSource(session.sourceId);
      return state;
    } finally {
      if (this.#open.get(sessionId)?.sourceId !== sourceId) await this.#closeSource(sourceId);
    }
  }

  async *#reopen(
    path: string,
    videoPath: string | null,
    signal: AbortSignal,
    readOnly = false,
  ): AsyncGenerator<Opening> {
    const store = await this.#parts.store();
    const joined = this.#at(path);
    if (joined !== undefined && videoPath !== null && resolve(videoPath) !== resolve(joined.info.path)) {
      throw differentMedia(path, joined.info, videoPath, true);
    }
    if (joined !== undefined) {
      const { sessionId, handle } = joined;
      yield { kind: 'opened', sessionId, state: await store.state({ handle }), isNew: false };
      return;
    }
    const { handle, state } = await store.open({ path, app: this.#app() });
    // Also when the caller leaves while the video is being read: the session's lock must not stay behind.
    let isOpen = false;
    let source: OpenedSource | null = null;
    try {
      const known = state.video;
      const at = videoPath ?? known.path;
      if (!existsSync(at)) throw mediaMissing(known, videoPath);
      source = yield* this.#openSource(at, signal);
      const replaced = source.info.contentHash !== known.contentHash;
      const changed = replaced || !isShownAlike(source.info, known);
      if (changed && !readOnly)
        throw replaced ? differentMedia(path, known, at, videoPath !== null) : turnedMedia(path, at);
      const moved = !changed && resolve(at) !== resolve(known.path);
      const now = moved ? await store.relink({ handle, info: source.info, mtimeMillis: mtimeOf(at) }) : state;
      const opened = this.#opened(path, handle, source, now, { isNew: false, mediaChanged: changed });
      isOpen = true;
      yield opened;
    } finally {
      if (!isOpen) await store.close({ handle });
      if (!isOpen && source !== null) await this.#closeSource(source.sourceId);
    }
  }

  async *#create(videoPath: string, sessionPath: string | null, signal: AbortSignal): AsyncGenerator<Opening> {
    // Before the video is indexed, which may take minutes.
    if (sessionPath === null) requireFolder(this.#parts.paths.sessions);
    const source = yield* this.#openSource(videoPath, signal);
    let opened: Opening | null = null;
    const unfit = new Set<string>();
    try {
      const store = await this.#parts.store();
      while (opened === null) {
        const path =
          sessionPath === null ? await this.#libraryPath(videoPath, source.info, unfit) : resolve(sessionPath);
        if (existsSync(path)) {
          try {
            yield* this.#reopen(path, videoPath, signal);
            return;
          } catch (error) {
            // The library has room for one more session of a video that is shown otherwise now.
            if (sessionPath !== null || !isTurned(error)) throw error;
            unfit.add(path);
          }
        } else {
          requireFolder(dirname(path));
          const media = { info: source.info, framePts: source.table.pts, mtimeMillis: mtimeOf(videoPath) };
          const { handle, state } = await store.create({ path, media, app: this.#app() });
          opened = this.#opened(path, handle, source, state, { isNew: true, mediaChanged: false });
        }
      }
    } finally {
      if (opened === null) await this.#closeSource(source.sourceId);
    }
    yield opened;
  }

  /** The library's session of this very video but for those that are unfit, or a free name for a new one. */
  async #libraryPath(videoPath: string, info: VideoInfo, unfit: ReadonlySet<string>): Promise<string> {
    const folder = this.#parts.paths.sessions;
    const stem = shortened(basename(videoPath, extname(videoPath))) || 'session';
    const listings = await (await this.#parts.store()).list({ folder });
    for (let number = 1; ; number++) {
      const path = join(folder, `${stem}${number === 1 ? '' : `-${number}`}${SESSION_EXTENSION}`);
      const listing = listings.find((each) => resolve(each.sessionPath) === resolve(path));
      if (listing === undefined && !existsSync(path)) return path;
      const isOwn = listing?.videoPath != null && resolve(listing.videoPath) === resolve(info.path);
      if (isOwn && !unfit.has(path)) return path;
    }
  }

  async *#openSource(path: string, signal: AbortSignal): AsyncGenerator<Opening, OpenedSource> {
    const decode = await this.#parts.decode();
    const tools = await this.#parts.tools();
    for await (const event of decode.open({ path, tools, cacheFolder: this.#parts.paths.cache }, { signal })) {
      if (event.kind === 'opened') return event;
      yield event;
    }
    throw new StudioError('internal', 'bug', 'The video did not open; try again.');
  }

  #opened(
    path: string,
    handle: number,
    source: OpenedSource,
    state: SessionState,
    { isNew, mediaChanged }: { readonly isNew: boolean; readonly mediaChanged: boolean },
  ): Opening {
    const sessionId = `session-${++this.#lastId}`;
    this.#open.set(sessionId, {
      sessionId,
      path,
      handle,
      sourceId: source.sourceId,
      info: source.info,
      table: source.table,
      mediaChanged,
    });
    return { kind: 'opened', sessionId, state, isNew };
  }

  #app(): string {
    return `Masklet Studio ${this.#parts.appVersion}`;
  }
}

async function lastOf<T>(events: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const step = await events.next();
    if (step.done === true) return step.value;
  }
}

function mtimeOf(path: string): number {
  return Math.trunc(statSync(path).mtimeMs);
}

function mediaMissing(known: VideoInfo, wanted: string | null): StudioError {
  return new StudioError(
    wanted === null ? 'media-missing' : 'file-missing',
    'user',
    wanted === null
      ? `The video ${known.path} is not there any more; masks and prompts are kept. Give the video's new place to re-link it.`
      : `There is no video ${wanted}; check the path.`,
    { details: { path: wanted ?? known.path } },
  );
}

function isTurned(error: unknown): boolean {
  return error instanceof StudioError && error.details?.turned === true;
}

function differentMedia(session: string, known: VideoInfo, at: string, given: boolean): StudioError {
  const name = basename(session);
  return given
    ? new StudioError(
        'session-mismatch',
        'user',
        `${name} belongs to another video (${known.path}); give that one, or another session file.`,
      )
    : new StudioError(
        'media-changed',
        'user',
        `The video ${at} is not the one that ${name} was made with; masks and prompts are kept. Put the original back, show where it is, or open the session to look at it only.`,
        { details: { path: session } },
      );
}
