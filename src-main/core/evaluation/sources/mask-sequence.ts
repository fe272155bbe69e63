import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { CocoBox } from '../coco-rle.ts';
import type { FrameMasks } from '../sequence-jf.ts';

/** What is known about one object of a sequence besides its masks. */
export interface TrackFacts {
  /** Class name or noun phrase. */
  readonly category: string;
  /** One score for the whole track, 0..1; null: none was given. */
  readonly score: number | null;
}

/** The masks of one video, read a frame at a time so that a long sequence is never in memory whole. */
export interface MaskSequence {
  readonly kind: 'masks';
  /** Pairs a prediction with its ground truth. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Names of the frames in order, without extension: `00042`. */
  readonly frames: readonly string[];
  /** By object id, where absent objects may be missing; `position` counts in `frames`. */
  masksAt(position: number): FrameMasks | Promise<FrameMasks>;
  /** By object id; absent where the source names no classes. */
  readonly tracks?: ReadonlyMap<number, TrackFacts>;
  /** False where ids were given by the file's writer alone, so that equal numbers mean nothing. */
  readonly comparableIds?: boolean;
  /** True where a frame without objects may be left out (MOTS text). */
  readonly sparse?: boolean;
}

/** The boxes of one video (MOTChallenge text). */
export interface BoxSequence {
  readonly kind: 'boxes';
  readonly name: string;
  readonly frames: readonly string[];
  boxesAt(position: number): ReadonlyMap<number, CocoBox> | Promise<ReadonlyMap<number, CocoBox>>;
}

/**
 * For each frame of the ground truth, the position of the same frame in the prediction; null where the prediction has none.
 * Frames are the same when their names are; else when both sides are equally many consecutive numbers (1-based against 0-based);
 * else when their numbers are equal. Throws `usage` when nothing fits.
 */
export function pairFrames(truth: readonly string[], prediction: readonly string[]): (number | null)[] {
  const byName = positions(prediction);
  if (truth.some((name) => byName.has(name))) return truth.map((name) => byName.get(name) ?? null);
  if (truth.length === prediction.length && isConsecutive(truth) && isConsecutive(prediction)) {
    return truth.map((_, position) => position);
  }
  const byNumber = positions(prediction.map(numberOf));
  const paired = truth.map((name) => byNumber.get(numberOf(name)) ?? null);
  if (paired.some((position) => position !== null)) return paired;
  const shown = `${truth[0] ?? 'none'} and ${prediction[0] ?? 'none'}`;
  throw new StudioError(
    'usage',
    'user',
    `No frame of the prediction is one of the ground truth (they begin with ${shown}); give frames with the same names or numbers.`,
  );
}

function positions<T>(names: readonly T[]): Map<T, number> {
  return new Map(names.map((name, position) => [name, position]));
}

/** The last number in a name; NaN, which equals nothing, when there is none. */
function numberOf(name: string): number {
  return Number(/(\d+)\D*$/.exec(name)?.[1] ?? Number.NaN);
}

function isConsecutive(names: readonly string[]): boolean {
  const numbers = names.map(numberOf);
  return numbers.every((value, at) => at === 0 || value === numbers[at - 1] + 1);
}
