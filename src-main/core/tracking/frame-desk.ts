import { createHash } from 'node:crypto';
import { conceptId, type FrameIndex, type ObjectId } from '../../../src-shared/domain/ids.ts';
import type { TrackedObject } from '../../../src-shared/domain/track.ts';
import { StudioError, throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import type { RleMask } from '../../../src-shared/mask/rle.ts';
import { answerFrame, logitsFromStored } from './answer-frame.ts';
import { ConceptTrack } from './concept-track.ts';
import { FeatureCache } from './feature-cache.ts';
import type { Observation } from './memory-bank.ts';
import type { AttendItem, ConditionedFeatures, Exemplar, FrameProvider, ImageFeatures, TrackerModel } from './ports.ts';
import { checkPrompt, inTurn, nothingSaid, type ObjectPrompt, type VideoShape, withPrompt } from './prompt-book.ts';
import { RunMemories } from './run-memories.ts';

/** One object's prompts on the frame, in rounds: each round after the first corrects the answer to those before it. */
export interface FrameInquiry {
  readonly objectId: ObjectId;
  /** Prompts that `storedMask` answers already; they are said again together with the new ones. */
  readonly settled: readonly ObjectPrompt[];
  /** At least one round of at least one prompt, all on the frame that is asked about. */
  readonly rounds: readonly (readonly ObjectPrompt[])[];
  /**
   * The mask that tracking left on the frame, at video size: the first round corrects it. null: none; undefined: the one of the last
   * inquiry about this object on this frame, which an answer has displaced in storage.
   */
  readonly storedMask: RleMask | null | undefined;
  /** The run that tracked the object last: corrections begin from what it remembered, if the desk was given that. null: none. */
  readonly runKey: string | null;
}

/** What to look for on one frame: a phrase, boxes that show it, or both. */
export interface ConceptInquiry {
  readonly phrase: string | null;
  readonly exemplars: readonly Exemplar[];
}

/** One instance that the detector sees, not yet an object. */
export interface SeenInstance {
  /** [L * L], foreground > 0; owned by the receiver. */
  readonly logits: Float32Array<ArrayBuffer>;
  /** Class score times presence, 0..1. */
  readonly score: number;
  readonly presence: number;
}

/** Answers kept so that one more click costs one decoder run. */
const mostAnswers = 64;
/** Objects that a person corrects in turn. */
const mostConditioned = 4;
/** Frames whose features are kept; a person clicks on one and looks at its neighbours. */
const mostFrames = 2;

/**
 * Answers questions about single frames at once, beside whatever run is tracking: each frame is encoded once, each round of prompts decoded
 * once. Needs no tracker, so image packs work too. Calls are answered one after the other; holds nothing but features, answers and the
 * memories of runs that it was given.
 */
export class FrameDesk {
  readonly #model: TrackerModel;
  readonly #video: VideoShape;
  readonly #features: FeatureCache;
  /** What earlier runs remembered. */
  readonly memories: RunMemories;
  readonly #conditioned = new Map<string, ConditionedFeatures>();
  readonly #answers = new Map<string, Observation>();
  /** Masks that corrections on a frame began from, by object and frame. */
  readonly #origins = new Map<string, RleMask>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(model: TrackerModel, video: VideoShape) {
    this.#model = model;
    this.#video = video;
    this.#features = new FeatureCache(model, mostFrames);
    this.memories = new RunMemories(model, video);
  }

  /** One answer per inquiry, in order. Errors: those of `checkPrompt`, `cancelled`, whatever `frames` throws. */
  segment(
    index: FrameIndex,
    inquiries: readonly FrameInquiry[],
    frames: FrameProvider,
    signal?: AbortSignal,
  ): Promise<readonly TrackedObject[]> {
    for (const { rounds } of inquiries) for (const prompt of rounds.flat()) checkPrompt(this.#video, prompt);
    return this.#next(async () => {
      const features = await this.#featuresOf(index, frames, signal);
      const objects: TrackedObject[] = [];
      for (const inquiry of inquiries) {
        throwIfAborted(signal);
        objects.push(told(inquiry.objectId, await this.#answer(index, inquiry, features)));
      }
      return objects;
    });
  }

  /** What the detector sees, best first. Errors: `word-unknown`, `concepts-unsupported`, `cancelled`. */
  detect(
    index: FrameIndex,
    { phrase, exemplars }: ConceptInquiry,
    frames: FrameProvider,
    signal?: AbortSignal,
  ): Promise<readonly SeenInstance[]> {
    return this.#next(async () => {
      const model = this.#model;
      const { detector, packId, lowres } = model.spec;
      if (detector === null) {
        const message = `The model pack "${packId}" cannot find things by name or example; prompt with points, a box or a mask.`;
        throw new StudioError('concepts-unsupported', 'user', message, { details: { packId } });
      }
      const concept = new ConceptTrack(conceptId(1), index, detector);
      if (phrase !== null) await concept.name(model, phrase);
      concept.exemplars.set(index, exemplars);
      const sighting = await concept.look(model, await this.#featuresOf(index, frames, signal), index);
      if (sighting === null) return [];
      const { raw, candidates } = sighting;
      return candidates
        .toSorted((a, b) => b.score - a.score)
        .map(({ query, score }) => ({
          logits: raw.masks.slice(query * lowres ** 2, (query + 1) * lowres ** 2),
          score,
          presence: raw.presence,
        }));
    });
  }

  async #answer(index: FrameIndex, inquiry: FrameInquiry, features: ImageFeatures): Promise<Observation> {
    const { objectId, settled, rounds, runKey } = inquiry;
    const origin = this.#originOf(index, inquiry);
    const correction = this.memories.correction(runKey, objectId, index);
    const memory = correction?.memory ?? null;
    const place = `${runKey}:${objectId}:${index}`;
    const condition = memory === null ? null : () => this.#conditionedBy(place, memory, features);
    let key = keyOf([index, objectId, origin, settled, correction === null ? null : runKey]);
    const stored = correction?.fromNothing ? null : origin;
    let previous = correction?.logits ?? logitsFromStored(this.#model.spec, stored);
    let said = settled.reduce(withPrompt, nothingSaid);
    let observation: Observation | null = null;
    for (const round of rounds.flatMap(inTurn)) {
      key = keyOf([key, round]);
      said = round.reduce(withPrompt, said);
      const question = { said, previous, condition };
      observation = this.#answers.get(key) ?? (await answerFrame(this.#model, this.#video, features, index, question));
      this.#keep(key, observation);
      previous = observation.logits;
    }
    if (observation === null) throw new StudioError('internal', 'bug', `Object ${objectId} was asked about nothing.`);
    return observation;
  }

  /** The frame as an object's memory sees it, which no click changes: attended to once, not for every click or hover. */
  async #conditionedBy(place: string, memory: AttendItem, features: ImageFeatures): Promise<ConditionedFeatures> {
    const conditioned = this.#conditioned.get(place) ?? (await this.#model.attend(features, [memory]));
    this.#conditioned.delete(place);
    this.#conditioned.set(place, conditioned);
    for (const oldest of this.#conditioned.keys()) {
      if (this.#conditioned.size <= mostConditioned) break;
      this.#conditioned.delete(oldest);
    }
    return conditioned;
  }

  #originOf(index: FrameIndex, { objectId, storedMask }: FrameInquiry): RleMask | null {
    const place = `${objectId}:${index}`;
    if (storedMask === null) this.#origins.delete(place);
    else if (storedMask !== undefined) this.#origins.set(place, storedMask);
    return this.#origins.get(place) ?? null;
  }

  #keep(key: string, observation: Observation): void {
    this.#answers.delete(key);
    this.#answers.set(key, observation);
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= mostAnswers) break;
      this.#answers.delete(oldest);
    }
  }

  async #featuresOf(index: FrameIndex, frames: FrameProvider, signal?: AbortSignal): Promise<ImageFeatures> {
    const known = this.#features.peek(index);
    if (known !== undefined) return known;
    for await (const frame of frames({ first: index, last: index }, 'forward', signal)) {
      try {
        return await this.#features.of(frame);
      } finally {
        frame.release();
      }
    }
    throw new StudioError('frame-out-of-range', 'user', `Frame ${index} could not be read from the video.`, {
      details: { frameIndex: index },
    });
  }

  /** One question after the other, so that two about a frame never encode it twice. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}

function told(objectId: ObjectId, { logits, iou, scoreLogit }: Observation): TrackedObject {
  return {
    objectId,
    conceptId: null,
    source: 'prompt',
    logits: scoreLogit > 0 ? logits.slice() : null,
    scores: { predictedIou: iou, objectScoreLogit: scoreLogit, presence: null, detection: null },
    provisional: false,
  };
}

function keyOf(facts: unknown): string {
  const text = JSON.stringify(facts, (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  );
  return createHash('sha256').update(text).digest('base64');
}
