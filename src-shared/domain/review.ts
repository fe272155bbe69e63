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

/** Why a frame deserves a look. Likeness and scores are 0..1; likeness speaks of place and size only. */
export type StopReason =
  /** The detector doubts that the concept is in the picture at all. */
  | { readonly kind: 'presence'; readonly value: number }
  /** The tracker doubts that the object is visible. */
  | { readonly kind: 'visible'; readonly value: number }
  /** The model expects its own mask to be wrong. */
  | { readonly kind: 'confidence'; readonly value: number }
  /** The area is this many times that of the frame before. */
  | { readonly kind: 'jump'; readonly ratio: number }
  /** The mask hardly overlaps the one before it. */
  | { readonly kind: 'moved'; readonly iou: number }
  | { readonly kind: 'gone' }
  | { readonly kind: 'returned'; readonly absentFrames: number; readonly likeness: number }
  /** A new object begins where another one was lost. */
  | { readonly kind: 'resembles'; readonly otherId: ObjectId; readonly absentFrames: number; readonly likeness: number }
  | { readonly kind: 'swap'; readonly otherId: ObjectId };

export type StopReasonKind = StopReason['kind'];

export const stopReasonKinds = [
  'presence',
  'visible',
  'confidence',
  'jump',
  'moved',
  'gone',
  'returned',
  'resembles',
  'swap',
] as const satisfies readonly StopReasonKind[];

/** A stretch of one object that deserves a look, and the frame to look at. */
export interface ReviewStop extends FrameRange {
  readonly objectId: ObjectId;
  /** The worst frame. */
  readonly frameIndex: FrameRange['first'];
  /** 0..1, 1 the worst. */
  readonly severity: number;
  /** The heaviest first; one of a kind and other object. */
  readonly reasons: readonly StopReason[];
  /** Of the worst frame; null: absent, or the model gave no such score. */
  readonly area: number | null;
  readonly confidence: number | null;
  readonly visible: number | null;
  readonly iou: number | null;
  /** Lowest on the stretch, where it is low. */
  readonly presence: number | null;
  /** The newest run that made one of its masks; 0: none. */
  readonly newestRun: number;
}

export type StopState = Verdict | 'open';

/** What was said about a stop's worst frame; `open` where nothing was, or where a later run made other masks. */
export function stopState(stop: ReviewStop, reviews: readonly ReviewSpan[]): StopState {
  const said = reviews.find(
    ({ objectId, first, last }) => objectId === stop.objectId && first <= stop.frameIndex && last >= stop.frameIndex,
  );
  if (said === undefined) return 'open';
  return said.verdict === 'absent' || said.seenRun >= stop.newestRun ? said.verdict : 'open';
}
