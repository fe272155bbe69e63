import type { BoxMotion } from './box-motion.ts';
import type { ConceptFrame, MemberMask } from './concept-track.ts';
import type { Verdict } from './guards.ts';
import { givenMaskLogit } from './mask-resize.ts';
import type { Observation } from './memory-bank.ts';
import { ObjectTrack } from './object-track.ts';
import { memoryScoreLogit } from './planner/index.ts';
import type { PackGuards } from './ports.ts';
import type { Keepsake } from './remember.ts';
import type { TrackerState } from './tracker-state.ts';

/** An object that takes part on a frame, with what was seen of it. */
export interface Seen {
  readonly track: ObjectTrack;
  readonly observation: Observation;
  /** false: the frame conditions the object, and its mask stands as it is. */
  readonly followed: boolean;
  readonly motion: BoxMotion | undefined;
  /** It was absent and looked for in another light. */
  readonly sought?: boolean;
}

export interface Judged extends Seen {
  readonly verdict: Verdict;
}

/** Answers to masks that detections gave, by the mask. */
export type GivenAnswers = ReadonlyMap<Float32Array, Observation>;

/** What an object of a user takes into memory: the mask as it was seen, when it is trusted; that it was gone, for packs that want to know. */
export function freeKeepsake(
  { track, observation, motion, verdict }: Judged,
  absences: PackGuards['absences'] | undefined,
): Keepsake {
  const rest = { track, conditioning: false, fromUser: false, motion };
  const { logits, scoreLogit } = observation;
  if (verdict === 'lost' && absences === 'remembered') {
    const memory = {
      logits: new Float32Array(logits.length).fill(-givenMaskLogit),
      binarize: false,
      objectScoreLogit: -givenMaskLogit,
    };
    return { ...rest, observation: { ...observation, area: 0, scoreLogit: -givenMaskLogit }, memory };
  }
  const memory = verdict === 'trusted' ? { logits, binarize: false, objectScoreLogit: scoreLogit } : null;
  return { ...rest, observation, memory };
}

/**
 * What a concept's objects take into memory: the members' masks after suppression, refreshed ones as the recondition mode says, and
 * the first memory of new objects (which this creates) from their detection.
 */
export function conceptKeepsakes(
  state: TrackerState,
  concept: ConceptFrame,
  seen: readonly Seen[],
  given: GivenAnswers,
): readonly Keepsake[] {
  const removed = new Set(concept.plan.removed);
  const followed = new Map(seen.filter((each) => each.followed).map((each) => [each.track, each]));
  const refreshed = new Map(concept.refreshed.map(({ track, promptMask }) => [track, promptMask]));
  const kept = concept.members.flatMap((member) => {
    const origin = followed.get(member.track);
    if (origin === undefined || removed.has(member.track.objectId)) return [];
    const mask = refreshed.get(member.track);
    const keepsake = memberKeepsake(member, origin.motion);
    return [mask === undefined ? keepsake : refreshedKeepsake(state, keepsake, given.get(mask))];
  });
  const begun = concept.created.map(({ id, detection, promptMask }): Keepsake => {
    const track = new ObjectTrack(id, concept.conceptId, state.video.frameCount);
    track.origin = { frameIndex: concept.plan.frameIndex, score: detection.score };
    state.objects.set(id, track);
    const observation = given.get(promptMask)!;
    return { track, observation, memory: binarised(observation), conditioning: true, fromUser: false };
  });
  return [...kept, ...begun];
}

function memberKeepsake({ track, observation, remembered }: MemberMask, motion: BoxMotion | undefined): Keepsake {
  const memory =
    remembered === null
      ? null
      : { logits: remembered, binarize: false, objectScoreLogit: memoryScoreLogit(remembered) };
  return { track, observation, memory, conditioning: false, fromUser: false, motion };
}

/**
 * `det`: memory and pointer from the detection's mask. `reference`: only the pointer, the spatial memory stays the tracker's (a quirk of
 * the released code). `track`: the tracker's own memory, promoted to conditioning.
 */
function refreshedKeepsake(state: TrackerState, tracked: Keepsake, answer: Observation | undefined): Keepsake {
  const conditioning = { ...tracked, conditioning: true };
  if (answer === undefined) return conditioning;
  const observation = { ...tracked.observation, pointer: answer.pointer };
  if (state.settings.reconditionMode === 'reference') return { ...conditioning, observation };
  return { ...conditioning, observation, memory: binarised(answer) };
}

function binarised({ logits, scoreLogit }: Observation) {
  return { logits, binarize: true, objectScoreLogit: scoreLogit };
}
