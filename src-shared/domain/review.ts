import type { ObjectId } from './ids.ts';
import type { FrameRange } from './prompt.ts';

/** What a person said about a stretch: it is right, it was put right, the object is not there, or: decide later. */
export type Verdict = 'accepted' | 'fixed' | 'absent' | 'skipped';

export const verdicts = ['accepted', 'fixed', 'absent', 'skipped'] as const satisfies readonly Verdict[];

/** One verdict about one object; the stretches of one object never overlap. */
export interface ReviewSpan extends FrameRange {
  readonly objectId: ObjectId;
  readonly verdict: Verdict;
  /** Name as given in the settings; may be empty. */
  readonly reviewer: string;
  readonly madeAtMillis: number;
  /** The newest run whose masks the person had seen, 0: none. Masks of later runs are not what was spoken about. */
  readonly seenRun: number;
}
