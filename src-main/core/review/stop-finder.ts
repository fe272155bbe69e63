import type { FrameIndex, ObjectId } from '../../../src-shared/domain/ids.ts';
import type { ReviewStop, StopReason } from '../../../src-shared/domain/review.ts';
import { type Doubt, returnDoubt, scoreDoubts, stepDoubts } from './doubt.ts';
import { Encounters } from './encounters.ts';
import { likeness, type SeenMask } from './seen-mask.ts';

/** Doubts this close together are one stop: a person looks once. */
const ONE_STOP_FRAMES = 8;
/** An object that begins this long after another was lost is not compared with it. */
const LONGEST_GAP = 750;
const ALIKE = 0.35;
/** Weight of a new frame in what is usual. */
const LEARNING = 0.1;

interface Track {
  previous: SeenMask;
  lastPresent: SeenMask | null;
  /** Pixels a frame. */
  velocity: { readonly x: number; readonly y: number };
  usualConfidence: number | null;
  usualStep: number | null;
  open: OpenStop | null;
}

interface OpenStop {
  readonly first: FrameIndex;
  last: FrameIndex;
  worst: SeenMask;
  worstSeverity: number;
  readonly doubts: Map<string, Doubt>;
  presence: number | null;
  newestRun: number;
}

/**
 * Finds the stretches that deserve a look while frames pass by once, ascending. Memory is a few numbers an object, however long the
 * video is.
 */
export class StopFinder {
  readonly #tracks = new Map<ObjectId, Track>();
  readonly #encounters = new Encounters();
  #earlier: ReadonlyMap<ObjectId, SeenMask> = new Map();
  #lastFrame = -2;

  /** The masks of one frame; returns the stops that are complete by now. */
  frame(frameIndex: FrameIndex, masks: readonly SeenMask[]): ReviewStop[] {
    const now = new Map(masks.map((mask) => [mask.objectId, mask]));
    const earlier = this.#lastFrame === frameIndex - 1 ? this.#earlier : new Map<ObjectId, SeenMask>();
    const swaps = this.#encounters.frame(frameIndex, now, earlier, (id) => this.#tracks.get(id)?.velocity ?? STILL);
    const explained = new Set(swaps.flatMap(({ atOnce, objectId, otherId }) => (atOnce ? [objectId, otherId] : [])));
    for (const mask of masks) this.#see(mask, explained.has(mask.objectId));
    for (const { objectId, otherId, mask, severity } of swaps) {
      this.#note(objectId, mask, [{ reason: { kind: 'swap', otherId }, severity }]);
    }
    this.#earlier = now;
    this.#lastFrame = frameIndex;
    return this.#closeBefore(frameIndex - ONE_STOP_FRAMES);
  }

  /** The stops that were still open at the end. */
  finish(): ReviewStop[] {
    return this.#closeBefore(Number.POSITIVE_INFINITY);
  }

  #see(mask: SeenMask, stepExplained: boolean): void {
    const known = this.#tracks.get(mask.objectId);
    if (known === undefined) {
      this.#begin(mask);
      return;
    }
    const { previous, lastPresent } = known;
    const usual = { confidence: known.usualConfidence, stepIou: known.usualStep };
    const follows = previous.frameIndex === mask.frameIndex - 1;
    const returns = mask.area > 0 && lastPresent !== null && previous.area === 0;
    this.#note(mask.objectId, mask, [
      ...scoreDoubts(mask, usual),
      ...(follows && !stepExplained ? stepDoubts(mask, previous, usual) : []),
      ...(returns && !mask.byPerson ? [returnDoubt(mask, lastPresent)] : []),
      ...(mask.area > 0 && lastPresent === null ? this.#lookalikes(mask) : []),
    ]);
    learn(known, mask, follows);
  }

  #begin(mask: SeenMask): void {
    const track: Track = {
      previous: mask,
      lastPresent: mask.area > 0 ? mask : null,
      velocity: STILL,
      usualConfidence: mask.byPerson ? null : mask.confidence,
      usualStep: null,
      open: null,
    };
    const others = mask.area > 0 ? this.#lookalikes(mask) : [];
    this.#tracks.set(mask.objectId, track);
    this.#note(mask.objectId, mask, [...scoreDoubts(mask, { confidence: null, stepIou: null }), ...others]);
  }

  /** The object that was lost before where this one begins, if there is one. */
  #lookalikes(mask: SeenMask): Doubt[] {
    let best: Doubt[] = [];
    let most = ALIKE;
    for (const [otherId, { previous, lastPresent }] of this.#tracks) {
      if (otherId === mask.objectId || lastPresent === null || previous.area > 0) continue;
      const absentFrames = mask.frameIndex - lastPresent.frameIndex - 1;
      if (absentFrames > LONGEST_GAP) continue;
      const alike = likeness(mask, lastPresent);
      if (alike < most) continue;
      most = alike;
      best = [{ reason: { kind: 'resembles', otherId, absentFrames, likeness: alike }, severity: 0.4 + 0.3 * alike }];
    }
    return best;
  }

  #note(objectId: ObjectId, mask: SeenMask, doubts: readonly Doubt[]): void {
    const track = this.#tracks.get(objectId);
    if (track === undefined || doubts.length === 0) return;
    track.open ??= {
      first: mask.frameIndex,
      last: mask.frameIndex,
      worst: mask,
      worstSeverity: -1,
      doubts: new Map(),
      presence: null,
      newestRun: 0,
    };
    const { open } = track;
    open.last = mask.frameIndex > open.last ? mask.frameIndex : open.last;
    open.newestRun = Math.max(open.newestRun, mask.run);
    if (mask.presence !== null) open.presence = Math.min(open.presence ?? 1, mask.presence);
    for (const doubt of doubts) {
      const key = reasonKey(doubt.reason);
      if (doubt.severity > (open.doubts.get(key)?.severity ?? -1)) open.doubts.set(key, doubt);
      if (doubt.severity <= open.worstSeverity) continue;
      open.worstSeverity = doubt.severity;
      open.worst = mask;
    }
  }

  #closeBefore(frameIndex: number): ReviewStop[] {
    const closed: ReviewStop[] = [];
    for (const [objectId, track] of this.#tracks) {
      if (track.open === null || track.open.last >= frameIndex) continue;
      closed.push(stopOf(objectId, track.open));
      track.open = null;
    }
    return closed;
  }
}

const STILL = { x: 0, y: 0 } as const;

function learn(track: Track, mask: SeenMask, follows: boolean): void {
  const before = track.previous;
  if (mask.area > 0 && !mask.byPerson) {
    track.usualConfidence = mixed(track.usualConfidence, mask.confidence);
    track.usualStep = mixed(track.usualStep, mask.stepIou);
  }
  if (follows && mask.box !== null && before.box !== null) {
    track.velocity = {
      x: mixed(track.velocity.x, mask.box.x - before.box.x, 0.4) ?? 0,
      y: mixed(track.velocity.y, mask.box.y - before.box.y, 0.4) ?? 0,
    };
  }
  if (mask.area > 0) track.lastPresent = mask;
  track.previous = mask;
}

function mixed(usual: number | null, value: number | null, weight = LEARNING): number | null {
  if (value === null) return usual;
  return usual === null ? value : usual + weight * (value - usual);
}

function reasonKey(reason: StopReason): string {
  return 'otherId' in reason ? `${reason.kind}:${reason.otherId}` : reason.kind;
}

function stopOf(objectId: ObjectId, open: OpenStop): ReviewStop {
  const doubts = [...open.doubts.values()].sort((a, b) => b.severity - a.severity);
  const { worst } = open;
  return {
    objectId,
    first: open.first,
    last: open.last,
    frameIndex: worst.frameIndex,
    // Several reasons weigh more than one.
    severity: Math.min(1, open.worstSeverity + 0.05 * (doubts.length - 1)),
    reasons: doubts.map(({ reason }) => reason),
    area: worst.area === 0 ? null : worst.area,
    confidence: worst.confidence,
    visible: worst.visible,
    iou: worst.stepIou,
    presence: open.presence,
    newestRun: open.newestRun,
  };
}
