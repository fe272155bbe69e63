import { StudioError, throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import { maskBox, type RleMask } from '../../../src-shared/mask/rle.ts';
import { type ClearMotScore, scoreClearMot } from './clear-mot.ts';
import type { CocoBox } from './coco-rle.ts';
import { type HotaScore, scoreHota } from './hota.ts';
import { type IdentityScore, scoreIdentity } from './identity.ts';
import { withoutBoxesToIgnore, withoutMasksToIgnore } from './ignored.ts';
import { type FrameMasks, type SequenceScore, SequenceScorer } from './sequence-jf.ts';
import type { BoxSequence, MarkedBox, MaskSequence } from './sources/mask-sequence.ts';
import { type FramePair, firstNumberOf, pairFrames } from './sources/pair-frames.ts';
import { type TrackingFrame, trackingFramesFromBoxes, trackingFramesFromMasks } from './tracking-frame.ts';

type Sequence = MaskSequence | BoxSequence;

export interface VideoScoreOptions {
  /** DAVIS and SA-V: the first frame is given and the last is skipped. Concerns J and F alone. */
  readonly skipFirstAndLast: boolean;
  readonly signal: AbortSignal;
  onFrame(): void;
}

/** What a person must know to read the numbers of one video. */
export interface ScoreCaveats {
  /** One side numbers objects as MOTS does and the other does not, so that equal numbers mean nothing. */
  readonly numbersDiffer: boolean;
  /** Predictions that were left out: in a region to ignore, or on a distractor. */
  readonly inIgnoredRegion: number;
  readonly onDistractor: number;
  /** Rows of MOT ground truth that are marked as not to be scored. */
  readonly markedRows: number;
  /** Frames before the first or after the last row of the ground truth on which something was predicted. */
  readonly beyondTruth: number;
  /** MOTS text without a frame 0, scored with frames that count from 0: it may have counted from 1. */
  readonly mayCountFromOne: boolean;
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
  readonly caveats: ScoreCaveats;
}

/**
 * Scores one video frame by frame: one frame of masks is in memory at a time. Frames of the ground truth that the prediction does
 * not have are refused (`usage`), so that a forgotten frame never passes for an empty one.
 */
export async function scoreVideo(
  truth: Sequence,
  prediction: Sequence,
  options: VideoScoreOptions,
): Promise<VideoScore> {
  const pairs = completePairs(truth, prediction);
  const collected =
    truth.kind === 'masks' && prediction.kind === 'masks'
      ? await collectMasks(truth, prediction, pairs, options)
      : await collectBoxes(truth, prediction, pairs, options);
  const { frames, jf, jfFrames, removed, markedRows } = collected;
  const ids = {
    truth: new Set(frames.flatMap(({ truthIds }) => truthIds)),
    prediction: new Set(frames.flatMap(({ predictionIds }) => predictionIds)),
  };
  const numbersDiffer = jf !== null && numbersAsMots(ids.truth) * numbersAsMots(ids.prediction) === -1;
  return {
    name: truth.name,
    frameCount: pairs.length,
    jf: numbersDiffer ? null : jf,
    jfFrames: numbersDiffer ? [] : jfFrames,
    hota: scoreHota(frames),
    identity: scoreIdentity(frames),
    clear: scoreClearMot(frames),
    objectCount: { truth: ids.truth.size, prediction: ids.prediction.size },
    caveats: {
      numbersDiffer,
      inIgnoredRegion: truth.kind === 'masks' ? removed : 0,
      onDistractor: truth.kind === 'boxes' ? removed : 0,
      markedRows,
      beyondTruth: frames.filter((frame, at) => pairs[at].truth === null && frame.predictionIds.length > 0).length,
      mayCountFromOne: mayCountFromOne(truth, prediction) || mayCountFromOne(prediction, truth),
    },
  };
}

/** 1: class * 1000 + instance, so none is below 1000; -1: some are; 0, without a number, cannot be told. */
function numbersAsMots(ids: ReadonlySet<number>): 1 | 0 | -1 {
  if (ids.size === 0) return 0;
  return [...ids].every((id) => id >= 1000) ? 1 : -1;
}

/** As many frames as the other side tell that both begin alike, whatever they are called. */
function mayCountFromOne(text: Sequence, other: Sequence): boolean {
  if (text.kind !== 'masks' || text.sparse !== true || other.sparse === true) return false;
  const named = firstNumberOf({ frames: text.frames }) === 0;
  return !named && firstNumberOf(other) === 0 && text.frames.length !== other.frames.length;
}

/** MOT and MOTS text have no row for a frame without objects; elsewhere a frame that is not there was forgotten. */
function completePairs(truth: Sequence, prediction: Sequence): readonly FramePair[] {
  const pairs = pairFrames(truth, prediction);
  const missing = pairs.filter((pair) => pair.prediction === null);
  if (missing.length === 0 || prediction.sparse === true) return pairs;
  const frame = missing[0].name;
  throw new StudioError(
    'usage',
    'user',
    `The prediction of "${truth.name}" has no frame ${frame}${missing.length === 1 ? '' : ` and ${missing.length - 1} more`}; nothing was scored, predict every frame of the ground truth (an empty mask says "not there").`,
    { details: { sequence: truth.name, frame, missing: missing.length } },
  );
}

interface Collected {
  readonly frames: readonly TrackingFrame[];
  readonly jf: SequenceScore | null;
  readonly jfFrames: readonly string[];
  /** Predictions that were left out. */
  readonly removed: number;
  readonly markedRows: number;
}

async function collectMasks(
  truth: MaskSequence,
  prediction: MaskSequence,
  pairs: readonly FramePair[],
  { skipFirstAndLast, signal, onFrame }: VideoScoreOptions,
): Promise<Collected> {
  requireSameSize(truth, prediction);
  const comparable = truth.comparableIds !== false && prediction.comparableIds !== false;
  const scorer = new SequenceScorer(truth.width, truth.height);
  const frames: TrackingFrame[] = [];
  const jfFrames: string[] = [];
  const margin = skipFirstAndLast ? 1 : 0;
  let removed = 0;
  for (const [at, pair] of pairs.entries()) {
    throwIfAborted(signal);
    const wanted = await masksAt(truth, pair.truth);
    const predicted = await masksAt(prediction, pair.prediction);
    const regions = pair.truth === null ? [] : ((await truth.ignoredAt?.(pair.truth)) ?? []);
    const found = withoutMasksToIgnore(wanted, predicted, regions);
    removed += predicted.size - found.size;
    frames.push(...trackingFramesFromMasks([wanted], [found]));
    if (comparable && at >= margin && at < pairs.length - margin) {
      scorer.addFrame(wanted, found);
      jfFrames.push(pair.name);
    }
    onFrame();
  }
  return { frames, jf: comparable ? scorer.finish() : null, jfFrames, removed, markedRows: 0 };
}

async function masksAt(sequence: MaskSequence, position: number | null): Promise<FrameMasks> {
  return position === null ? new Map<number, RleMask>() : sequence.masksAt(position);
}

async function collectBoxes(
  truth: Sequence,
  prediction: Sequence,
  pairs: readonly FramePair[],
  { signal, onFrame }: VideoScoreOptions,
): Promise<Collected> {
  const frames: TrackingFrame[] = [];
  let removed = 0;
  let markedRows = 0;
  for (const pair of pairs) {
    throwIfAborted(signal);
    const marked = truth.kind === 'boxes' && pair.truth !== null ? truth.markedAt(pair.truth) : [];
    const wanted = await trueBoxesAt(truth, pair.truth, marked);
    const predicted = await boxesAt(prediction, pair.prediction);
    const found = withoutBoxesToIgnore(wanted, predicted, marked);
    removed += predicted.size - found.size;
    markedRows += marked.length;
    frames.push(...trackingFramesFromBoxes([wanted], [found]));
    onFrame();
  }
  return { frames, jf: null, jfFrames: [], removed, markedRows };
}

async function trueBoxesAt(truth: Sequence, position: number | null, marked: readonly MarkedBox[]) {
  const boxes = new Map(await boxesAt(truth, position));
  for (const { id } of marked) boxes.delete(id);
  return boxes;
}

/** A mask's tight box stands for it where the other side has boxes alone. */
async function boxesAt(sequence: Sequence, position: number | null): Promise<ReadonlyMap<number, CocoBox>> {
  if (position === null) return new Map();
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
