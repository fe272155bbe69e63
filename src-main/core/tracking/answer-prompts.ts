import type { ObjectId } from '../../../src-shared/domain/ids.ts';
import type { RleMask } from '../../../src-shared/mask/rle.ts';
import { answerFrame, logitsFromStored } from './answer-frame.ts';
import { BoxMotion } from './box-motion.ts';
import type { Observation } from './memory-bank.ts';
import type { ObjectTrack, PendingAnswer } from './object-track.ts';
import type { AttendItem, ImageFeatures } from './ports.ts';
import { recall } from './recall.ts';
import { remember } from './remember.ts';
import { rulesFor, type TrackerState } from './tracker-state.ts';

/** Prompted frames whose features are held until propagation; older ones are turned into memory at once. */
const mostHeldFeatures = 2;
/** Detections' conditioning frames this near to a user's correction give way to it; SAM 3's default. */
const detectedFramesGiveWay = 16;

/**
 * Answers everything said about one object on one frame. Nothing enters memory yet: the user may click again. A frame never
 * tracked is decoded bare with the no-memory embedding; a tracked one with memory where the family does so; whatever mask the frame
 * already has goes in as the mask to correct: from memory, else `storedMask` (at video size) that the session kept.
 */
export async function answerPrompts(
  state: TrackerState,
  track: ObjectTrack,
  frameIndex: number,
  features: ImageFeatures,
  storedMask: RleMask | null = null,
): Promise<Observation> {
  const { model, video, prompts } = state;
  const { logits, memory, fromNothing } = correctionOf(state, track, frameIndex);
  return answerFrame(model, video, features, frameIndex, {
    said: prompts.at(track.objectId, frameIndex),
    previous: logits ?? logitsFromStored(model.spec, fromNothing ? null : storedMask),
    condition: memory === null ? null : () => model.attend(features, [memory]),
  });
}

/** What an object lends to a correction of one frame. */
export interface Correction {
  /** [L * L] of the mask that is corrected; null: forgotten, or never known. */
  readonly logits: Float32Array | null;
  /** What the object remembers there; null: the frame was never tracked, or the family corrects from the bare frame. */
  readonly memory: AttendItem | null;
  /** The mask that the session kept does not count either. */
  readonly fromNothing: boolean;
}

/** What a correction of an object on a frame begins from. */
export function correctionOf(state: TrackerState, track: ObjectTrack, frameIndex: number): Correction {
  const heading = track.visited(frameIndex);
  const remembers = heading !== null && state.settings.refineUsesMemory && track.bank.conditioning.size > 0;
  return {
    logits: track.knownLogits(frameIndex),
    memory: remembers ? recall(track.bank, frameIndex, heading, rulesFor(state, track)) : null,
    fromNothing: state.settings.forgetsCleared && track.cleared.has(frameIndex),
  };
}

/** Holds an answer until propagation; the oldest held features beyond a few become memory now, so that clicks cost bounded memory. */
export async function holdAnswer(
  state: TrackerState,
  track: ObjectTrack,
  observation: Observation,
  features: ImageFeatures,
): Promise<void> {
  track.pending.delete(observation.frameIndex);
  track.pending.set(observation.frameIndex, { observation, source: { kind: 'features', features } });
  const held = [...heldAnswers(state)];
  const frames = [...new Set(held.map(({ answer }) => answer.observation.frameIndex))];
  if (frames.length <= mostHeldFeatures) return;
  const oldest = frames.find((frame) => frame !== observation.frameIndex);
  for (const { owner, answer } of held) {
    if (answer.observation.frameIndex !== oldest || answer.source.kind !== 'features') continue;
    const [tokens] = await state.model.encodeMemory(answer.source.features, [memoryOf(answer.observation)]);
    owner.pending.set(oldest, { observation: answer.observation, source: { kind: 'tokens', tokens } });
  }
}

/**
 * Takes all held answers into memory, as propagation begins: binarised, one memory-encoder call per frame, conditioning unless
 * the policy keeps corrections of tracked frames ordinary. Returns the objects that changed.
 */
export async function commitAnswers(state: TrackerState): Promise<ReadonlySet<ObjectId>> {
  const changed = new Set<ObjectId>();
  const byFrame = Map.groupBy(pendingAnswers(state), ({ answer }) => answer.observation.frameIndex);
  for (const answers of byFrame.values()) {
    const withFeatures = answers.find(({ answer }) => answer.source.kind === 'features')?.answer.source;
    const features = withFeatures?.kind === 'features' ? withFeatures.features : null;
    await remember(
      state,
      features,
      answers.map(({ owner, answer }) => keepsakeOf(state, owner, answer)),
      null,
    );
    for (const { owner, answer } of answers) {
      const { frameIndex } = answer.observation;
      if (owner.conceptId !== null) owner.bank.clearDetectedAround(frameIndex, detectedFramesGiveWay);
      owner.pending.delete(frameIndex);
      changed.add(owner.objectId);
    }
  }
  return changed;
}

function keepsakeOf(state: TrackerState, track: ObjectTrack, { observation, source }: PendingAnswer) {
  const corrects = track.visited(observation.frameIndex) !== null;
  const wasConditioning = track.bank.conditioning.has(observation.frameIndex);
  const motion = new BoxMotion();
  motion.observe(observation.logits, state.model.spec.lowres);
  return {
    track,
    observation,
    ...(source.kind === 'tokens' ? { memory: null, tokens: source.tokens } : { memory: memoryOf(observation) }),
    conditioning: state.settings.refineAsCond || !corrects || wasConditioning,
    fromUser: true,
    motion,
  };
}

function memoryOf({ logits, scoreLogit }: Observation) {
  return { logits, binarize: true, objectScoreLogit: scoreLogit };
}

function* pendingAnswers(state: TrackerState): Generator<{ owner: ObjectTrack; answer: PendingAnswer }> {
  for (const owner of state.objects.values()) for (const answer of owner.pending.values()) yield { owner, answer };
}

function* heldAnswers(state: TrackerState): Generator<{ owner: ObjectTrack; answer: PendingAnswer }> {
  for (const pair of pendingAnswers(state)) if (pair.answer.source.kind === 'features') yield pair;
}
