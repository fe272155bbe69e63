import type { FrameTimes } from '../../src-shared/contract/results.ts';
import type { ObjectId, PromptId } from '../../src-shared/domain/ids.ts';
import type { Marks } from '../state/studio-state.ts';
import type { Stretch } from './lanes.ts';

/** What the timeline draws besides lanes, thumbnails and sound. Parts that did not change are the same objects as before. */
export interface TimelineScene {
  readonly frameCount: number;
  readonly aspectRatio: number;
  readonly frameIndex: number;
  /** The frame on screen, which may still lag behind. */
  readonly shownFrame: number | null;
  readonly marks: Marks;
  readonly objects: readonly TimelineObject[];
  readonly prompts: ReadonlyMap<ObjectId, readonly TimelinePrompt[]>;
  /** First frames of shots, ascending. */
  readonly cuts: Uint32Array;
  readonly times: FrameTimes;
  /** Seconds after the first frame at which a frame is shown. */
  readonly secsOf: (frameIndex: number) => number;
  readonly hasSound: boolean;
  readonly ruler: 'frames' | 'time';
  /** With many objects: every lane is shown below the overview. */
  readonly unfolded: boolean;
  /** What an operation would make of lanes, drawn above them. */
  readonly ghosts: readonly GhostLane[];
  /** Added to a frame index where a number is shown: 0 or 1. */
  readonly firstFrameNumber: number;
  readonly emptyText: string;
  readonly overviewText: string;
  readonly colours: TimelineColours;
}

/** What an operation would make of a stretch of an object's lane; `colour` null: nothing would be there. */
export interface GhostLane extends Stretch {
  readonly objectId: ObjectId;
  readonly colour: string | null;
}

export interface TimelineObject {
  readonly objectId: ObjectId;
  readonly label: string;
  readonly colour: string;
  readonly selected: boolean;
  readonly visible: boolean;
  readonly locked: boolean;
  readonly changed: boolean;
  readonly running: boolean;
}

export interface TimelinePrompt {
  readonly promptId: PromptId;
  readonly objectId: ObjectId;
  readonly frameIndex: number;
  readonly include: boolean;
  readonly selected: boolean;
}

/** Read from the page's style sheet, so that both themes have one source. */
export interface TimelineColours {
  readonly ground: string;
  readonly raised: string;
  readonly line: string;
  readonly text: string;
  readonly muted: string;
  readonly accent: string;
  readonly warning: string;
  readonly danger: string;
  readonly selection: string;
}

export interface TimelineActions {
  seek(frameIndex: number): void;
  selectObject(objectId: ObjectId): void;
  selectPrompt(promptId: PromptId, objectId: ObjectId, frameIndex: number): void;
  setMarks(marks: Marks): void;
  unfold(unfolded: boolean): void;
}
