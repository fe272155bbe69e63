import type { TrackEvent } from '../../../src-shared/contract/results.ts';
import type { TrackingPlan } from '../../../src-shared/contract/tracking-contract.ts';
import { engineNote } from '../../../src-shared/domain/engine-note.ts';
import type { ConceptId, ObjectId, RunId } from '../../../src-shared/domain/ids.ts';
import type { TrackedFrame } from '../../../src-shared/domain/track.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { findPack } from '../models/index.ts';
import { BUILTIN_PACK, openPack, type PackChoice } from './open-pack.ts';
import type { OpenSession } from './open-sessions.ts';
import type { CommittedFrame } from './session/commit-frames.ts';
import type { RunEnding, RunMemory } from './session/finish-run.ts';
import type { RunPlan } from './session/plan-run.ts';
import { runLength } from './session/run-length.ts';
import type { RunWish, WorkWish } from './session/what-runs.ts';
import type { StudioParts } from './studio-parts.ts';
import type { FrameEvent, OpenedPack, PropagateRequest } from './threads/inference-contract.ts';

const BATCH_FRAMES = 16;
/**
 * A correction ends by what was committed, so after so many frames it waits for their commit: where it ends must not depend on how fast
 * the model and the disk are.
 */
const CHECK_FRAMES = 4;
const BATCH_MILLIS = 400;
const SNAPSHOT_MILLIS = 2000;

/** A correction has done its work when so many frames in a row come out as they were. */
const AGREEING_FRAMES = 10;

export type TrackWish = Pick<
  RunWish,
  'range' | 'direction' | 'policy' | 'memoryPolicy' | 'resume' | 'objectIds' | 'conceptIds' | 'until'
> &
  PackChoice;

type StartedRun = Extract<RunPlan, { kind: 'run' }>;

/**
 * One tracking run: plan what is stale, propagate it in the inference thread, commit batches in the store thread. One batch is
 * being committed while the next is tracked, but for corrections, which wait. Cancelling commits what was tracked, ends the run as `cancelled` and rejects.
 */
export async function* trackSession(
  parts: StudioParts,
  session: OpenSession,
  wish: TrackWish,
  signal: AbortSignal,
): AsyncGenerator<TrackEvent> {
  const store = await parts.store();
  if (await store.isUpToDate({ handle: session.handle, wish: await workWish(parts, wish) })) {
    yield { kind: 'up-to-date' };
    return;
  }
  const pack = await openPack(parts, wish, signal);
  requireTracker(pack);
  const { packId, packHash, provider } = pack;
  const { appVersion } = parts;
  const plan = await store.planRun({
    handle: session.handle,
    wish: { ...wish, packId, packHash, provider, appVersion },
  });
  if (plan.kind === 'up-to-date') {
    yield { kind: 'up-to-date' };
    return;
  }
  // A caller that leaves the stream ends the run here too, so the state is written in `finally`.
  let ending: RunEnding = { state: 'cancelled', code: 'cancelled' };
  let foundAgain: Tracked['foundAgain'] = new Set();
  let framesDone = 0;
  const startedAt = performance.now();
  try {
    yield startedEvent(plan, pack, framesToDo(plan, wish));
    const tracked = yield* propagateAndCommit(parts, session, wish, plan, pack, signal);
    ({ framesDone, foundAgain } = tracked);
    ending = { state: 'done', memory: tracked.memory };
  } catch (error) {
    const known = StudioError.from(error);
    ending = { state: known.kind === 'cancelled' ? 'cancelled' : 'failed', code: known.code };
    throw known;
  } finally {
    await endRun(store, { handle: session.handle, runId: plan.runId, ending });
  }
  yield await finishedEvent(parts, session, plan, pack, { framesDone, foundAgain }, startedAt);
}

/** What a run remembers takes room: one that cannot be ended as done is ended as failed, so that it can be resumed. */
async function endRun(
  store: Awaited<ReturnType<StudioParts['store']>>,
  end: { readonly handle: number; readonly runId: RunId; readonly ending: RunEnding },
): Promise<void> {
  try {
    await store.finishRun(end);
  } catch (error) {
    const { code } = StudioError.from(error);
    // On a disk that takes nothing at all the run stays open, and is interrupted when the session is opened again.
    if (end.ending.state === 'done')
      await store.finishRun({ ...end, ending: { state: 'failed', code } }).catch(() => {});
    throw error;
  }
}

/** What `trackSession` would do; changes nothing, and opens no model. */
export async function planTracking(parts: StudioParts, session: OpenSession, wish: TrackWish): Promise<TrackingPlan> {
  const store = await parts.store();
  return store.previewRun({ handle: session.handle, wish: await workWish(parts, wish) });
}

async function workWish(parts: StudioParts, wish: TrackWish): Promise<WorkWish> {
  const { hash: packHash } = await findPack(wish.packId ?? BUILTIN_PACK, parts.packFolders);
  return { ...wish, packHash };
}

/** Before anything is planned or said: a run that cannot begin leaves no trace. */
function requireTracker({ packId, capabilities: { whyNoTracking } }: OpenedPack): void {
  if (whyNoTracking === null) return;
  const message = `The model pack "${packId}" cannot track, because ${whyNoTracking}; use it on single pictures and frames, or choose a pack that tracks.`;
  throw new StudioError('pack-cannot-track', 'user', message, { details: { packId } });
}

interface Tracked {
  /** Frames that this run has finished, resumed ones included. */
  readonly framesDone: number;
  readonly memory: RunMemory | null;
  /** Concepts that found what was an object already. */
  readonly foundAgain: ReadonlySet<ConceptId>;
}

/** Streams frames from the tracker into the store. */
async function* propagateAndCommit(
  parts: StudioParts,
  session: OpenSession,
  wish: TrackWish,
  plan: StartedRun,
  pack: OpenedPack,
  signal: AbortSignal,
): AsyncGenerator<TrackEvent, Tracked> {
  const inference = await parts.inference();
  const store = await parts.store();
  const frameCount = framesToDo(plan, wish);
  const batch = new Batch(plan, pack.lowres, wish.policy);
  let framesDone = plan.resumedFrames;
  let committing: Promise<TrackEvent> | null = null;
  const rest: TrackEvent[] = [];
  let last: FrameEvent | null = null;
  let memory: RunMemory | null = null;
  const foundAgain = new Set<ConceptId>();
  const runKey = `${session.handle}:${plan.runId}`;
  const commit = async (): Promise<TrackEvent> => {
    const { input, transfer, atCheck } = batch.take();
    // A run whose commit fails waits for nothing any more.
    let enough = true;
    try {
      const {
        frames,
        retracted,
        foundAgain: again,
        agreeing,
      } = await store.commit({ handle: session.handle, batch: input }, { transfer });
      framesDone += frames.length;
      for (const concept of again) foundAgain.add(concept);
      enough = agreeing >= AGREEING_FRAMES;
      return committedEvent(frames, retracted, framesDone, Math.max(frameCount, framesDone));
    } finally {
      if (atCheck) await inference.goOn({ runKey, enough });
    }
  };
  try {
    for await (const event of inference.propagate(propagateRequest(session, wish, plan, pack, runKey), { signal })) {
      if (event.kind === 'end') {
        if (last !== null)
          memory = { bytes: event.memory, frameIndex: last.frame.frameIndex, direction: last.direction };
        continue;
      }
      last = event;
      if (batch.turnsAt(event)) {
        if (committing !== null) yield await committing;
        committing = begun(commit());
      }
      batch.add(event);
      if (!batch.isDue(event)) continue;
      if (committing !== null) yield await committing;
      committing = begun(commit());
    }
  } finally {
    // Also when cancelled or failed: what was tracked is kept.
    rest.push(...(committing === null ? [] : [await committing]), ...(batch.isEmpty ? [] : [await commit()]));
  }
  yield* rest;
  return { framesDone, memory, foundAgain };
}

/** It is awaited only after the next frame: one that fails before that must not end the process. */
function begun<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Frames of one direction that wait for their commit. */
class Batch {
  readonly #runId: RunId;
  readonly #lowres: number;
  readonly #keepUserMasks: boolean;
  readonly #checkEveryFrames: number | null;
  /** Of the whole run, what a resumed one had done before included. */
  #frames: number;
  #events: FrameEvent[] = [];
  #startedAt = performance.now();

  constructor({ runId, until, resumedFrames }: StartedRun, lowres: number, policy: TrackWish['policy']) {
    this.#runId = runId;
    this.#frames = resumedFrames;
    this.#lowres = lowres;
    this.#keepUserMasks = policy === 'studio';
    this.#checkEveryFrames = checkEveryFrames(until);
  }

  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  /** The run waits after the last frame that was added. */
  get #atCheck(): boolean {
    return this.#checkEveryFrames !== null && this.#frames % this.#checkEveryFrames === 0;
  }

  turnsAt(event: FrameEvent): boolean {
    return !this.isEmpty && this.#events[0].direction !== event.direction;
  }

  add(event: FrameEvent): void {
    if (this.isEmpty) this.#startedAt = performance.now();
    this.#events.push(event);
    this.#frames++;
  }

  isDue({ snapshot }: FrameEvent): boolean {
    const waited = performance.now() - this.#startedAt;
    return snapshot !== null || this.#atCheck || this.#events.length >= BATCH_FRAMES || waited >= BATCH_MILLIS;
  }

  take() {
    const events = this.#events;
    this.#events = [];
    const frames = events.map(({ frame }) => frame);
    const last = events[events.length - 1];
    const input = {
      runId: this.#runId,
      direction: last.direction,
      frames,
      lowres: this.#lowres,
      snapshot: last.snapshot,
      keepUserMasks: this.#keepUserMasks,
    };
    const transfer = logitBuffers(frames);
    return { input, transfer, atCheck: this.#atCheck };
  }
}

function checkEveryFrames(until: TrackWish['until']): number | null {
  return until === 'agreement' ? CHECK_FRAMES : null;
}

function logitBuffers(frames: readonly TrackedFrame[]): object[] {
  return [
    ...new Set(
      frames.flatMap(({ objects }) => objects.flatMap(({ logits }) => (logits === null ? [] : [logits.buffer]))),
    ),
  ];
}

function propagateRequest(
  session: OpenSession,
  wish: TrackWish,
  plan: StartedRun,
  pack: OpenedPack,
  runKey: string,
): PropagateRequest {
  const { width, height, frameCount } = session.info;
  return {
    sourceId: session.sourceId,
    video: { width, height, frameCount },
    packKey: pack.packKey,
    runKey,
    checkEveryFrames: checkEveryFrames(plan.until),
    framesDone: plan.resumedFrames,
    bases: plan.bases,
    settled: plan.settled,
    storedMasks: plan.storedMasks,
    rounds: plan.rounds,
    concepts: plan.concepts,
    nextObjectId: plan.nextObjectId,
    first: plan.range.first,
    last: plan.range.last,
    direction: plan.direction,
    start: plan.start,
    policy: wish.policy,
    memoryPolicy: wish.memoryPolicy,
    resume: plan.resume,
    snapshotEveryMillis: SNAPSHOT_MILLIS,
  };
}

function framesToDo(plan: StartedRun, wish: TrackWish): number {
  const { forward, backward } = runLength({ ...plan, policy: wish.policy });
  return forward + backward;
}

function startedEvent(plan: StartedRun, pack: OpenedPack, frameCount: number): TrackEvent {
  return {
    kind: 'started',
    runId: plan.runId,
    packId: pack.packId,
    provider: pack.provider,
    frameCount,
    objectIds: plan.objectIds,
    phrases: plan.concepts.map(({ phrase }) => phrase),
    notes: [...pack.notes, ...plan.notes],
    resumedFrames: plan.resumedFrames,
  };
}

function committedEvent(
  frames: readonly CommittedFrame[],
  retracted: readonly ObjectId[],
  framesDone: number,
  frameCount: number,
): TrackEvent {
  return { kind: 'committed', frames, retracted, framesDone, frameCount };
}

async function finishedEvent(
  parts: StudioParts,
  session: OpenSession,
  plan: StartedRun,
  pack: OpenedPack,
  { framesDone, foundAgain }: Pick<Tracked, 'framesDone' | 'foundAgain'>,
  startedAt: number,
): Promise<TrackEvent> {
  const statistics = await (await parts.inference()).takeStatistics({ packKey: pack.packKey });
  const state = await (await parts.store()).state({ handle: session.handle });
  const concepts = new Set(plan.concepts.map(({ conceptId }) => conceptId));
  const found = state.objects.filter(({ conceptId }) => conceptId !== null && concepts.has(conceptId));
  const missed = plan.concepts.filter(({ conceptId }) => !found.some((object) => object.conceptId === conceptId));
  return {
    kind: 'finished',
    runId: plan.runId,
    framesDone,
    objectCount: new Set([...plan.objectIds, ...found.map(({ objectId }) => objectId)]).size,
    wallMillis: performance.now() - startedAt,
    ...statistics,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    notes: missed.map(({ conceptId, phrase }) =>
      foundAgain.has(conceptId)
        ? engineNote('phrase-has-objects', { phrase })
        : engineNote('phrase-not-found', { phrase, packId: pack.packId }),
    ),
  };
}
