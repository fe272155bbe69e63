import type { ObjectId } from '../../../../src-shared/domain/ids.ts';
import type { DetectorConstants } from '../ports.ts';
import type { Association } from './associate.ts';

export type HotstartConstants = Pick<
  DetectorConstants,
  | 'hotstartDelay'
  | 'hotstartUnmatchThresh'
  | 'hotstartDupThresh'
  | 'suppressUnmatchedOnlyWithinHotstart'
  | 'initKeepAlive'
  | 'maxKeepAlive'
  | 'minKeepAlive'
  | 'decreaseKeepAliveForEmpty'
>;

/** Plain data, safe for JSON. Pairs are [id, value]; entries of removed ids stay, as in the reference. */
export interface HotstartState {
  readonly firstFrame: readonly (readonly [ObjectId, number])[];
  readonly keepAlive: readonly (readonly [ObjectId, number])[];
  readonly unmatchedCount: readonly (readonly [ObjectId, number])[];
  readonly overlapPairs: readonly { readonly keeper: ObjectId; readonly other: ObjectId; readonly count: number }[];
  readonly removed: readonly ObjectId[];
  readonly trusted: readonly ObjectId[];
}

/**
 * Decides which young tracks were mistakes. A track is young for `hotstartDelay` frames from its first one; while young it is
 * removed for good when detections miss it too often (the frames need not be consecutive) or when it keeps doubling an older track.
 * Source: SAM 3 `_process_hotstart`; `trust` is ours.
 */
export class Hotstart {
  readonly #constants: HotstartConstants;
  readonly #reverse: boolean;
  readonly #firstFrame = new Map<ObjectId, number>();
  readonly #keepAlive = new Map<ObjectId, number>();
  readonly #unmatchedCount = new Map<ObjectId, number>();
  readonly #overlapPairs = new Map<string, { keeper: ObjectId; other: ObjectId; count: number }>();
  readonly #removed = new Set<ObjectId>();
  readonly #trusted = new Set<ObjectId>();

  constructor(constants: HotstartConstants, reverse: boolean) {
    this.#constants = constants;
    this.#reverse = reverse;
  }

  /** Ids removed so far, by this rule or by `forget`. */
  get removed(): ReadonlySet<ObjectId> {
    return this.#removed;
  }

  /** One frame, in processing order. `removed` is ascending; `hidden` ids are not shown on this frame only. */
  step(
    frameIndex: number,
    association: Pick<Association, 'matched' | 'unmatchedTracks' | 'emptyTracks'>,
    newIds: readonly ObjectId[],
  ): { readonly removed: readonly ObjectId[]; readonly hidden: readonly ObjectId[] } {
    for (const id of newIds) this.begin(id, frameIndex);
    this.#countMatches(association);
    const before = new Set(this.#removed);
    const hidden = this.#judgeUnmatched(frameIndex);
    this.#judgeDuplicates(frameIndex, association.matched);
    const removed = [...this.#removed].filter((id) => !before.has(id)).sort((a, b) => a - b);
    return { removed, hidden };
  }

  /** True for every id that ever began here. */
  knows(id: ObjectId): boolean {
    return this.#firstFrame.has(id);
  }

  /** Starts the clock of an id that enters on `frameIndex`. */
  begin(id: ObjectId, frameIndex: number): void {
    this.#firstFrame.set(id, frameIndex);
    this.#keepAlive.set(id, this.#constants.initKeepAlive);
  }

  /** True when a frame at or after `frameIndex` (in processing order) may still remove the id. */
  isYoung(id: ObjectId, frameIndex: number): boolean {
    const first = this.#firstFrame.get(id);
    if (first === undefined || this.#trusted.has(id)) return false;
    const delay = this.#constants.hotstartDelay;
    return this.#reverse ? first < frameIndex + delay : first > frameIndex - delay;
  }

  /** Ids that no frame at or after `frameIndex` (in processing order) can remove, and that live. */
  grownUp(frameIndex: number): readonly ObjectId[] {
    return [...this.#firstFrame.keys()].filter((id) => !this.#removed.has(id) && !this.isYoung(id, frameIndex));
  }

  /** A user vouches for the id (a click on it, say): a removal is taken back and it is never removed by this rule again. */
  trust(id: ObjectId): void {
    this.#trusted.add(id);
    this.#removed.delete(id);
  }

  /** A user removed the id: it counts as removed from now on. */
  forget(id: ObjectId): void {
    this.#trusted.delete(id);
    this.#removed.add(id);
  }

  snapshot(): HotstartState {
    return {
      firstFrame: [...this.#firstFrame],
      keepAlive: [...this.#keepAlive],
      unmatchedCount: [...this.#unmatchedCount],
      overlapPairs: [...this.#overlapPairs.values()].map((pair) => ({ ...pair })),
      removed: [...this.#removed],
      trusted: [...this.#trusted],
    };
  }

  restore(state: HotstartState): void {
    for (const table of [this.#firstFrame, this.#keepAlive, this.#unmatchedCount, this.#overlapPairs]) table.clear();
    for (const [id, value] of state.firstFrame) this.#firstFrame.set(id, value);
    for (const [id, value] of state.keepAlive) this.#keepAlive.set(id, value);
    for (const [id, value] of state.unmatchedCount) this.#unmatchedCount.set(id, value);
    for (const pair of state.overlapPairs) this.#overlapPairs.set(pairKey(pair.keeper, pair.other), { ...pair });
    this.#removed.clear();
    this.#trusted.clear();
    for (const id of state.removed) this.#removed.add(id);
    for (const id of state.trusted) this.#trusted.add(id);
  }

  #countMatches({ matched, unmatchedTracks, emptyTracks }: Parameters<Hotstart['step']>[1]): void {
    const { maxKeepAlive, minKeepAlive, decreaseKeepAliveForEmpty } = this.#constants;
    const keep = this.#keepAlive;
    // Raised before lowered: a track may be matched weakly and unmatched at once, and then the clamp matters.
    for (const id of new Set(matched.flatMap(({ tracks }) => tracks))) {
      keep.set(id, Math.min(maxKeepAlive, (keep.get(id) ?? 0) + 1));
    }
    for (const id of unmatchedTracks) {
      this.#unmatchedCount.set(id, (this.#unmatchedCount.get(id) ?? 0) + 1);
      keep.set(id, Math.max(minKeepAlive, (keep.get(id) ?? 0) - 1));
    }
    if (!decreaseKeepAliveForEmpty) return;
    for (const id of emptyTracks) keep.set(id, Math.max(minKeepAlive, (keep.get(id) ?? 0) - 1));
  }

  #judgeUnmatched(frameIndex: number): readonly ObjectId[] {
    const { hotstartUnmatchThresh, suppressUnmatchedOnlyWithinHotstart } = this.#constants;
    const hidden: ObjectId[] = [];
    for (const [id, count] of this.#unmatchedCount) {
      if (this.#removed.has(id)) continue;
      if (count >= hotstartUnmatchThresh && this.isYoung(id, frameIndex)) this.#removed.add(id);
      else if (!suppressUnmatchedOnlyWithinHotstart && (this.#keepAlive.get(id) ?? 0) <= 0) hidden.push(id);
    }
    return hidden;
  }

  #judgeDuplicates(frameIndex: number, matched: Association['matched']): void {
    for (const { tracks } of matched) {
      if (tracks.length < 2) continue;
      const keeper = tracks.reduce((oldest, id) => (this.#isOlder(id, oldest) ? id : oldest));
      for (const other of tracks) if (other !== keeper) this.#countOverlap(keeper, other);
    }
    for (const { other, count } of this.#overlapPairs.values()) {
      if (count >= this.#constants.hotstartDupThresh && this.isYoung(other, frameIndex)) this.#removed.add(other);
    }
  }

  #isOlder(id: ObjectId, than: ObjectId): boolean {
    const mine = this.#firstFrame.get(id) ?? 0;
    const theirs = this.#firstFrame.get(than) ?? 0;
    return this.#reverse ? mine > theirs : mine < theirs;
  }

  #countOverlap(keeper: ObjectId, other: ObjectId): void {
    const pair = this.#overlapPairs.get(pairKey(keeper, other));
    if (pair === undefined) this.#overlapPairs.set(pairKey(keeper, other), { keeper, other, count: 1 });
    else pair.count++;
  }
}

function pairKey(keeper: ObjectId, other: ObjectId): string {
  return `${keeper}>${other}`;
}
