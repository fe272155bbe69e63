import type { FrameIndex, ObjectId } from '../../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { DetectorConstants } from '../ports.ts';
import { centreInsideMargin, limitNewDetections, type RelativeBox } from './admission.ts';
import { type Association, associate, type ScoredMask, type TrackMask } from './associate.ts';
import { Confirmation, type ConfirmationState } from './confirmation.ts';
import { type BufferedFrame, DelayedOutput, type SettledFrame } from './delayed-output.ts';
import { Hotstart, type HotstartState } from './hotstart.ts';
import { suppressOccluded } from './occlusion.ts';
import { pairsToRecondition } from './recondition.ts';

/** Rules beyond the pack's constants; all are off in the released tracker. */
export interface PlannerOptions {
  readonly constants: DetectorConstants;
  /** Frames come in descending order. */
  readonly reverse: boolean;
  /** Gives the next id, never one given before; called once per admitted object, in order. */
  readonly allocateId: () => ObjectId;
  readonly oneToOne?: boolean;
  /** Relative distance of a new box centre from the frame's edge, 0..0.5; absent: no such rule. */
  readonly boundaryMargin?: number;
  /** Matched frames in a row before a track is shown; absent: shown at once. */
  readonly confirmationFrames?: number;
}

export interface PlannerTrack extends TrackMask {
  /** Raw logit of the tracker on this frame, as float32. */
  readonly objectScoreLogit: number;
}

/** What one concept's detector and trackers say about one frame. All masks lie on one grid. */
export interface PlannerFrame {
  readonly frameIndex: FrameIndex;
  /** Detections after NMS (`selectDetections`), or null when the detector did not look at this frame: then no track is blamed. */
  readonly detections: readonly (ScoredMask & { readonly box?: RelativeBox })[] | null;
  /** Every living track of the concept, in creation order, after hole filling. */
  readonly tracks: readonly PlannerTrack[];
}

/** What to do on one frame. Detections are named by their index in the frame's list. */
export interface FramePlan {
  readonly frameIndex: FrameIndex;
  readonly association: Association;
  /** New objects in id order: start each from its detection's mask. */
  readonly created: readonly { readonly id: ObjectId; readonly detection: number }[];
  /** New detections refused by the object limit. */
  readonly dropped: number;
  /** Retracted for good: forget their memory and everything shown or stored for them. */
  readonly removed: readonly ObjectId[];
  /** Not shown on this frame, tracked on. */
  readonly hidden: readonly ObjectId[];
  /** Visible tracks whose mask is replaced by -10 before memory and display. */
  readonly occlusionSuppressed: readonly ObjectId[];
  /** Refresh these surviving tracks' memory from the detection's mask; the shown mask does not change. */
  readonly recondition: readonly { readonly track: ObjectId; readonly detection: number }[];
  /** Ids to show on this frame as far as known now, ascending. */
  readonly visible: readonly ObjectId[];
  /** Living ids that a later frame may still remove, ascending. */
  readonly provisional: readonly ObjectId[];
  /** Living ids after the frame: the surviving tracks, then the new ones. */
  readonly alive: readonly ObjectId[];
  /** Frames that left the delayed output; see `DelayedOutput`. */
  readonly settled: readonly SettledFrame[];
}

/** Plain data, safe for JSON. */
export interface PlannerSnapshot {
  readonly version: 1;
  readonly hotstart: HotstartState;
  readonly confirmation: ConfirmationState | null;
  readonly lastOccluded: readonly (readonly [ObjectId, number])[];
  readonly buffer: readonly BufferedFrame[];
}

const nothing: Association = {
  newDetections: [],
  unmatchedTracks: [],
  emptyTracks: [],
  matched: [],
  highConfidence: [],
};

/**
 * Decides, frame by frame, which objects of one concept begin, live on, give way and end. Pure logic: no model, no clock, no
 * randomness; equal input gives equal plans. Source: SAM 3 `sam3_video_base.py: run_tracker_update_planning_phase`. Differences: a frame
 * without detector blames nobody, and tracks that the planner did not create are a user's and are never removed.
 */
export class Planner {
  readonly #options: PlannerOptions;
  readonly #hotstart: Hotstart;
  readonly #confirmation: Confirmation | null;
  readonly #output: DelayedOutput;
  #lastOccluded = new Map<ObjectId, number>();

  constructor(options: PlannerOptions) {
    const { constants, confirmationFrames } = options;
    this.#options = options;
    this.#hotstart = new Hotstart(constants, options.reverse);
    this.#confirmation = confirmationFrames === undefined ? null : new Confirmation(confirmationFrames);
    this.#output = new DelayedOutput(constants.hotstartDelay, Math.max(0, (confirmationFrames ?? 1) - 1));
  }

  /** Plans one frame; call in processing order, each frame once. */
  plan(frame: PlannerFrame): FramePlan {
    this.#adoptStrangers(frame);
    const association = this.#associate(frame);
    const { created, dropped } = this.#admit(frame, association);
    const newIds = created.map(({ id }) => id);
    const { removed, hidden } = this.#judge(frame, association, newIds);
    const recondition = this.#recondition(frame, association).filter(({ track }) => !removed.includes(track));
    const occlusionSuppressed = this.#suppress(frame, removed);
    const alive = frame.tracks.map(({ id }) => id).filter((id) => !this.#hotstart.removed.has(id));
    alive.push(...newIds);
    this.#confirm(frame, association, newIds, alive);
    const shown = this.#shown(frame, created, hidden, occlusionSuppressed);
    const unconfirmed = alive.filter((id) => this.#confirmation?.isConfirmed(id) === false);
    const settled = this.#output.push(
      { frameIndex: frame.frameIndex, visible: shown, unconfirmed },
      this.#hotstart.removed,
    );
    const visible = shown.filter((id) => !unconfirmed.includes(id));
    const provisional = this.#provisional(frame.frameIndex, alive);
    const decisions = { created, dropped, removed, hidden, occlusionSuppressed, recondition };
    return { frameIndex: frame.frameIndex, association, ...decisions, visible, provisional, alive, settled };
  }

  /** Ends the pass: the frames still held back. */
  finish(): readonly SettledFrame[] {
    return this.#output.flush(this.#hotstart.removed);
  }

  /**
   * The planner of the way back, which knows what this one has learned. `from`: the frame after this one's last, when objects that had
   * outlived their young days by then are not judged again; null: all are, by everything that was ever counted against them.
   */
  turned(from: number | null): Planner {
    const back = new Planner({ ...this.#options, reverse: !this.#options.reverse });
    back.restore({ ...this.snapshot(), buffer: [] });
    if (from !== null) for (const id of this.#hotstart.grownUp(from)) back.trust(id);
    return back;
  }

  /** A user corrected or accepted the object: it is confirmed, comes back if it was removed, and no rule removes it again. */
  trust(id: ObjectId): void {
    this.#hotstart.trust(id);
    this.#confirmation?.confirm(id);
  }

  /** A user deleted the object: it leaves frames still held back. Do not pass its track any more. */
  forget(id: ObjectId): void {
    this.#hotstart.forget(id);
    this.#lastOccluded.delete(id);
  }

  /** The whole state; independent of later frames. */
  snapshot(): PlannerSnapshot {
    return {
      version: 1,
      hotstart: this.#hotstart.snapshot(),
      confirmation: this.#confirmation?.snapshot() ?? null,
      lastOccluded: [...this.#lastOccluded],
      buffer: this.#output.snapshot(),
    };
  }

  /** Continues from a snapshot of a planner with the same options; throws `session-newer` for a later snapshot version. */
  restore(snapshot: PlannerSnapshot): void {
    if (snapshot.version !== 1) {
      const message =
        'This tracking state was written by a newer Masklet Studio; nothing was changed. Update, or track again.';
      throw new StudioError('session-newer', 'user', message, { details: { version: snapshot.version } });
    }
    this.#hotstart.restore(snapshot.hotstart);
    this.#confirmation?.restore(snapshot.confirmation ?? []);
    this.#lastOccluded = new Map(snapshot.lastOccluded);
    this.#output.restore(snapshot.buffer);
  }

  #adoptStrangers({ tracks, frameIndex }: PlannerFrame): void {
    for (const { id } of tracks) {
      if (this.#hotstart.knows(id)) continue;
      this.#hotstart.begin(id, frameIndex);
      this.trust(id);
    }
  }

  #associate({ detections, tracks }: PlannerFrame): Association {
    if (detections === null) return nothing;
    return associate(detections, tracks, { ...this.#options.constants, oneToOne: this.#options.oneToOne ?? false });
  }

  #admit(frame: PlannerFrame, association: Association): Pick<FramePlan, 'created' | 'dropped'> {
    const detections = frame.detections ?? [];
    const { boundaryMargin, constants, allocateId } = this.#options;
    const inside = association.newDetections.filter((index) => {
      const { box } = detections[index];
      return boundaryMargin === undefined || box === undefined || centreInsideMargin(box, boundaryMargin);
    });
    const scores = detections.map(({ score }) => score);
    const admitted = limitNewDetections(inside, scores, constants.maxObjects - frame.tracks.length);
    const created = admitted.map((detection) => ({ id: allocateId(), detection }));
    return { created, dropped: inside.length - admitted.length };
  }

  #judge(
    frame: PlannerFrame,
    association: Association,
    newIds: readonly ObjectId[],
  ): Pick<FramePlan, 'removed' | 'hidden'> {
    if (frame.detections === null) return { removed: [], hidden: [] };
    return this.#hotstart.step(frame.frameIndex, association, newIds);
  }

  #recondition(frame: PlannerFrame, association: Association): FramePlan['recondition'] {
    const logits = new Map(frame.tracks.map(({ id, objectScoreLogit }) => [id, objectScoreLogit]));
    const scoreOf = (id: ObjectId) => logits.get(id) ?? Number.NEGATIVE_INFINITY;
    const { reconditionEvery } = this.#options.constants;
    return pairsToRecondition(frame.frameIndex, reconditionEvery, association.highConfidence, scoreOf);
  }

  #suppress(frame: PlannerFrame, removed: readonly ObjectId[]): readonly ObjectId[] {
    const { suppressed, lastOccluded } = suppressOccluded({
      frameIndex: frame.frameIndex,
      reverse: this.#options.reverse,
      iouThreshold: this.#options.constants.occlusionIou,
      tracks: frame.tracks,
      lastOccluded: this.#lastOccluded,
      newlyRemoved: new Set(removed),
    });
    for (const id of removed) lastOccluded.delete(id);
    this.#lastOccluded = lastOccluded;
    return suppressed;
  }

  #confirm(
    frame: PlannerFrame,
    association: Association,
    newIds: readonly ObjectId[],
    alive: readonly ObjectId[],
  ): void {
    if (frame.detections === null) return;
    const matched = association.matched.flatMap(({ tracks }) => tracks);
    this.#confirmation?.step(alive, new Set([...matched, ...newIds]));
  }

  #shown(
    frame: PlannerFrame,
    created: FramePlan['created'],
    hidden: readonly ObjectId[],
    suppressed: readonly ObjectId[],
  ): readonly ObjectId[] {
    const absent = new Set([...hidden, ...suppressed, ...this.#hotstart.removed]);
    const old = frame.tracks.filter(({ id, mask }) => mask.area > 0 && !absent.has(id)).map(({ id }) => id);
    const fresh = created.filter(({ detection }) => (frame.detections?.[detection].mask.area ?? 0) > 0);
    return [...old, ...fresh.map(({ id }) => id)].sort((a, b) => a - b);
  }

  #provisional(frame: FrameIndex, alive: readonly ObjectId[]): readonly ObjectId[] {
    const next = this.#options.reverse ? frame - 1 : frame + 1;
    return alive.filter((id) => this.#hotstart.isYoung(id, next)).sort((a, b) => a - b);
  }
}
