import type { SessionState, TrackEvent } from '../../src-shared/contract/results.ts';
import type { ConceptId, ObjectId } from '../../src-shared/domain/ids.ts';
import type { Direction } from '../../src-shared/domain/prompt.ts';
import { cancelled, StudioError } from '../../src-shared/errors/studio-error.ts';
import type { Lanes } from '../timeline/lanes.ts';
import { correctedFrame } from './comparing.ts';
import { applyState, type Desk, reloadLanes, sessionOn } from './desk.ts';
import { isBusy } from './edit-rules.ts';
import { sessionName } from './library.ts';
import { searchedConcepts } from './run-preview.ts';
import { noteSpeed } from './run-speeds.ts';
import { pausedRun } from './sessions.ts';
import type { Marks, StudioState, TrackJob, TrackScope } from './studio-state.ts';

const FOLLOW_MILLIS = 700;
/** Confidence bytes below this are low; an object that has them on most of many frames needs another prompt. */
const LOW_CONFIDENCE = 140;
const FEWEST_FRAMES = 8;
const DOUBTED_SHARE = 0.6;

/** The last that a run says. */
type Ending = Extract<TrackEvent, { kind: 'finished' | 'up-to-date' }>;

interface RunWish {
  readonly range: Marks;
  readonly direction: Direction;
  readonly resume?: boolean;
  readonly objectIds?: ObjectId[];
  readonly conceptIds?: ConceptId[];
  readonly until?: 'end' | 'agreement';
}

/** Starts, follows, pauses and resumes tracking runs of the session on the desk. */
export class Tracking {
  readonly #desk: Desk;
  readonly #settled: (sessionId: string) => Promise<void>;
  #knownObjects = new Set<number>();
  #dropped = false;

  /** `settled`: what a person has said about a session is stored; a run begins with all of it. */
  constructor(desk: Desk, settled: (sessionId: string) => Promise<void> = () => Promise.resolve()) {
    this.#desk = desk;
    this.#settled = settled;
  }

  /** Everything that is not up to date; concepts whose instances a person has accepted one by one are not searched. */
  start(scope: TrackScope): Promise<void> {
    const { store } = this.#desk;
    const { range, direction } = runOf(store.value, scope);
    return this.#run(() => ({ range, direction, conceptIds: searchedConcepts(store.value, scope) }));
  }

  /** Searches the range for one concept alone. */
  search(conceptId: ConceptId): Promise<void> {
    const { marks: range } = this.#desk.store.value;
    return this.#run(() => ({ range, direction: 'both', objectIds: [], conceptIds: [conceptId] }));
  }

  /** Mends the selected object's track from its correction on, until it agrees with the old track or meets a prompt or a cut. */
  retrack(direction: 'forward' | 'backward'): Promise<void> {
    const { store } = this.#desk;
    const { selectedObject, playhead, marks } = store.value;
    if (selectedObject === null) return Promise.resolve();
    return this.#run(() => {
      const range = retrackRange({ ...store.value, playhead, marks }, selectedObject, direction);
      return { range, direction, objectIds: [selectedObject], conceptIds: [], until: 'agreement' };
    });
  }

  /** Ends the run; its frames stay, and nothing waits to be resumed. */
  async cancel(): Promise<void> {
    this.#dropped = true;
    await this.pause();
  }

  /** Tracks the objects of the run that failed last one half after the other, so that fewer are in memory at once. */
  async startInGroups(): Promise<void> {
    const { failedObjects, marks } = this.#desk.store.value;
    const { sessionId } = sessionOn(this.#desk);
    const half = Math.ceil(failedObjects.length / 2);
    for (const objectIds of [failedObjects.slice(0, half), failedObjects.slice(half)]) {
      await this.#run(() => ({ range: marks, direction: 'both', objectIds: [...objectIds], conceptIds: [] }));
      // Too many still: what is to be done is asked again.
      if (this.#desk.store.value.failedObjects.length > 0 || !this.#isOnDesk(sessionId)) return;
    }
  }

  /** Goes on where the last run stopped. */
  resume(): Promise<void> {
    return this.#run(() => ({ range: { first: null, last: null }, direction: 'both', resume: true }));
  }

  /** Goes on with the run of a session that was opened for that; says so where something that changed since keeps it from going on. */
  async resumeOpened(sessionPath: string): Promise<void> {
    const { store, notices } = this.#desk;
    const { session, paused, job } = store.value;
    if (session?.state.sessionPath !== sessionPath || job !== null) return;
    if (paused !== null) await this.resume();
    else notices.show({ tone: 'warning', title: 'notice.notResumed', values: { name: sessionName(sessionPath) } });
  }

  /** Stops after the frames at hand; everything committed stays and the run can be resumed. */
  async pause(): Promise<void> {
    const { store, client, notices } = this.#desk;
    const { job } = store.value;
    if (job === null || job.state === 'stopping') return;
    store.patch({ job: { ...job, state: 'stopping' } });
    await notices.guard(async () => {
      await client().cancelTracking({ sessionId: sessionOn(this.#desk).sessionId });
    });
  }

  /** Watches a run that another tab started, or this one before it was reloaded, until it ends. */
  async follow(): Promise<void> {
    const { store, client } = this.#desk;
    const { sessionId } = sessionOn(this.#desk);
    await this.#whileOnDesk(sessionId, async () => {
      while (this.#isOnDesk(sessionId)) {
        const state = await client().sessionState({ sessionId });
        const last = state.runs.at(-1);
        if (!this.#isOnDesk(sessionId)) return;
        applyState(this.#desk, sessionId, state);
        if (last?.state !== 'running') {
          if (store.value.job !== null) store.patch({ job: null, paused: pausedRun(state) });
          else if (store.value.paused === null) store.patch({ paused: pausedRun(state) });
          await this.#redraw();
          return;
        }
        const { framesDone, frameCount } = last;
        const { job } = store.value;
        const watched = job ?? { ...startingJob(), state: 'running' as const, resumedFrames: framesDone };
        store.patch({ job: { ...watched, frameCount, framesDone, objectIds: last.objectIds }, paused: null });
        await reloadLanes(this.#desk);
        this.#desk.media()?.masks.refresh(store.value.playhead.frameIndex);
        await new Promise((done) => setTimeout(done, FOLLOW_MILLIS));
      }
    });
  }

  /** `wishOf` is asked once everything that was said before is stored. */
  async #run(wishOf: () => RunWish): Promise<void> {
    const { store } = this.#desk;
    const { session } = store.value;
    if (session === null || isBusy(store.value)) return;
    const { sessionId } = session;
    this.#dropped = false;
    store.patch({ job: startingJob(), paused: null, failedObjects: [], concepts: [], wipe: null });
    let ending: Ending | StudioError | null = null;
    try {
      await this.#settled(sessionId);
      if (store.value.job?.state === 'stopping') throw cancelled();
      if (this.#isOnDesk(sessionId)) ending = await this.#track(sessionId, wishOf());
    } catch (error) {
      ending = StudioError.from(error);
    }
    await this.#end(sessionId, ending);
  }

  /** Whoever reads how a run ended can go on at once: what it forbids is allowed by then, and the session is shown as it left it. */
  async #end(sessionId: string, ending: Ending | StudioError | null): Promise<void> {
    const { store, notices } = this.#desk;
    const state = await this.#stateOf(sessionId);
    const { job } = store.value;
    // The job of a session that has left the desk went with it: what is there now may be another one's.
    if (!this.#isOnDesk(sessionId) || job === null) return;
    const wasDropped = this.#dropped && ending instanceof StudioError && ending.kind === 'cancelled';
    if (ending instanceof StudioError && !wasDropped) this.#stopped(job, ending);
    store.patch({ job: null });
    if (state !== null) this.#apply(sessionId, state);
    if (wasDropped) {
      const { runs = [] } = store.value.session?.state ?? {};
      const frames = job.frameCount > 0 ? (runs.at(-1)?.framesDone ?? 0) : 0;
      notices.show({ tone: 'info', title: 'notice.cancelled', values: { frames } });
    } else if (ending !== null && !(ending instanceof StudioError)) this.#finish(job, ending);
    await this.#whileOnDesk(sessionId, () => this.#redraw());
  }

  /** null: it cannot be read. */
  async #stateOf(sessionId: string): Promise<SessionState | null> {
    try {
      return await this.#desk.client().sessionState({ sessionId });
    } catch (error) {
      if (this.#isOnDesk(sessionId)) this.#desk.notices.fail(error);
      return null;
    }
  }

  /** null: the session has left the desk. */
  async #track(sessionId: string, wish: RunWish): Promise<Ending | null> {
    const { store, client } = this.#desk;
    const { device, packId } = store.value.settings;
    this.#knownObjects = new Set(store.value.session?.state.objects.map(({ objectId }) => objectId));
    const run = { sessionId, packId, device, policy: 'studio', memoryPolicy: null, resume: false, ...wish } as const;
    let ending: Ending | null = null;
    for await (const event of client().track(run)) {
      if (!this.#isOnDesk(sessionId)) continue;
      if (event.kind === 'finished' || event.kind === 'up-to-date') ending = event;
      else await this.#take(sessionId, event);
    }
    return ending;
  }

  #isOnDesk(sessionId: string): boolean {
    return this.#desk.store.value.session?.sessionId === sessionId;
  }

  /** Runs something for a session; once that has left the desk it is not asked for any more, nor is a failure anybody's news. */
  async #whileOnDesk(sessionId: string, work: () => Promise<void>): Promise<void> {
    try {
      if (this.#isOnDesk(sessionId)) await work();
    } catch (error) {
      if (this.#isOnDesk(sessionId)) this.#desk.notices.fail(error);
    }
  }

  async #take(sessionId: string, event: Exclude<TrackEvent, Ending>): Promise<void> {
    const { store, notices } = this.#desk;
    if (event.kind === 'started') {
      const { frameCount, provider, objectIds, phrases, resumedFrames } = event;
      const progress = { frameCount, framesDone: resumedFrames, resumedFrames };
      store.patch({
        job: { ...startingJob(), ...progress, state: 'running', provider, objectIds, phraseCount: phrases.length },
      });
      for (const note of event.notes) notices.note(note, 'info');
    } else await this.#commit(sessionId, event);
  }

  async #commit(sessionId: string, event: Extract<TrackEvent, { kind: 'committed' }>): Promise<void> {
    const { store, client } = this.#desk;
    const media = this.#desk.media();
    if (media === null) return;
    media.masks.removeObjects(event.retracted);
    media.lanes.remove(event.retracted);
    media.masks.merge(event.frames);
    media.lanes.commit(event.frames);
    const { job } = store.value;
    if (job !== null) store.patch({ job: { ...job, framesDone: event.framesDone, frameCount: event.frameCount } });
    // Concepts find objects as they go: the panel and the lanes need their names.
    const found = event.frames.flatMap(({ masks }) => masks.map(({ objectId }) => objectId));
    const fresh = found.filter((objectId) => !this.#knownObjects.has(objectId));
    if (fresh.length === 0 && event.retracted.length === 0) return;
    for (const objectId of fresh) this.#knownObjects.add(objectId);
    applyState(this.#desk, sessionId, await client().sessionState({ sessionId }));
  }

  #finish({ resumedFrames, objectIds, phraseCount }: TrackJob, event: Ending): void {
    const { notices, store } = this.#desk;
    if (event.kind === 'up-to-date') {
      notices.show({ tone: 'info', title: 'notice.upToDate' });
      return;
    }
    const { objectCount, wallMillis } = event;
    // What a resumed run had done before took other time.
    const frames = event.framesDone - resumedFrames;
    const things = objectIds.length + phraseCount;
    if (frames > 0 && things > 0) noteSpeed(store.value, things, wallMillis / frames);
    for (const note of event.notes) notices.note(note, 'warning');
    const values = { frames, objects: objectCount, secs: Math.round(wallMillis / 1000) };
    notices.show({ tone: 'success', title: 'notice.tracked', values });
  }

  #stopped(job: TrackJob, error: StudioError): void {
    const { store, notices } = this.#desk;
    const { frameCount, framesDone, objectIds } = job;
    if (frameCount > 0) store.patch({ paused: { framesDone, frameCount, reason: 'paused' } });
    if (error.kind !== 'cancelled') store.patch({ failedObjects: objectIds });
    notices.fail(error);
  }

  #apply(sessionId: string, state: SessionState): void {
    const { store } = this.#desk;
    applyState(this.#desk, sessionId, state);
    // The last frames were stored after the run was asked to stop.
    if (store.value.paused !== null) store.patch({ paused: pausedRun(state) ?? store.value.paused });
  }

  /** The end of a run changes what lies on disk. */
  async #redraw(): Promise<void> {
    const { notices, store } = this.#desk;
    const media = this.#desk.media();
    const doubted = doubtedObject(sessionOn(this.#desk).state, media?.lanes ?? null);
    if (doubted !== null) notices.show({ tone: 'warning', title: 'notice.doubtful', values: { name: doubted } });
    media?.earlier.refresh(store.value.playhead.frameIndex);
    media?.masks.refresh(store.value.playhead.frameIndex);
    await reloadLanes(this.#desk);
  }
}

function startingJob(): TrackJob {
  return {
    state: 'starting',
    framesDone: 0,
    frameCount: 0,
    resumedFrames: 0,
    startedAtMillis: performance.now(),
    provider: '',
    objectIds: [],
    phraseCount: 0,
  };
}

/** Frames and direction that a button means: one step around the playhead, or the range between the marks. */
export function runOf(state: StudioState, scope: TrackScope): { range: Marks; direction: Direction } {
  const { frameIndex } = state.playhead;
  const last = (state.session?.state.video.frameCount ?? 1) - 1;
  if (scope === 'forward-one') {
    return { range: { first: frameIndex, last: Math.min(last, frameIndex + 1) }, direction: 'forward' };
  }
  if (scope === 'back-one') {
    return { range: { first: Math.max(0, frameIndex - 1), last: frameIndex }, direction: 'backward' };
  }
  return { range: state.marks, direction: scope };
}

/** From the corrected frame to the end of its shot, and no further than a mark that lies ahead. */
export function retrackRange(state: StudioState, objectId: ObjectId, direction: 'forward' | 'backward'): Marks {
  const { marks, cuts } = state;
  const frame = correctedFrame(state, objectId);
  if (direction === 'backward') {
    const shot = cuts.findLast((cut) => cut <= frame) ?? null;
    const first = marks.first !== null && marks.first < frame ? Math.max(marks.first, shot ?? 0) : shot;
    return { first, last: frame };
  }
  const cut = cuts.find((each) => each > frame);
  const shot = cut === undefined ? null : cut - 1;
  const last = marks.last !== null && marks.last > frame ? Math.min(marks.last, shot ?? marks.last) : shot;
  return { first: frame, last };
}

/** Name of an object that the model doubts on most of its frames; null: none. */
function doubtedObject({ objects }: SessionState, lanes: Lanes | null): string | null {
  const doubted = objects.find(({ objectId, tracking }) => {
    if (tracking !== 'tracked') return false;
    const { known, low } = lanes?.confidenceCounts(objectId, LOW_CONFIDENCE) ?? { known: 0, low: 0 };
    return known >= FEWEST_FRAMES && low > known * DOUBTED_SHARE;
  });
  return doubted?.name ?? null;
}
