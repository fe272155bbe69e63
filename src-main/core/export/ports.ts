import type { FrameIndex, ObjectId } from '../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../src-shared/domain/prompt.ts';
import type { Scores } from '../../../src-shared/domain/scores.ts';
import type { MaskSource } from '../../../src-shared/domain/track.ts';
import type { RleMask } from '../../../src-shared/mask/rle.ts';
import type { Rational } from '../../../src-shared/time/timebase.ts';

/** One decoded frame, planar 4:2:0: Y [h, w], U and V [ceil(h/2), ceil(w/2)], tight rows, one after the other. */
export interface YuvFrame {
  readonly frameIndex: FrameIndex;
  readonly pts: number;
  /** The exporter may write into it; valid until the frame after the next is asked for. */
  readonly data: Uint8Array;
}

/** Source of exact frames for compositing. Implemented by core/video. */
export interface YuvFrameReader {
  readonly width: number;
  readonly height: number;
  /** true when Y spans 0..255 instead of 16..235. */
  readonly fullRange: boolean;
  /** Colour matrix of the frames. */
  readonly matrix: 'bt601' | 'bt709';
  /** How many pixels away from where it is shown a pixel of the source can change a frame; redaction covers as much at least. */
  readonly reach: number;
  frames(range: FrameRange, signal: AbortSignal): AsyncIterable<YuvFrame>;
}

/** Encodes composited frames next to the source's audio, to a temporary name; core/video implements it with ffmpeg. */
export interface VideoEncoder {
  /** Resolves when the encoder can take the next frame; `data` may be reused then. */
  write(data: Uint8Array, pts: number): Promise<void>;
  /** Closes, verifies frame count and timestamps, renames to the final name. */
  finish(): Promise<void>;
  /** Bytes on disk so far, where that is known. */
  readonly bytesWritten?: number;
  /** Stops and removes what was written. Safe after `finish`. */
  abort(): Promise<void>;
}

/** Stored masks, frame by frame. Implemented over core/store. */
export interface MaskReader {
  /** Masks of one frame in object id order; absent objects have a row with mask null. */
  masksAt(frameIndex: FrameIndex): readonly StoredMask[];
  readonly objects: readonly ExportObject[];
  /** Where phrases that no object is of were looked for, one ascending list a phrase; absent: there are none. */
  readonly unfoundPhrases?: readonly (readonly FrameRange[])[];
  /** Whether an object has a row on a frame, absent ones included; reads no mask. */
  isTracked(frameIndex: FrameIndex, objectId: ObjectId): boolean;
}

export interface StoredMask {
  readonly objectId: ObjectId;
  readonly mask: RleMask | null;
  readonly source: MaskSource;
  readonly scores: Scores;
  /** Still inside hotstart: drawn dashed. Absent means settled. */
  readonly provisional?: boolean;
  /** A person made or accepted it. */
  readonly reviewed?: boolean;
}

export interface ExportObject {
  /** Where the phrase that found it was looked for, ascending: frames there without a row of it are frames on which it was not seen. */
  readonly searched?: readonly FrameRange[];
  readonly objectId: ObjectId;
  readonly name: string;
  /** sRGB, `#rrggbb`. */
  readonly colour: string;
  /** Class in datasets; absent or null: none was given. */
  readonly className?: string | null;
}

/** Frames of the source as picture files, for datasets that carry them. Composed over core/video. */
export interface FramePictures {
  /** One picture per wanted frame, in order; `frames` ascends. */
  pictures(
    frames: readonly FrameIndex[],
    kind: 'jpg' | 'png',
    signal: AbortSignal,
  ): AsyncIterable<{ readonly frameIndex: FrameIndex; readonly bytes: Uint8Array }>;
}

/** Timestamps of the source. */
export interface FrameTimes {
  readonly timebase: Rational;
  readonly frameCount: number;
  ptsOf(frameIndex: FrameIndex): number;
}
