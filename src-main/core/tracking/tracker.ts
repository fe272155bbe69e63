import { type ConceptId, type FrameIndex, frameIndex, type ObjectId } from '../../../src-shared/domain/ids.ts';
import type { ExemplarPrompt, TextPrompt } from '../../../src-shared/domain/prompt.ts';
import type {
  MemoryPolicyName,
  TrackedFrame,
  TrackedObject,
  TrackingPolicyName,
} from '../../../src-shared/domain/track.ts';
import { StudioError, throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import type { RleMask } from '../../../src-shared/mask/rle.ts';
import { ActionHistory, type NextPropagation } from './action-history.ts';
import { answerPrompts, type Correction, commitAnswers, correctionOf, holdAnswer } from './answer-prompts.ts';
import { ConceptTrack } from './concept-track.ts';
import { FeatureCache } from './feature-cache.ts';
import { observed } from './frame-results.ts';
import type { Heading } from './memory-bank.ts';
import { ObjectIds } from './object-ids.ts';
import { ObjectTrack } from './object-track.ts';
import { type Pass, planPasses, type RangeRequest } from './passes.ts';
import type { FrameProvider, ImageFeatures, ModelFrame, TrackerModel } from './ports.ts';
import {
  checkPrompt,
  exemplarFromPrompt,
  inTurn,
  type ObjectPrompt,
  PromptBook,
  type VideoShape,
} from './prompt-book.ts';
import { rebuildFrame, type StoredObservation } from './rebuild.ts';
import { decodeSnapshot, encodeSnapshot, type SnapshotScope, snapshotBytes } from './snapshot.ts';
import { startsOf, sweepFrame } from './sweep.ts';
import { memoryRule, settingsFor, type TrackSettings } from './track-settings.ts';
import type { TrackerState } from './tracker-state.ts';

export interface TrackerOptions {
  /** Borrowed: the caller closes it. */
  readonly model: TrackerModel;
  readonly video: VideoShape;
  readonly policy: TrackingPolicyName;
  /** Absent: `standard` for a user's objects, and what the pack asks for (SAM 3: selective) for a concept's. */
  readonly memoryPolicy?: MemoryPolicyName;
  readonly settings?: Partial<TrackSettings>;
  /** Gives the id of an object that a detection begins, never one given before; absent: counts on from the highest id seen here. */
  readonly allocateObjectId?: () => ObjectId;
}

export interface PropagateRequest extends RangeRequest {
  /** Absent: every object and concept. A list: only these objects, without detection (a partial propagation). */
  readonly objectIds?: readonly ObjectId[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface SegmentRequest {
  readonly frameIndex: FrameIndex;
  /** All on this frame; at least one. What was said about an object on the frame before is kept and added to. */
  readonly prompts: readonly ObjectPrompt[];
  /** Forget what was said before about these objects on this frame; the mask they have there is still what is corrected. */
  readonly replace?: boolean;
  /** What the session shows of these objects on this frame: corrected where the tracker has forgotten its own logits of it. */
  readonly storedMasks?: ReadonlyMap<ObjectId, RleMask>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Tracks the objects of one session through one video, with one model pack. Prompts may be given on any frame for any object at any
 * time; each object has its own memory, so nothing done to one disturbs another. Deterministic: equal calls give equal masks. Not
 * reentrant: await one call (or one frame of `propagate`) before the next. Owns no resource but memory.
 */
export class Tracker {
  readonly #state: TrackerState;
  readonly #history = new ActionHistory();

  /** Throws `pack-cannot-track` for a pack without a tracker. */
  constructor(options: TrackerOptions) {
    const { model, video, policy, memoryPolicy } = options;
    const { tracker: constants, packId } = model.spec;
    if (constants === null) {
      const message = `The model pack "${packId}" works on single frames only; choose a pack that tracks.`;
      throw new StudioError('pack-cannot-track', 'user', message, { details: { packId } });
    }
    const conceptPolicy = memoryPolicy ?? (constants.memorySelection ? 'selective' : 'standard');
    this.#state = {
      model,
      constants,
      video,
      settings: settingsFor(policy, model.spec, options.settings),
      features: new FeatureCache(model),
      prompts: new PromptBook(video),
      objects: new Map(),
      concepts: new Map(),
      rule: memoryRule(memoryPolicy ?? 'standard', constants),
      conceptRule: memoryRule(conceptPolicy, constants),
      ids: new ObjectIds(options.allocateObjectId ?? null),
    };
  }

  /** Ids of all objects, in the order in which they came. */
  get objectIds(): readonly ObjectId[] {
    return [...this.#state.objects.keys()];
  }

  /** What the next propagation must compute, from what was done since the last; see `PropagateRequest.objectIds`. */
  get nextPropagation(): NextPropagation {
    return this.#history.next(this.#state.video.frameCount);
  }

  /**
   * Answers prompts on one frame, one result per object in the order in which they are first named. Objects come into being here. The answer
   * enters memory when propagation starts, so clicks may be repeated. Encodes the frame unless it is still cached; `frames` is asked for that
   * one frame at most. Errors: those of `checkPrompt`, `cancelled`; then nothing was changed.
   */
  async segment(request: SegmentRequest, frames: FrameProvider): Promise<readonly TrackedObject[]> {
    const { frameIndex, prompts, signal } = request;
    for (const prompt of prompts) {
      checkPrompt(this.#state.video, prompt);
      if (prompt.frameIndex === frameIndex) continue;
      throw new StudioError(
        'internal',
        'bug',
        `A prompt of frame ${prompt.frameIndex} was sent with frame ${frameIndex}.`,
      );
    }
    throwIfAborted(signal);
    const features = await this.#featuresOf(frameIndex, frames, signal);
    throwIfAborted(signal);
    const results: TrackedObject[] = [];
    for (const [id, said] of Map.groupBy(prompts, (prompt) => prompt.objectId)) {
      if (request.replace) this.#state.prompts.forget(id, frameIndex);
      let result: TrackedObject | null = null;
      for (const part of inTurn(said)) {
        this.#state.prompts.add(part);
        const track = this.#objectFor(id);
        const observation = await answerPrompts(this.#state, track, frameIndex, features, request.storedMasks?.get(id));
        await holdAnswer(this.#state, track, observation, features);
        result = observed(track, observation, 'prompt');
      }
      if (result !== null) results.push(result);
    }
    return results;
  }

  /** Takes back everything said about an object on one frame, and the frame's place in its memory. */
  removePrompts(id: ObjectId, frameIndex: FrameIndex): void {
    const track = this.#state.objects.get(id);
    this.#state.prompts.forget(id, frameIndex);
    if (track === undefined) return;
    track.pending.delete(frameIndex);
    track.bank.forget(frameIndex);
    this.#history.add({ kind: 'refine', objectId: id });
    const untouched = track.pending.size === 0 && track.bank.conditioning.size === 0;
    if (untouched) this.removeObject(id);
  }

  /** Forgets an object and its memory. Unknown ids are ignored. */
  removeObject(id: ObjectId): void {
    const track = this.#state.objects.get(id);
    if (track === undefined) return;
    this.#state.objects.delete(id);
    this.#state.prompts.forget(id);
    if (track.conceptId !== null) this.#state.concepts.get(track.conceptId)?.forget(id);
    this.#history.add({ kind: 'remove', objectId: id });
  }

  /**
   * Adds or changes a concept: a phrase for the whole video, or a box that shows an instance on its frame. Objects found by an earlier version
   * of the concept stay until `removeConcept`. Errors: those of `checkPrompt`, `word-unknown`, `concepts-unsupported`.
   */
  async describe(prompt: TextPrompt | ExemplarPrompt): Promise<void> {
    const { model, concepts, video } = this.#state;
    checkPrompt(video, prompt);
    const { detector, packId } = model.spec;
    if (detector === null) {
      const message = `The model pack "${packId}" cannot find things by name or example; prompt with points, a box or a mask.`;
      throw new StudioError('concepts-unsupported', 'user', message, { details: { packId } });
    }
    const { conceptId, frameIndex } = prompt;
    const concept = concepts.get(conceptId) ?? new ConceptTrack(conceptId, frameIndex, detector);
    // Looked for from its earliest prompt on, in whichever order they came.
    concept.startFrame = Math.min(concept.startFrame, frameIndex) as FrameIndex;
    if (prompt.kind === 'text') await concept.name(model, prompt.phrase);
    else {
      const shown = concept.exemplars.get(frameIndex) ?? [];
      concept.exemplars.set(frameIndex, [...shown, exemplarFromPrompt(prompt, video)]);
    }
    concepts.set(conceptId, concept);
    this.#history.add({ kind: 'concept' });
  }

  /** Forgets a concept and every object that it found. Returns those objects. */
  removeConcept(id: ConceptId): readonly ObjectId[] {
    const found = [...this.#state.objects.values()].filter(({ conceptId }) => conceptId === id);
    for (const { objectId } of found) this.removeObject(objectId);
    this.#state.concepts.delete(id);
    return found.map(({ objectId }) => objectId);
  }

  /**
   * Tracks through a range and yields every frame once, in processing order: `both` is forward from the start, then backward from the
   * frame before it. Each yielded frame is final for memory; the consumer commits it before asking for the next. Stopping the generator or
   * firing the signal keeps everything yielded so far, and a later run goes on from there.
   * Errors: `no-prompts`, `range-invalid`, `cancelled`, and whatever `frames` throws.
   */
  async *propagate(request: PropagateRequest, frames: FrameProvider): AsyncGenerator<TrackedFrame, void, undefined> {
    throwIfAborted(request.signal);
    await commitAnswers(this.#state);
    const passes = this.#plan(request);
    for (const pass of passes) {
      const resumes = request.resume?.direction === (pass.heading === 1 ? 'forward' : 'backward');
      this.#begin(pass, request, resumes);
      yield* this.#sweep(pass, request, frames);
    }
  }

  /**
   * The exact memory of all objects and concepts, to be stored with the frames yielded so far: a run restored from it gives the same masks as
   * one that was never interrupted. `run` is a fraction of `all` and meant for every committed batch; see `encodeSnapshot`.
   */
  snapshot(scope: SnapshotScope = 'all'): Uint8Array<ArrayBuffer> {
    return encodeSnapshot(this.#state, scope);
  }

  /**
   * Replaces all objects and concepts by those of a snapshot. `prompts`: what the user had said, so that further clicks add to it.
   * Errors: `session-newer`, `session-corrupt`, `session-mismatch`; then nothing was changed.
   */
  async restore(snapshot: Uint8Array, prompts: readonly ObjectPrompt[]): Promise<void> {
    const { model, objects, concepts, ids } = this.#state;
    const stored = decodeSnapshot(this.#state, snapshot);
    ids.note(stored.highestId);
    objects.clear();
    for (const track of stored.tracks) objects.set(track.objectId, track);
    concepts.clear();
    for (const each of stored.concepts) {
      const { conceptId, startFrame } = each;
      const concept = new ConceptTrack(conceptId, startFrame, model.spec.detector!);
      await concept.restore(model, each, () => ids.next());
      concepts.set(conceptId, concept);
    }
    this.#state.prompts.add(prompts);
  }

  /**
   * Takes concepts over from the snapshot of an earlier run that searched them one way, to be searched the other way: what was found goes on,
   * as on the way back of `both`. Their objects are those that `adopt` took. Errors: as `restore`.
   */
  async goOn(snapshot: Uint8Array, conceptIds: readonly ConceptId[]): Promise<void> {
    const { model, concepts, ids } = this.#state;
    for (const each of decodeSnapshot(this.#state, snapshot).concepts) {
      if (!conceptIds.includes(each.conceptId)) continue;
      const concept = new ConceptTrack(each.conceptId, each.startFrame, model.spec.detector!);
      await concept.restore(model, each, () => ids.next());
      concept.goOn();
      concepts.set(each.conceptId, concept);
    }
  }

  /**
   * Takes single objects over from the snapshot of an earlier run, beside those that are here: they are tracked on, or corrected, as if that
   * run had never ended. `prompts`: what had been said about them. Errors: as `restore`.
   */
  adopt(snapshot: Uint8Array, objectIds: readonly ObjectId[] | 'all', prompts: readonly ObjectPrompt[]): void {
    const { objects, ids } = this.#state;
    const { tracks } = decodeSnapshot(this.#state, snapshot);
    for (const track of tracks) {
      if (objectIds !== 'all' && !objectIds.includes(track.objectId)) continue;
      ids.note(track.objectId);
      objects.set(track.objectId, track);
    }
    this.#state.prompts.add(prompts);
  }

  /** What a correction of an object on a frame begins from; null for an unknown object. */
  correction(id: ObjectId, index: number): Correction | null {
    const track = this.#state.objects.get(id);
    return track === undefined ? null : correctionOf(this.#state, track, index);
  }

  /** What a later run needs to go on from here, `all` of it where that takes no more than `limitBytes`, else as `run`. */
  memory(limitBytes: number): Uint8Array<ArrayBuffer> {
    return this.snapshot(snapshotBytes(this.#state) <= limitBytes ? 'all' : 'run');
  }

  /**
   * Makes memory anew from stored masks, where there is no snapshot: answer the user's prompts with `segment` first, then pass the frames of
   * `recalledFrom`. Masks that follow are close to those of an uninterrupted run, not equal.
   */
  async rebuild(stored: readonly StoredObservation[], frames: FrameProvider, signal?: AbortSignal): Promise<void> {
    const byFrame = Map.groupBy(stored, ({ frameIndex }) => frameIndex);
    for (const index of [...byFrame.keys()].sort((a, b) => a - b)) {
      throwIfAborted(signal);
      const features = await this.#featuresOf(index, frames, signal);
      await rebuildFrame(this.#state, features, byFrame.get(index)!);
    }
  }

  /** Frames before `next`, most recent first, whose masks `rebuild` needs so that tracking can go on from `next`. */
  recalledFrom(next: FrameIndex, heading: Heading): readonly FrameIndex[] {
    const { constants, video } = this.#state;
    const depth = Math.max(constants.numMaskmem, constants.maxPtrs) - 1;
    const frames = Array.from({ length: depth }, (_, back) => next - heading * (back + 1));
    return frames.filter((index) => index >= 0 && index < video.frameCount).map((index) => frameIndex(index));
  }

  #plan(request: PropagateRequest): readonly Pass[] {
    const { objects, concepts, video, settings } = this.#state;
    const chosen = request.objectIds;
    const tracks = [...objects.values()].filter(({ objectId }) => chosen?.includes(objectId) ?? true);
    const prompted = tracks.map((track) => startsOf(this.#state, track));
    if (chosen === undefined) for (const { searchedFrom } of concepts.values()) prompted.push([searchedFrom]);
    const passes = planPasses(request, prompted, video.frameCount, !settings.everyObjectOnEveryFrame);
    const start = passes[0]?.heading === -1 ? passes[0].range.last : (passes[0]?.range.first ?? request.first);
    this.#history.add(chosen === undefined ? { kind: 'full', start } : { kind: 'partial', start, objectIds: chosen });
    return passes;
  }

  #begin(pass: Pass, request: PropagateRequest, resumes: boolean): void {
    const { objects, concepts, ids } = this.#state;
    if (request.objectIds === undefined) {
      const vouches = this.#state.settings.guards !== null;
      const planned = { heading: pass.heading, resumes, wayBack: pass.secondHalf, vouches };
      for (const concept of concepts.values()) concept.beginPass(planned, () => ids.next());
    }
    if (resumes) return;
    const from = pass.heading === 1 ? pass.range.first : pass.range.last;
    for (const track of objects.values()) {
      if (!pass.secondHalf && !continues(track, pass, from)) track.anchors.clear();
      track.restartMotion(from, this.#state.model.spec.lowres);
    }
  }

  async *#sweep(pass: Pass, request: PropagateRequest, frames: FrameProvider): AsyncGenerator<TrackedFrame, void> {
    const { signal } = request;
    const objectIds = request.objectIds === undefined ? null : new Set(request.objectIds);
    const direction = pass.heading === 1 ? 'forward' : 'backward';
    for await (const frame of frames(pass.range, direction, signal)) {
      yield await this.#takeFrame(frame, () => sweepFrame(this.#state, { pass, objectIds, signal }, frame));
    }
  }

  async #featuresOf(index: FrameIndex, frames: FrameProvider, signal: AbortSignal | undefined): Promise<ImageFeatures> {
    const cached = this.#state.features.peek(index);
    if (cached !== undefined) return cached;
    for await (const frame of frames({ first: index, last: index }, 'forward', signal)) {
      return this.#takeFrame(frame, () => this.#state.features.of(frame));
    }
    throw new StudioError(
      'frame-out-of-range',
      'user',
      `Frame ${index} could not be read from the video; nothing was changed.`,
      {
        details: { frameIndex: index },
      },
    );
  }

  async #takeFrame<T>(frame: ModelFrame, use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } finally {
      frame.release();
    }
  }

  #objectFor(id: ObjectId): ObjectTrack {
    const { objects, concepts, ids, video } = this.#state;
    ids.note(id);
    const known = objects.get(id);
    const track = known ?? new ObjectTrack(id, null, video.frameCount);
    if (known === undefined) objects.set(id, track);
    if (track.conceptId !== null) concepts.get(track.conceptId)?.trust(id);
    this.#history.add({ kind: known === undefined ? 'add' : 'refine', objectId: id });
    return track;
  }
}

/** Whether a pass goes on where the last one came to, from no prompt of its own: then the way back begins where that one began. */
function continues({ reached, bank }: ObjectTrack, { heading }: Pass, from: number): boolean {
  return reached?.heading === heading && reached.frameIndex + heading === from && !bank.conditioning.has(from);
}
