import type { BoxMotion } from './box-motion.ts';
import type { Heading, Observation } from './memory-bank.ts';
import type { ObjectTrack } from './object-track.ts';
import type { ImageFeatures, MemoryItem } from './ports.ts';
import { isEligible, pointerWindow, type RecallRules, recall } from './recall.ts';
import { rulesFor, type TrackerState } from './tracker-state.ts';

/** One object's share of a finished frame. */
export interface Keepsake {
  readonly track: ObjectTrack;
  readonly observation: Observation;
  /** What the memory encoder is shown; null: the frame is known but not remembered. */
  readonly memory: MemoryItem | null;
  /** Memory already made of it. */
  readonly tokens?: Float32Array<ArrayBuffer>;
  readonly conditioning: boolean;
  readonly fromUser: boolean;
  /** The motion model after this frame; absent: not used. */
  readonly motion?: BoxMotion | undefined;
}

/** How a pass that goes over a frame leaves it; null outside a pass. */
export interface Passage {
  readonly heading: Heading;
  /** It is the way back. After another, this run or a later one may go the other way and look back over its beginning. */
  readonly secondHalf: boolean;
}

/**
 * Takes a frame into the objects' memories: one memory-encoder call for all of them, then the banks. Nothing is stored when the call
 * fails, so a frame is remembered whole or not at all.
 */
export async function remember(
  state: TrackerState,
  features: ImageFeatures | null,
  keepsakes: readonly Keepsake[],
  passage: Passage | null,
): Promise<void> {
  const shown = keepsakes.filter(({ memory }) => memory !== null);
  const items = shown.map(({ memory }) => memory!);
  const made = items.length === 0 || features === null ? [] : await state.model.encodeMemory(features, items);
  const tokensOf = new Map(shown.map((keepsake, index) => [keepsake, made[index]]));
  for (const keepsake of keepsakes) {
    store(state, keepsake, tokensOf.get(keepsake) ?? keepsake.tokens ?? null);
    if (passage !== null) passOver(state, keepsake.track, keepsake.observation.frameIndex, passage);
  }
}

/** Notes that a pass went over the frame and forgets what no coming frame can recall. */
export function passOver(state: TrackerState, track: ObjectTrack, frameIndex: number, passage: Passage): void {
  track.visit(frameIndex, passage.heading);
  track.reached = { frameIndex, heading: passage.heading };
  const rules = rulesFor(state, track);
  if (!passage.secondHalf && wantsAnchor(track, rules)) track.anchors.add(frameIndex);
  const next = recall(track.bank, frameIndex + passage.heading, passage.heading, rules);
  const needed = new Set([...next.frames, ...track.anchors, ...pinned(track)]);
  track.bank.prune(needed, state.settings.spareFrames);
  track.bank.pruneDetected(needed, state.settings.spareFrames);
}

/** The frame that a second look would recall. */
export function pinned({ lastSure }: ObjectTrack): readonly number[] {
  return lastSure === null ? [] : [lastSure.frameIndex];
}

/** The way back recalls as many accepted frames as pointers reach; doubtful ones between them are bounded too. */
function wantsAnchor({ bank, anchors }: ObjectTrack, rules: RecallRules): boolean {
  const enough = pointerWindow(rules);
  if (anchors.size >= 2 * enough) return false;
  const accepted = [...anchors].filter((frame) => {
    const entry = bank.tracked.get(frame);
    return entry !== undefined && isEligible(entry, rules.rule);
  });
  return accepted.length < enough;
}

function store(state: TrackerState, keepsake: Keepsake, tokens: Float32Array<ArrayBuffer> | null): void {
  const { track, observation, conditioning, fromUser, motion } = keepsake;
  const entry = { ...observation, tokens, fromUser };
  if (fromUser && state.settings.clearAround) track.clearAround(observation.frameIndex, state.constants.numMaskmem);
  track.cleared.delete(observation.frameIndex);
  if (conditioning) track.bank.condition(entry);
  else track.bank.follow(entry);
  if (motion !== undefined) track.motion = motion;
}
