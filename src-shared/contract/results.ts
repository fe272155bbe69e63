import type { EngineNote } from '../domain/engine-note.ts';
import type { ConceptId, FrameIndex, ObjectId, PromptId, RunId } from '../domain/ids.ts';
import type { Direction, FrameRange, Prompt } from '../domain/prompt.ts';
import type { ReviewSpan, ReviewStop } from '../domain/review.ts';
import type { Scores } from '../domain/scores.ts';
import type { MaskSource } from '../domain/track.ts';
import type { VideoInfo } from '../domain/video-info.ts';
import type { RleMask } from '../mask/rle.ts';
import type { DatasetFormatName, DatasetShape, ImportPurpose, PictureKind } from './dataset-schemas.ts';
import type { RedactionReport } from './redaction-report.ts';

/** One line of `masklet doctor`. `missing` always says what to do. */
export interface DoctorLine {
  readonly group: 'tools' | 'device' | 'packs' | 'folders' | 'disk' | 'app';
  readonly name: string;
  readonly state: 'ok' | 'note' | 'missing';
  readonly text: string;
  /** Of a device that does not work: what its runtime said, in English. */
  readonly reason?: string;
}

export interface DoctorReport {
  readonly lines: readonly DoctorLine[];
}

/** A model pack that was just installed. */
export interface ImportedPack {
  readonly packId: string;
  readonly folder: string;
  readonly arch: string;
  readonly imageSize: number;
  /** Why it cannot carry a mask from frame to frame, take a mask as a prompt, find things by phrase; null: it can. */
  readonly whyNoTracking: string | null;
  readonly whyNoMaskPrompts: string | null;
  readonly whyNoConcepts: string | null;
}

export interface SessionListing {
  readonly sessionPath: string;
  /** `busy`: some process writes it, which may be this engine (`sessionId`). */
  readonly state: 'ok' | 'busy' | 'unreadable';
  /** Under this name it is open here; null: not open here. */
  readonly sessionId: string | null;
  /** Why it cannot be read; null when it can. */
  readonly problem: string | null;
  readonly videoPath: string | null;
  readonly videoMissing: boolean;
  readonly objectCount: number;
  /** The first objects, in their order. */
  readonly objects: readonly { readonly name: string; readonly colour: string }[];
  /** Names of objects and phrases, for searching. */
  readonly words: readonly string[];
  readonly promptCount: number;
  readonly frameCount: number;
  readonly trackedFrameCount: number;
  /** How the newest run ended; null: never tracked. */
  readonly lastRun: { readonly state: RunState['state']; readonly frameCount: number } | null;
  /** A frame that shows what the session is about. */
  readonly posterFrame: FrameIndex;
  /** Share of the stored masks that a person has accepted, fixed or marked absent, and that no later run replaced; 0..1. */
  readonly reviewedShare: number;
  readonly sizeBytes: number;
  readonly changedAtMillis: number;
}

/** How the caller stands to an open session. */
export interface SessionPresence {
  readonly role: 'editor' | 'viewer';
  /** Nobody edits: a viewer can take over. */
  readonly free: boolean;
  /** Grows with every change that anyone makes, tracking included. */
  readonly revision: number;
  /** It is shown over another video than it was made with, so nobody can edit it. */
  readonly mediaChanged: boolean;
}

/** `new`: never tracked; `changed`: its prompts are not those it was last tracked with; `tracked`: they are. */
export type TrackingState = 'new' | 'changed' | 'tracked';

export interface ObjectState {
  readonly objectId: ObjectId;
  readonly name: string;
  /** `#rrggbb` */
  readonly colour: string;
  /** The concept that found it; its own prompts, if it has any, are corrections. */
  readonly conceptId: ConceptId | null;
  readonly tracking: TrackingState;
  readonly className: string | null;
  readonly hidden: boolean;
  /** Neither prompts nor runs change its masks. */
  readonly locked: boolean;
  readonly groupName: string | null;
  /** `changed`, and not by adding to what it was tracked with: something of that was changed or taken back. */
  readonly takenBack: boolean;
  /** Where what was said since makes the stored masks out of date; empty unless `changed`. Ascending. */
  readonly stale: readonly FrameRange[];
  /** Score of the best detection that matched it, 0..1; null for an object that no concept found. */
  readonly bestDetection: number | null;
}

export interface ConceptState {
  readonly conceptId: ConceptId;
  readonly phrase: string;
  /** Instances and objects with a lower detection score are not shown, 0..1. */
  readonly threshold: number;
  readonly tracking: TrackingState;
}

export interface PromptState {
  readonly promptId: PromptId;
  /** Prompts given in one call share their round; a later round corrects the answer to the earlier ones. */
  readonly round: number;
  readonly prompt: Prompt;
}

export interface SessionState {
  readonly sessionPath: string;
  readonly video: VideoInfo;
  /** In the order of lists, which `moveObjects` changes. */
  readonly objects: readonly ObjectState[];
  readonly concepts: readonly ConceptState[];
  /** In order of creation. */
  readonly prompts: readonly PromptState[];
  /** What people said about stretches of objects, by object and frame; the stretches of one object do not overlap. */
  readonly reviews: readonly ReviewSpan[];
  /** Oldest first. */
  readonly runs: readonly RunState[];
  /** Objects whose masks were replaced by others, until that is kept or reverted; in object id order. */
  readonly comparisons: readonly ComparisonState[];
  readonly trackedFrameCount: number;
  /** The number that the next new object takes; numbers of removed objects are not given again. */
  readonly nextObjectId: ObjectId;
  /** What undo and redo would do now, in words; null: nothing. */
  readonly history: { readonly undo: string | null; readonly redo: string | null };
}

/** What a new answer or run changed of an object's earlier masks. */
export interface ComparisonState {
  readonly objectId: ObjectId;
  /** Stretches on which the earlier and the present mask differ (IoU below 0.95), ascending; at least one. */
  readonly changed: readonly FrameRange[];
  readonly changedFrameCount: number;
}

export interface RunState {
  readonly runId: RunId;
  readonly packId: string;
  readonly state: 'running' | 'done' | 'cancelled' | 'failed' | 'interrupted';
  readonly range: FrameRange;
  readonly direction: Direction;
  /** Those that it tracks; what a phrase finds comes later. */
  readonly objectIds: readonly ObjectId[];
  /** Of `frameCount`, the frames that it visits; one that it passes both ways counts twice. */
  readonly framesDone: number;
  readonly frameCount: number;
  /** It was stopped and can go on, because nothing was said, locked or regrouped since; pack and policies are to be the same, too. */
  readonly resumable: boolean;
  readonly startedAtMillis: number;
  readonly endedAtMillis: number | null;
}

export interface FrameMask {
  readonly objectId: ObjectId;
  readonly mask: RleMask | null;
  readonly source: MaskSource;
  readonly scores: Scores;
  readonly provisional: boolean;
}

/** A frame as the view shows it: displayed size (or a thumbnail), turned, tone-mapped when HDR. */
export interface FramePicture {
  readonly frameIndex: FrameIndex;
  readonly mediaType: 'image/jpeg';
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The frame table as data: one entry a frame, in presentation order. */
export interface FrameTimes {
  /** Ticks of the video's timebase. */
  readonly pts: Float64Array;
  /** 1 where the frame is a key frame. */
  readonly keyFrames: Uint8Array;
}

export interface FrameMasks {
  readonly frameIndex: FrameIndex;
  /** In object id order; an object that was not tracked on this frame is not in the list, an absent one has `mask` null. */
  readonly masks: readonly FrameMask[];
}

export interface CommittedMasks extends FrameMasks {
  /** Lowest IoU of these masks with those that they replace; null: nothing is being compared, or nothing was there. */
  readonly agreement: number | null;
}

/** A model pack that is ready. */
export interface OpenedModel {
  readonly packId: string;
  readonly provider: string;
  /** Why a wished-for provider was not taken, and the like. */
  readonly notes: readonly EngineNote[];
  /** One object's memory of one frame, as a session keeps it. */
  readonly memoryBytes: number;
  /** Why it cannot carry a mask from frame to frame, take a mask as a prompt, find things by phrase or example; null: it can. */
  readonly whyNoTracking: string | null;
  readonly whyNoMaskPrompts: string | null;
  readonly whyNoConcepts: string | null;
}

export interface TestedModel extends OpenedModel {
  readonly millisPerFrame: number;
}

/** The answer to prompts on one frame. */
export interface SegmentResult extends FrameMasks {
  readonly packId: string;
  readonly provider: string;
  /** From the call to the masks, and of that inside the model. */
  readonly wallMillis: number;
  readonly modelMillis: number;
}

/** One instance that the detector sees, not an object yet. */
export interface DetectedInstance {
  readonly mask: RleMask;
  /** Class score times presence, 0..1. */
  readonly score: number;
  readonly presence: number;
}

/** Where an object is present or absent; frames in no span were not tracked. */
export interface MaskSpan extends FrameRange {
  readonly state: 'present' | 'absent';
}

/**
 * One object's lane of the timeline, a byte a frame from `first` on; frames outside were not tracked. Empty arrays: nothing was tracked.
 */
export interface ObjectLane {
  readonly first: FrameIndex;
  /** Bits: see `laneBits`. */
  readonly states: Uint8Array<ArrayBuffer>;
  /** 0: not known; 1..255: confidence from none to full, see `confidenceByte`. */
  readonly confidences: Uint8Array<ArrayBuffer>;
}

/** A piece of the sound's waveform: loudest sample of each hundredth of a second after the first frame, 0 silence .. 255 full scale. */
export interface SoundPeaksPart {
  readonly first: number;
  readonly peaks: Uint8Array<ArrayBuffer>;
}

/** One entry a stored mask of one object; see `Scores`. NaN where the model gave no such score. */
export interface ObjectScores {
  readonly frameIndices: Uint32Array;
  readonly predictedIou: Float32Array;
  readonly objectScoreLogit: Float32Array;
  readonly detection: Float32Array;
}

export type TrackEvent =
  | {
      readonly kind: 'started';
      readonly runId: RunId;
      readonly packId: string;
      readonly provider: string;
      readonly frameCount: number;
      /** Objects and concepts this run works on; the others were up to date. */
      readonly objectIds: readonly ObjectId[];
      readonly phrases: readonly string[];
      readonly notes: readonly EngineNote[];
      /** Frames that an interrupted run had already finished. */
      readonly resumedFrames: number;
    }
  | {
      /** Sent after the frames are on disk, never before. */
      readonly kind: 'committed';
      readonly frames: readonly CommittedMasks[];
      readonly retracted: readonly ObjectId[];
      readonly framesDone: number;
      readonly frameCount: number;
    }
  | { readonly kind: 'up-to-date' }
  | {
      readonly kind: 'finished';
      readonly runId: RunId;
      readonly framesDone: number;
      readonly objectCount: number;
      /** From the first frame asked for to the last one committed; opening the pack is not in it. */
      readonly wallMillis: number;
      /** Sum of the model's own run times and the number of runs, by graph role. */
      readonly runMillis: Readonly<Record<string, number>>;
      readonly runCounts: Readonly<Record<string, number>>;
      readonly peakRssBytes: number;
      readonly notes: readonly EngineNote[];
    };

export type ReviewEvent =
  | {
      readonly kind: 'began';
      readonly objects: readonly { readonly objectId: ObjectId; readonly name: string }[];
      readonly reviews: readonly ReviewSpan[];
    }
  | {
      /** Stops that are complete when the search has come to a frame; each is told once. */
      readonly kind: 'found';
      readonly stops: readonly ReviewStop[];
      readonly framesDone: number;
      readonly frameCount: number;
    };

export type WriteEvent =
  | {
      readonly kind: 'progress';
      readonly done: number;
      readonly total: number;
      /** Of the file that is being written; null where that is not known. */
      readonly bytes: number | null;
    }
  | {
      readonly kind: 'written';
      readonly path: string;
      readonly files: number;
      readonly notes: readonly EngineNote[];
      /** Of a redaction. */
      readonly redaction: RedactionReport | null;
      /** As of the source: what was written is its good part. */
      readonly truncated: VideoInfo['truncated'];
    };

export type ExportEvent =
  | {
      /** Sent before anything is written: what will be lost; empty when nothing is. */
      readonly kind: 'losses';
      readonly losses: readonly EngineNote[];
    }
  | {
      readonly kind: 'progress';
      readonly phase: 'looking' | 'writing' | 'pictures' | 'checking';
      readonly done: number;
      readonly total: number;
    }
  | {
      readonly kind: 'written';
      readonly path: string;
      readonly files: number;
      readonly frames: number;
      readonly masks: number;
      /** What was read back and found as it was meant. */
      readonly checked: DatasetCheck;
      readonly notes: readonly EngineNote[];
      /** As of the source: what was exported is its good part. */
      readonly truncated: VideoInfo['truncated'];
    };

/** What a dataset layout can be asked for. */
export interface DatasetFormatFacts {
  readonly name: DatasetFormatName;
  readonly summary: string;
  /** What can stand for an object; the first is the default. */
  readonly shapes: readonly DatasetShape[];
  /** Each pixel belongs to one object at most, so overlaps must be decided. */
  readonly onePerPixel: boolean;
  readonly splits: boolean;
  /** Which frame pictures are written unless asked otherwise; null: there is no place for them. */
  readonly pictures: PictureKind | null;
}

export interface DatasetCheck {
  readonly masks: number;
  /** Smallest IoU of a mask with what was read back; 1 unless outlines were simplified or holes filled; null for boxes. */
  readonly lowestIou: number | null;
}

export type ImportEvent =
  | { readonly kind: 'progress'; readonly masks: number }
  | { readonly kind: 'imported'; readonly report: ImportReport };

export interface ImportReport {
  readonly format: DatasetFormatName;
  readonly purpose: ImportPurpose;
  readonly objects: readonly { readonly objectId: ObjectId; readonly name: string; readonly masks: number }[];
  readonly masks: number;
  /** What was left out and why, with how often. */
  readonly skipped: readonly { readonly reason: string; readonly count: number }[];
  readonly notes: readonly string[];
}

/** One composed frame: RGBA [height, width, 4], sRGB, straight alpha. */
export interface StillPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}
