import { type FrameIndex, frameIndex } from '../../../src-shared/domain/ids.ts';
import type { Direction, FrameRange } from '../../../src-shared/domain/prompt.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import type { Heading } from './memory-bank.ts';

/**
 * Where a run continues: the pass of the last committed frame, and the frame after it in that pass (one past the range when the pass was
 * complete). The request must name the same range, direction and start as the run that was cut.
 */
export interface ResumePoint {
  readonly direction: 'forward' | 'backward';
  readonly frameIndex: FrameIndex;
}

export interface RangeRequest {
  /** Inclusive. */
  readonly first: FrameIndex;
  readonly last: FrameIndex;
  readonly direction: Direction;
  /** Where tracking starts; absent: the earliest prompted frame (backward with own starts: the latest). */
  readonly start?: FrameIndex | undefined;
  readonly resume?: ResumePoint | undefined;
}

/** One sweep over frames. `covers` tells whether an object with these conditioning frames takes part on a frame. */
export interface Pass {
  readonly heading: Heading;
  /** Inclusive, first <= last whatever the heading. */
  readonly range: FrameRange;
  /** This is the way back of `both`. */
  readonly secondHalf: boolean;
  covers(conditioning: readonly number[], frame: number): boolean;
}

/**
 * Splits a request into passes. `prompted` holds each object's conditioning frames. Forward: start .. last; backward: start .. first;
 * both: forward from the start, then backward from the frame before it. With `ownStarts` an object takes part from its own first
 * prompt on, and in `both` the backward pass covers what lies before it. Throws `range-invalid`, or `no-prompts` when nothing could be tracked.
 */
export function planPasses(
  request: RangeRequest,
  prompted: readonly (readonly number[])[],
  frameCount: number,
  ownStarts: boolean,
): readonly Pass[] {
  checkRange(request, frameCount);
  const frames = prompted.flat();
  if (frames.length === 0) {
    throw new StudioError('no-prompts', 'user', 'There is nothing to track yet; add a prompt on any frame first.');
  }
  const { first, last, direction } = request;
  const own = direction === 'backward' && ownStarts ? Math.max(...frames) : Math.min(...frames);
  const start = Math.min(last, Math.max(first, request.start ?? own));
  const passes: Pass[] = [];
  if (direction !== 'backward') passes.push(forwardPass(start, request, ownStarts));
  if (direction === 'backward') passes.push(backwardPass(start, start, request, ownStarts));
  if (direction === 'both') {
    const starts = prompted.filter(({ length }) => length > 0).map((own) => ownStart(own, start, last, ownStarts));
    passes.push(backwardPass(Math.max(...starts) - 1, start, request, ownStarts));
  }
  return resumed(passes, request.resume).filter(({ range }) => range.first <= range.last);
}

/** First frame of an object's forward pass; last + 1 when it is prompted only later than the range. */
function ownStart(conditioning: readonly number[], start: number, last: number, ownStarts: boolean): number {
  return ownStarts ? Math.min(last + 1, Math.max(start, Math.min(...conditioning))) : start;
}

function forwardPass(start: number, { last }: RangeRequest, ownStarts: boolean): Pass {
  return {
    heading: 1,
    range: { first: frameIndex(start), last },
    secondHalf: false,
    covers: (conditioning, frame) => conditioning.length > 0 && frame >= ownStart(conditioning, start, last, ownStarts),
  };
}

function backwardPass(from: number, start: number, request: RangeRequest, ownStarts: boolean): Pass {
  const { first, last, direction } = request;
  const covers = (conditioning: readonly number[], frame: number): boolean => {
    if (conditioning.length === 0) return false;
    if (direction === 'both') return frame < ownStart(conditioning, start, last, ownStarts);
    return !ownStarts || frame <= Math.max(...conditioning);
  };
  const range = { first, last: frameIndex(Math.min(from, last)) };
  return { heading: -1, range, secondHalf: direction === 'both', covers };
}

function resumed(passes: readonly Pass[], resume: ResumePoint | undefined): readonly Pass[] {
  if (resume === undefined) return passes;
  const heading = resume.direction === 'forward' ? 1 : -1;
  const left = heading === 1 ? passes : passes.filter((pass) => pass.heading === -1);
  return left.map((pass) => {
    if (pass.heading !== heading) return pass;
    const range =
      heading === 1 ? { ...pass.range, first: resume.frameIndex } : { ...pass.range, last: resume.frameIndex };
    return { ...pass, range };
  });
}

function checkRange({ first, last, start }: RangeRequest, frameCount: number): void {
  const inside = (frame: number) => Number.isInteger(frame) && frame >= 0 && frame < frameCount;
  if (!inside(first) || !inside(last) || first > last) {
    throw new StudioError(
      'range-invalid',
      'user',
      `The range ${first} to ${last} does not lie in frames 0 to ${frameCount - 1}; nothing was tracked.`,
      { details: { first, last, frameCount } },
    );
  }
  if (start !== undefined && (start < first || start > last)) {
    throw new StudioError(
      'range-invalid',
      'user',
      `The start frame ${start} does not lie in the range ${first} to ${last}; nothing was tracked.`,
      { details: { first, last, start } },
    );
  }
}
