import type { ConceptId, FrameIndex, ObjectId } from '../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { judgeMember } from './guards.ts';
import { hideCovered } from './hide-covered.ts';
import type { Heading, Observation } from './memory-bank.ts';
import type { ObjectTrack } from './object-track.ts';
import {
  bitMaskFromLogits,
  type FramePlan,
  fillHoles,
  Planner,
  type PlannerDetection,
  type PlannerSnapshot,
  resizeLogits,
  selectDetections,
  suppressedLogit,
} from './planner/index.ts';
import type {
  Detections,
  DetectorConstants,
  Exemplar,
  ImageFeatures,
  ModelSpec,
  TextFeatures,
  TrackerModel,
} from './ports.ts';
import type { GuardSettings } from './track-settings.ts';

/** What the detector said about one concept on one frame, and which of it counts. */
export interface Sighting {
  readonly raw: Detections;
  readonly candidates: readonly PlannerDetection[];
}

/** One member of a concept on one frame, before and after the plan. */
export interface MemberMask {
  readonly track: ObjectTrack;
  readonly observation: Observation;
  /** Logits after hole filling, to show; null when the plan hides it or the studio holds it for lost. */
  readonly shown: Float32Array<ArrayBuffer> | null;
  /** Logits that enter memory: -10 where the plan or another object suppressed it; null: not to be remembered. */
  readonly remembered: Float32Array<ArrayBuffer> | null;
}

/** A detection that begins an object or refreshes its memory: 0/1 mask [Sm * Sm] for the mask-as-output path. */
export interface GivenMask {
  readonly detection: PlannerDetection;
  readonly promptMask: Float32Array<ArrayBuffer>;
}

export interface ConceptFrame {
  readonly conceptId: ConceptId;
  readonly plan: FramePlan;
  readonly members: readonly MemberMask[];
  readonly created: readonly (GivenMask & { readonly id: ObjectId; readonly shown: Float32Array<ArrayBuffer> })[];
  readonly refreshed: readonly (GivenMask & { readonly track: ObjectTrack })[];
  readonly sighting: Sighting | null;
}

/** Plain data, safe for JSON. */
export interface ConceptSnapshot {
  readonly conceptId: ConceptId;
  readonly startFrame: FrameIndex;
  readonly phrase: string | null;
  readonly exemplars: readonly (readonly [number, readonly Exemplar[]])[];
  readonly planner: {
    readonly heading: Heading;
    readonly reached?: number | null;
    readonly state: PlannerSnapshot;
  } | null;
  /** Absent in older snapshots. */
  readonly goesOnFrom?: number | null;
}

/** A pass as a concept's planner sees it. */
export interface PlannedPass {
  readonly heading: Heading;
  readonly resumes: boolean;
  /** It follows one in the other direction. */
  readonly wayBack: boolean;
  /** Objects that were no longer young at the end of that one are not judged again. */
  readonly vouches: boolean;
}

/** One concept: what is looked for, and the planner that decides which sightings are objects. */
export class ConceptTrack {
  readonly conceptId: ConceptId;
  phrase: string | null = null;
  /** Where the search starts. */
  startFrame: FrameIndex;
  /** It was searched the other way before: where its search goes on. */
  goesOnFrom: number | null = null;
  /** Boxes that show what is meant, by frame. */
  readonly exemplars = new Map<number, readonly Exemplar[]>();
  readonly #constants: DetectorConstants;
  #text: TextFeatures | null = null;
  #planner: { readonly heading: Heading; readonly planner: Planner } | null = null;
  /** The last frame that was matched in this pass. */
  #reached: number | null = null;

  constructor(conceptId: ConceptId, startFrame: FrameIndex, constants: DetectorConstants) {
    this.conceptId = conceptId;
    this.startFrame = startFrame;
    this.#constants = constants;
  }

  /** Takes another phrase; its features are computed once. Errors: `word-unknown`, `concepts-unsupported`. */
  async name(model: TrackerModel, phrase: string): Promise<void> {
    this.#text = await model.encodeText(phrase);
    this.phrase = phrase;
  }

  /** The frame from which a pass looks for it. */
  get searchedFrom(): number {
    return this.goesOnFrom ?? this.startFrame;
  }

  /** Begins a pass. One in the same direction that resumes keeps what the planner knew, and so does the way back. */
  beginPass({ heading, resumes, wayBack, vouches }: PlannedPass, allocateId: () => ObjectId): void {
    const before = this.#planner;
    if (resumes && before?.heading === heading) return;
    const returns = (wayBack || this.goesOnFrom !== null) && before !== null && before.heading !== heading;
    const next = vouches && before !== null && this.#reached !== null ? this.#reached + before.heading : null;
    const planner = returns
      ? before.planner.turned(next)
      : new Planner({ constants: this.#constants, reverse: heading === -1, allocateId });
    this.#planner = { heading, planner };
    this.#reached = null;
  }

  /** Its search so far went one way from its first frame; what comes goes the other way. */
  goOn(): void {
    if (this.#planner !== null) this.goesOnFrom = this.startFrame - this.#planner.heading;
  }

  /**
   * All instances on one frame. null when the detector has nothing to go by: no phrase, and no exemplar on this very frame; then no
   * object is blamed for not being seen (the reference blames it and loses box-only concepts after 8 frames).
   */
  async look(model: TrackerModel, features: ImageFeatures, frameIndex: number): Promise<Sighting | null> {
    const exemplars = this.exemplars.get(frameIndex) ?? [];
    if (this.#text === null && exemplars.length === 0) return null;
    const raw = await model.detect(features, this.#text, exemplars);
    return { raw, candidates: selectDetections(raw, model.spec.lowres, this.#constants) };
  }

  /** Matches what was seen with the concept's living objects; pure but for the planner's own state. */
  match(
    spec: ModelSpec,
    frameIndex: FrameIndex,
    sighting: Sighting | null,
    members: readonly { readonly track: ObjectTrack; readonly observation: Observation }[],
    guards: GuardSettings | null,
  ): ConceptFrame {
    const side = spec.lowres;
    const filled = members.map(({ observation }) => this.#filled(observation.logits, side));
    const tracks = members.map(({ track, observation }, index) => ({
      id: track.objectId,
      mask: bitMaskFromLogits(filled[index], side, side),
      objectScoreLogit: Math.fround(observation.scoreLogit),
    }));
    this.#reached = frameIndex;
    const plan = this.#plannerNow().plan({ frameIndex, detections: sighting?.candidates ?? null, tracks });
    const remembered = this.#suppressed(spec, plan, tracks, filled);
    const visible = new Set(plan.visible);
    const supported = new Set(plan.association.matched.flatMap(({ tracks: ids }) => ids));
    const verdicts = members.map(({ track, observation }) => {
      const witness = { presence: sighting?.raw.presence ?? 1, matched: supported.has(track.objectId) };
      return judgeMember(observation, track.bank, witness, guards);
    });
    const given = (index: number): GivenMask => this.#given(spec, sighting!, index);
    const trackOf = new Map(members.map(({ track }) => [track.objectId, track]));
    return {
      conceptId: this.conceptId,
      plan,
      sighting,
      members: members.map(({ track, observation }, index) => ({
        track,
        observation,
        shown: visible.has(track.objectId) && verdicts[index] !== 'lost' ? filled[index] : null,
        remembered: verdicts[index] === 'trusted' ? remembered[index] : null,
      })),
      created: plan.created.map(({ id, detection }) => {
        const mask = given(detection);
        return { ...mask, id, shown: this.#filled(detectionLogits(sighting!, mask.detection, side), side) };
      }),
      refreshed: plan.recondition.flatMap(({ track, detection }) => {
        const known = trackOf.get(track);
        return known === undefined ? [] : [{ ...given(detection), track: known }];
      }),
    };
  }

  /** A user corrected the object: no rule removes it any more. */
  trust(id: ObjectId): void {
    this.#planner?.planner.trust(id);
  }

  forget(id: ObjectId): void {
    this.#planner?.planner.forget(id);
  }

  snapshot(): ConceptSnapshot {
    const { conceptId, startFrame, phrase, goesOnFrom } = this;
    const running = this.#planner;
    const reached = this.#reached;
    const planner = running === null ? null : { heading: running.heading, reached, state: running.planner.snapshot() };
    return { conceptId, startFrame, phrase, exemplars: [...this.exemplars], planner, goesOnFrom };
  }

  /** Continues from a snapshot; text features are computed again. */
  async restore(model: TrackerModel, snapshot: ConceptSnapshot, allocateId: () => ObjectId): Promise<void> {
    if (snapshot.phrase !== null) await this.name(model, snapshot.phrase);
    this.exemplars.clear();
    for (const [frame, exemplars] of snapshot.exemplars) this.exemplars.set(frame, exemplars);
    this.goesOnFrom = snapshot.goesOnFrom ?? null;
    this.#planner = null;
    if (snapshot.planner === null) return;
    const { heading, reached, state } = snapshot.planner;
    this.beginPass({ heading, resumes: false, wayBack: false, vouches: false }, allocateId);
    this.#plannerNow().restore(state);
    this.#reached = reached ?? null;
  }

  #plannerNow(): Planner {
    if (this.#planner === null) throw new StudioError('internal', 'bug', 'A concept was matched outside a pass.');
    return this.#planner.planner;
  }

  #filled(logits: Float32Array<ArrayBuffer>, side: number): Float32Array<ArrayBuffer> {
    const copy = logits.slice();
    const maxArea = this.#constants.fillHoleArea;
    fillHoles(copy, side, side, { maxArea, fillHoles: true, removeSprinkles: true });
    return copy;
  }

  /** Masks as memory may see them: -10 for an object that gives way, for one that others cover almost whole, and for an empty one beside others. */
  #suppressed(
    spec: ModelSpec,
    plan: FramePlan,
    tracks: readonly { readonly id: ObjectId }[],
    filled: readonly Float32Array<ArrayBuffer>[],
  ): Float32Array<ArrayBuffer>[] {
    const gaveWay = new Set(plan.occlusionSuppressed);
    const masks = filled.map((logits, index) =>
      gaveWay.has(tracks[index].id) ? new Float32Array(logits.length).fill(suppressedLogit) : logits.slice(),
    );
    hideCovered(masks, spec, this.#constants.areaShrinkage);
    return masks;
  }

  #given(spec: ModelSpec, sighting: Sighting, index: number): GivenMask {
    const detection = sighting.candidates[index];
    const logits = detectionLogits(sighting, detection, spec.lowres);
    const grid = { width: spec.lowres, height: spec.lowres, logits };
    const promptMask = resizeLogits(grid, spec.maskPromptSize, spec.maskPromptSize);
    for (let at = 0; at < promptMask.length; at++) promptMask[at] = promptMask[at] > 0 ? 1 : 0;
    return { detection, promptMask };
  }
}

/** Logits [L * L] of one detection; a view. */
function detectionLogits({ raw }: Sighting, { query }: PlannerDetection, side: number): Float32Array<ArrayBuffer> {
  return raw.masks.subarray(query * side * side, (query + 1) * side * side);
}
