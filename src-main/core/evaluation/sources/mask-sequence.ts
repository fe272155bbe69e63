import type { RleMask } from '../../../../src-shared/mask/rle.ts';
import type { CocoBox } from '../coco-rle.ts';
import type { FrameMasks } from '../sequence-jf.ts';

/** What is known about one object of a sequence besides its masks. */
export interface TrackFacts {
  /** Class name or noun phrase. */
  readonly category: string;
  /** One score for the whole track, 0..1; null: none was given. */
  readonly score: number | null;
}

/** The frames that one side has of a video. */
export interface NamedFrames {
  /** Names of the frames in order, without extension: `00042`. */
  readonly frames: readonly string[];
  /** What the format calls the first frame of a video: 1 in MOT text, 0 in MOTS text. Absent: only the names can say. */
  readonly firstNumber?: number;
  /** True where a frame without objects may be left out (MOT and MOTS text). */
  readonly sparse?: boolean;
}

/** The masks of one video, read a frame at a time so that a long sequence is never in memory whole. */
export interface MaskSequence extends NamedFrames {
  readonly kind: 'masks';
  /** Pairs a prediction with its ground truth. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** By object id, where absent objects may be missing; `position` counts in `frames`. */
  masksAt(position: number): FrameMasks | Promise<FrameMasks>;
  /** By object id; absent where the source names no classes. */
  readonly tracks?: ReadonlyMap<number, TrackFacts>;
  /** False where ids were given by the file's writer alone, so that equal numbers mean nothing. */
  readonly comparableIds?: boolean;
  /** Regions in which no prediction is wrong (class 10 of MOTS, `iscrowd` of YouTube-VIS); never among `masksAt`. Absent: the format has none. */
  ignoredAt?(position: number): readonly RleMask[] | Promise<readonly RleMask[]>;
}

/** The boxes of one video (MOTChallenge text), in pixels from the top-left corner 0, 0. */
export interface BoxSequence extends NamedFrames {
  readonly kind: 'boxes';
  readonly name: string;
  /** What a prediction of this file says, by object id. */
  boxesAt(position: number): ReadonlyMap<number, CocoBox> | Promise<ReadonlyMap<number, CocoBox>>;
  /** Rows that are not to be found when the file is ground truth; their ids may be among `boxesAt`. */
  markedAt(position: number): readonly MarkedBox[];
}

/** A box of ground truth that is marked as not to be scored. */
export interface MarkedBox {
  readonly id: number;
  readonly box: CocoBox;
  /** Looks like an object and is none: a prediction that is matched to it is neither right nor wrong. */
  readonly distractor: boolean;
}
