import type { ConceptId, FrameIndex, ObjectId, PromptId, RunId } from '../domain/ids.ts';
import type { Prompt } from '../domain/prompt.ts';
import type { Scores } from '../domain/scores.ts';
import type { MaskSource } from '../domain/track.ts';
import type { VideoInfo } from '../domain/video-info.ts';
import type { RleMask } from '../mask/rle.ts';

/** One line of `masklet doctor`. `missing` always says what to do. */
export interface DoctorLine {
  readonly group: 'tools' | 'device' | 'packs' | 'folders' | 'disk' | 'app';
  readonly name: string;
  readonly state: 'ok' | 'note' | 'missing';
  readonly text: string;
}

export interface DoctorReport {
  readonly lines: readonly DoctorLine[];
}

export interface SessionListing {
  readonly sessionPath: string;
  readonly state: 'ok' | 'busy' | 'unreadable';
  /** Why it cannot be read; null when it can. */
  readonly problem: string | null;
  readonly videoPath: string | null;
  readonly videoMissing: boolean;
  readonly objectCount: number;
  readonly frameCount: number;
  readonly trackedFrameCount: number;
  readonly sizeBytes: number;
  readonly changedAtMillis: number;
}

export interface ObjectState {
  readonly objectId: ObjectId;
  readonly name: string;
  /** `#rrggbb` */
  readonly colour: string;
  readonly conceptId: ConceptId | null;
}

export interface SessionState {
  readonly sessionPath: string;
  readonly video: VideoInfo;
  readonly objects: readonly ObjectState[];
  readonly concepts: readonly { readonly conceptId: ConceptId; readonly phrase: string }[];
  readonly prompts: readonly { readonly promptId: PromptId; readonly prompt: Prompt }[];
  readonly runs: readonly RunState[];
  readonly trackedFrameCount: number;
}

export interface RunState {
  readonly runId: RunId;
  readonly packId: string;
  readonly state: 'running' | 'done' | 'cancelled' | 'failed' | 'interrupted';
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
      readonly notes: readonly string[];
      /** Frames that an interrupted run had already finished. */
      readonly resumedFrames: number;
    }
  | {
      /** Sent after the frames are on disk, never before. */
      readonly kind: 'committed';
      readonly frames: readonly { readonly frameIndex: FrameIndex; readonly masks: readonly FrameMask[] }[];
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
      readonly notes: readonly string[];
    };

export type WriteEvent =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'written'; readonly path: string; readonly files: number; readonly notes: readonly string[] };
