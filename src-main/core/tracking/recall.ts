import type { Heading, MemoryBank, MemoryEntry } from './memory-bank.ts';
import type { AttendItem, MemorySlot, PointerSlot, TrackerConstants } from './ports.ts';
import type { MemoryRule } from './track-settings.ts';

export interface RecallRules {
  readonly constants: TrackerConstants;
  /** Frames in the video. */
  readonly frameCount: number;
  /** -1: all conditioning frames. */
  readonly maxConditioning: number;
  readonly rule: MemoryRule;
}

/** What a frame recalls, and from which frames. */
export interface Recall extends AttendItem {
  /** Frames whose tokens are in `memories`. */
  readonly remembered: ReadonlySet<number>;
  /** Every frame that was used or could be by the next frame: what must not be forgotten yet. */
  readonly frames: ReadonlySet<number>;
}

/** A past frame and how recent it counts: 1 = the most recent. */
interface PastFrame {
  readonly frameIndex: number;
  readonly rank: number;
}

/**
 * Selects from one object's bank what frame `t` may remember: all (or the nearest) conditioning frames, the `numMaskmem - 1` most recent
 * tracked frames, and the object pointers of both. Offsets count along `heading`. Entries of an earlier pass in the other direction
 * take part like any other. Source: SAM 2 `_prepare_memory_conditioned_features`, SAM 3 `frame_filter`; sam-pipeline 3.4.
 */
export function recall(bank: MemoryBank, t: number, heading: Heading, rules: RecallRules): Recall {
  const { constants } = rules;
  const selected = closestConditioning(bank, t, rules.maxConditioning);
  // An unselected conditioning frame counts as an ordinary past frame.
  const ordinary = (frame: number) =>
    bank.tracked.get(frame) ?? (selected.has(frame) ? undefined : bank.conditioning.get(frame));
  const past = pastFrames(bank, t, heading, rules);

  const memories: MemorySlot[] = [];
  const pointers: PointerSlot[] = [];
  const frames = new Set(past.reach);
  const remembered = new Set<number>();
  const longest = Math.max(1, pointerWindow(rules) - 1);
  const addPointer = ({ frameIndex, pointer }: MemoryEntry, offset: number) => {
    pointers.push({ pointer, temporalPosition: offset / longest });
    frames.add(frameIndex);
  };

  for (const entry of selected.values()) {
    if (entry.tokens !== null) {
      memories.push(asConditioning(entry.tokens, constants));
      remembered.add(entry.frameIndex);
    }
    frames.add(entry.frameIndex);
    const offset = (t - entry.frameIndex) * heading;
    if (offset >= 0) addPointer(entry, offset);
  }
  for (const { frameIndex, rank } of past.memories) {
    const entry = ordinary(frameIndex);
    // No length: a snapshot kept only the pointer, because no coming frame could ask for more.
    if (entry === undefined || entry.tokens === null || entry.tokens.length === 0) continue;
    memories.push({ tokens: entry.tokens, temporalIndex: rank - 1 });
    remembered.add(frameIndex);
    frames.add(frameIndex);
  }
  for (const { frameIndex, rank } of past.pointers) {
    const entry = ordinary(frameIndex);
    if (entry !== undefined && entry.tokens !== null) addPointer(entry, rank);
  }
  return { memories, pointers, frames, remembered };
}

/** What is sure of an object: its conditioning frames, and as one more of them the one on which it was last surely seen. */
export function recallSure(
  bank: MemoryBank,
  sure: number,
  t: number,
  heading: Heading,
  rules: RecallRules,
): AttendItem {
  const { constants } = rules;
  const longest = Math.max(1, pointerWindow(rules) - 1);
  const given = [...closestConditioning(bank, t, rules.maxConditioning).values()];
  const known = [...given, bank.tracked.get(sure)].flatMap((entry) => entry?.tokens ?? []);
  const past = given.filter(({ frameIndex }) => (t - frameIndex) * heading >= 0);
  return {
    memories: known.filter(({ length }) => length > 0).map((tokens) => asConditioning(tokens, constants)),
    pointers: past.map(({ pointer, frameIndex }) => ({
      pointer,
      temporalPosition: ((t - frameIndex) * heading) / longest,
    })),
  };
}

function asConditioning(tokens: Float32Array<ArrayBuffer>, { numMaskmem }: TrackerConstants): MemorySlot {
  return { tokens, temporalIndex: numMaskmem - 1 };
}

/** Frames spanned by object pointers, the current one included. */
export function pointerWindow({ constants, frameCount }: RecallRules): number {
  return Math.min(frameCount, constants.maxPtrs);
}

/**
 * The conditioning frames that attention sees: the closest before `t`, the closest at or after it, then the nearest, up to `most`
 * (-1: all). Ties go to the frame stored first. Source: SAM 2 `select_closest_cond_frames`.
 */
export function closestConditioning(bank: MemoryBank, t: number, most: number): ReadonlyMap<number, MemoryEntry> {
  const all = bank.conditioning;
  if (most < 0 || all.size <= most) return all;
  const frames = [...all.keys()];
  const before = Math.max(...frames.filter((frame) => frame < t));
  const after = Math.min(...frames.filter((frame) => frame >= t));
  const chosen = [before, after].filter((frame) => Number.isFinite(frame));
  const nearest = frames.filter((frame) => !chosen.includes(frame)).sort((a, b) => Math.abs(a - t) - Math.abs(b - t));
  return new Map([...chosen, ...nearest].slice(0, most).map((frame) => [frame, all.get(frame)!]));
}

/** Past frames that lend memory and pointers, most recent first. */
function pastFrames(
  bank: MemoryBank,
  t: number,
  heading: Heading,
  rules: RecallRules,
): {
  readonly memories: readonly PastFrame[];
  readonly pointers: readonly PastFrame[];
  readonly reach: readonly number[];
} {
  const depth = rules.constants.numMaskmem - 1;
  const window = pointerWindow(rules);
  const byDistance = neighbours(t, heading, Math.max(depth, window - 1), rules.frameCount);
  const standard = { memories: byDistance.slice(0, depth), pointers: byDistance.slice(0, window - 1) };
  const near = byDistance.map(({ frameIndex }) => frameIndex);
  if (rules.rule.kind === 'standard') return { ...standard, reach: near };
  const eligible = eligibleFrames(bank, t, heading, rules);
  const reach = rules.rule.kind === 'kalman' ? [...near, ...eligible] : eligible;
  const chosen = eligible.map((frameIndex, index) => ({ frameIndex, rank: index + 1 }));
  const memories = chosen.slice(0, depth);
  // SAMURAI leaves pointers alone; SAM 3 ranks them too and never uses the oldest candidate.
  if (rules.rule.kind === 'kalman') return { memories, pointers: standard.pointers, reach };
  return { memories, pointers: chosen.slice(0, -1).slice(0, window - 1), reach };
}

function neighbours(t: number, heading: Heading, depth: number, frameCount: number): PastFrame[] {
  const frames: PastFrame[] = [];
  for (let rank = 1; rank <= depth; rank++) {
    const frameIndex = t - heading * rank;
    if (frameIndex < 0 || frameIndex >= frameCount) break;
    frames.push({ frameIndex, rank });
  }
  return frames;
}

/**
 * Tracked frames that a selective rule accepts, most recent first, at most `maxPtrs - 1`; the direct neighbour always takes part.
 * The walk forward stops before frame 0, as in the reference.
 */
function eligibleFrames(bank: MemoryBank, t: number, heading: Heading, rules: RecallRules): number[] {
  const most = pointerWindow(rules) - 1;
  const neighbour = t - heading;
  if (neighbour < 0 || neighbour >= rules.frameCount) return [];
  const past = [...bank.tracked.values()]
    .filter(({ frameIndex }) => (t - frameIndex) * heading > 0 && (heading < 0 || frameIndex > 0))
    .filter((entry) => isEligible(entry, rules.rule))
    .map(({ frameIndex }) => frameIndex)
    .sort((a, b) => (b - a) * heading)
    .slice(0, most);
  return past.includes(neighbour) ? past : [neighbour, ...past];
}

/** Whether a rule accepts a tracked frame as memory. */
export function isEligible(entry: MemoryEntry, rule: MemoryRule): boolean {
  if (entry.tokens === null) return false;
  switch (rule.kind) {
    case 'standard':
      return true;
    case 'selective':
      return entry.memScore > rule.scoreAbove;
    case 'visible':
      return entry.scoreLogit > 0 && entry.iou > rule.iouAbove;
    case 'kalman':
      return entry.scoreLogit > 0 && entry.iou > rule.iouAbove && (entry.motionScore === null || entry.motionScore > 0);
  }
}
