import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { NamedFrames } from './mask-sequence.ts';

/** One frame to score: where it lies on each side; null: that side has no such frame. */
export interface FramePair {
  /** As the ground truth calls it, or the prediction where the ground truth does not name it. */
  readonly name: string;
  readonly truth: number | null;
  readonly prediction: number | null;
}

/**
 * The frames of the ground truth in order, each with the same frame of the prediction. A sparse ground truth has no row for a frame
 * without objects, so frames that the prediction has before its first and after its last are frames as well.
 * Frames are the same when both sides are known to count from different numbers and they come equally long after those (MOT text,
 * from 1, against a session, from 0); else when their names are equal; else when both sides are equally many consecutive numbers;
 * else when their numbers are equal. Throws `usage` when nothing fits.
 */
export function pairFrames(truth: NamedFrames, prediction: NamedFrames): FramePair[] {
  const at = positionsIn(truth, prediction);
  const pairs = truth.frames.map((name, position) => ({ name, truth: position, prediction: at[position] }));
  if (truth.sparse !== true) return pairs;
  const { before, after } = beyond(prediction.frames, at);
  return [...before, ...pairs, ...after];
}

/** What the first frame of the video is called; null: not known. A frame named 0 tells it whatever the format says. */
export function firstNumberOf({ frames, firstNumber }: NamedFrames): number | null {
  return frames.some((name) => numberOf(name) === 0) ? 0 : (firstNumber ?? null);
}

/** For each frame of the ground truth its position in the prediction. */
function positionsIn(truth: NamedFrames, prediction: NamedFrames): (number | null)[] {
  const shift = shiftBetween(truth, prediction);
  if (shift === null) {
    const byName = positions(prediction.frames);
    if (truth.frames.some((name) => byName.has(name))) return truth.frames.map((name) => byName.get(name) ?? null);
    const count = truth.frames.length;
    if (count === prediction.frames.length && isConsecutive(truth.frames) && isConsecutive(prediction.frames)) {
      return truth.frames.map((_, position) => position);
    }
  }
  const byNumber = positions(prediction.frames.map(numberOf));
  const paired = truth.frames.map((name) => byNumber.get(numberOf(name) + (shift ?? 0)) ?? null);
  if (paired.some((position) => position !== null)) return paired;
  const shown = `${truth.frames[0] ?? 'none'} and ${prediction.frames[0] ?? 'none'}`;
  throw new StudioError(
    'usage',
    'user',
    `No frame of the prediction is one of the ground truth (they begin with ${shown}); give frames with the same names or numbers.`,
  );
}

/** Added to a number of the ground truth to get the prediction's; null: both count alike, or one of them is not known. */
function shiftBetween(truth: NamedFrames, prediction: NamedFrames): number | null {
  const [from, to] = [firstNumberOf(truth), firstNumberOf(prediction)];
  return from === null || to === null || from === to ? null : to - from;
}

/** Frames of the prediction that lie before, and after, all that are paired. */
function beyond(frames: readonly string[], paired: readonly (number | null)[]) {
  // Not spread into Math.min: a long video has more frames than a call takes arguments.
  const positions = paired.filter((position) => position !== null).toSorted((a, b) => a - b);
  const [first, last] = [positions[0], positions[positions.length - 1]];
  const all = frames.map((name, prediction) => ({ name, truth: null, prediction }));
  return { before: all.slice(0, first), after: all.slice(last + 1) };
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
