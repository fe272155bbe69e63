import { StudioError, throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import { maskBox, type RleMask } from '../../../src-shared/mask/rle.ts';
import { type ClearMotScore, scoreClearMot } from './clear-mot.ts';
import type { CocoBox } from './coco-rle.ts';
import { type HotaScore, scoreHota } from './hota.ts';
import { type IdentityScore, scoreIdentity } from './identity.ts';
import { type FrameMasks, type SequenceScore, SequenceScorer } from './sequence-jf.ts';
import { type BoxSequence, type MaskSequence, pairFrames } from './sources/mask-sequence.ts';
import { type TrackingFrame, trackingFramesFromBoxes, trackingFramesFromMasks } from './tracking-frame.ts';

export interface VideoScoreOptions {
  /** DAVIS and SA-V: the first frame is given and the last is skipped. Concerns J and F alone. */
  readonly skipFirstAndLast: boolean;
  readonly signal: AbortSignal;
  onFrame(): void;
}

/** Everything that is said about one video; fractions 0..1. */
export interface VideoScore {
  readonly name: string;
  readonly frameCount: number;
  /** Null for boxes, and where equal ids on both sides mean nothing. */
  readonly jf: SequenceScore | null;
  /** Names of the frames that J and F were taken on, in order. */
  readonly jfFrames: readonly string[];
  readonly hota: HotaScore;
  readonly identity: IdentityScore;
  readonly clear: ClearMotScore;
  readonly objectCount: { readonly truth: number; readonly prediction: number };
}

/**
 * Scores one video frame by frame: one frame of masks is in memory at a time. Frames of the ground truth that the prediction does
 * not have are refused (`usage`), so that a forgotten frame never passes for an empty one.
 */
export async function scoreVideo(
  truth: MaskSequence | BoxSequence,
  prediction: MaskSequence | BoxSequence,
  options: VideoScoreOptions,
): Promise<VideoScore> {
  const pairs = completePairs(truth, prediction);
  const collected =
    truth.kind === 'masks' && prediction.kind === 'masks'
      ? await collectMasks(truth, prediction, pairs, options)
      : await collectBoxes(truth, prediction, pairs, options);
  const { frames } = collected;
  return {
    name: truth.name,
    frameCount: truth.frames.length,
    jf: collected.jf,
    jfFrames: collected.jfFrames,
    hota: scoreHota(frames),
    identity: scoreIdentity(frames),
    clear: scoreClearMot(frames),
    objectCount: {
      truth: new Set(frames.flatMap(({ truthIds }) => truthIds)).size,
      prediction: new Set(frames.flatMap(({ predictionIds }) => predictionIds)).size,
    },
  };
}

/** MOT text has no row for a frame without objects; elsewhere a frame that is not there was forgotten. */
function completePairs(truth: MaskSequence | BoxSequence, prediction: MaskSequence | BoxSequence): (number | null)[] {
  const pairs = pairFrames(truth.frames, prediction.frames);
  const missing = truth.frames.filter((_, at) => pairs[at] === null);
  if (missing.length === 0 || prediction.kind === 'boxes' || prediction.sparse === true) return pairs;
  throw new StudioError(
    'usage',
    'user',
    `The prediction of "${truth.name}" has no frame ${missing[0]}${missing.length === 1 ? '' : ` and ${missing.length - 1} more`}; nothing was scored, predict every frame of the ground truth (an empty mask says "not there").`,
    { details: { sequence: truth.name, frame: missing[0] ?? '', missing: missing.length } },
  );
}

interface Collected {
  readonly frames: readonly TrackingFrame[];
  readonly jf: SequenceScore | null;
  readonly jfFrames: readonly string[];
}

async function collectMasks(
  truth: MaskSequence,
  prediction: MaskSequence,
  pairs: readonly (number | null)[],
  { skipFirstAndLast, signal, onFrame }: VideoScoreOptions,
): Promise<Collected> {
  requireSameSize(truth, prediction);
  const comparable = truth.comparableIds !== false && prediction.comparableIds !== false;
  const scorer = new SequenceScorer(truth.width, truth.height);
  const frames: TrackingFrame[] = [];
  const jfFrames: string[] = [];
  const margin = skipFirstAndLast ? 1 : 0;
  for (let at = 0; at < truth.frames.length; at++) {
    throwIfAborted(signal);
    const wanted = await truth.masksAt(at);
    const found = await maskAt(prediction, pairs[at]);
    frames.push(...trackingFramesFromMasks([wanted], [found]));
    if (comparable && at >= margin && at < truth.frames.length - margin) {
      scorer.addFrame(wanted, found);
      jfFrames.push(truth.frames[at]);
    }
    onFrame();
  }
  return { frames, jf: comparable ? scorer.finish() : null, jfFrames };
}

async function maskAt(sequence: MaskSequence, position: number | null): Promise<FrameMasks> {
  return position === null ? new Map<number, RleMask>() : sequence.masksAt(position);
}

async function collectBoxes(
  truth: MaskSequence | BoxSequence,
  prediction: MaskSequence | BoxSequence,
  pairs: readonly (number | null)[],
  { signal, onFrame }: VideoScoreOptions,
): Promise<Collected> {
  const frames: TrackingFrame[] = [];
  for (let at = 0; at < truth.frames.length; at++) {
    throwIfAborted(signal);
    const wanted = await boxesAt(truth, at);
    const found = await boxesAt(prediction, pairs[at]);
    frames.push(...trackingFramesFromBoxes([wanted], [found]));
    onFrame();
  }
  return { frames, jf: null, jfFrames: [] };
}

/** A mask's tight box stands for it where the other side has boxes alone. */
async function boxesAt(sequence: MaskSequence | BoxSequence, position: number | null) {
  if (position === null) return new Map<number, CocoBox>();
  if (sequence.kind === 'boxes') return sequence.boxesAt(position);
  const boxes = new Map<number, CocoBox>();
  for (const [id, mask] of await sequence.masksAt(position)) {
    const box = maskBox(mask);
    if (box !== null) boxes.set(id, [box.x, box.y, box.width, box.height]);
  }
  return boxes;
}

function requireSameSize(truth: MaskSequence, prediction: MaskSequence): void {
  if (truth.width === prediction.width && truth.height === prediction.height) return;
  throw new StudioError(
    'usage',
    'user',
    `The prediction of "${truth.name}" is ${prediction.width}x${prediction.height}, the ground truth ${truth.width}x${truth.height}; nothing was scored, give masks of one size.`,
  );
}
