import type {
  DatasetFormatName,
  DatasetShape,
  OverlapPolicy,
  PictureKind,
} from '../../../../src-shared/contract/dataset-schemas.ts';
import type { PlainNote } from '../../../../src-shared/domain/engine-note.ts';
import type { FrameIndex } from '../../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { BoxInVideo, Size } from '../../../../src-shared/geometry/geometry.ts';
import type { RleMask } from '../../../../src-shared/mask/rle.ts';
import type { ExportObject, FrameTimes, StoredMask } from '../ports.ts';
import type { DatasetFiles } from './reading/dataset-files.ts';
import type { SkipReport } from './reading/skip-report.ts';

/** Part of a dataset; null: it has no parts. */
export type SplitName = 'train' | 'val' | null;

/** An object with its class: `classId` counts from 1 in the order of `DatasetPlan.classes`. */
export interface DatasetObject extends ExportObject {
  readonly className: string;
  readonly classId: number;
}

/** What every file of one export shares. */
export interface DatasetPlan {
  /** Folder to write into; it exists and is empty. Not the final name. */
  readonly folder: string;
  readonly width: number;
  readonly height: number;
  /** Name of the video without folder and extension, safe as a file name. */
  readonly videoName: string;
  /** Average of the source. */
  readonly framesPerSec: number;
  readonly times: FrameTimes;
  /** Digits of a frame index in file names, >= 5. */
  readonly digits: number;
  /** The exported frames, ascending. */
  readonly frames: readonly FrameIndex[];
  /** Frames that were asked for and left out, because nothing was tracked or reviewed there. */
  readonly untrackedFrames: number;
  readonly objects: readonly DatasetObject[];
  readonly classes: readonly string[];
  readonly shape: DatasetShape;
  /** How far a polygon may leave the outline, in pixels. */
  readonly tolerance: number;
  readonly overlap: OverlapPolicy;
  readonly images: PictureKind;
  /** Parts of the dataset in writing order: [null] when it is whole. */
  readonly splits: readonly SplitName[];
  splitOf(frame: FrameIndex): SplitName;
}

export interface DatasetFrame {
  readonly frameIndex: FrameIndex;
  readonly pts: number;
  readonly secs: number;
  /** In object id order; mask null: absent on this frame. Already exclusive when the overlap policy says so. */
  readonly masks: readonly StoredMask[];
}

/** One dataset layout. A format is a value; what it keeps open lives in the writer. */
export interface DatasetFormat {
  readonly name: DatasetFormatName;
  /** What it is, for lists and help. */
  readonly summary: string;
  /** What can stand for an object; the first is the default. */
  readonly shapes: readonly DatasetShape[];
  /** Each pixel belongs to one object at most. */
  readonly onePerPixel: boolean;
  /** It knows training and validation parts. */
  readonly splits: boolean;
  /** Where frame pictures belong, relative to the folder, and which kind is written unless the caller says; null: nowhere. */
  readonly pictures: {
    readonly usual: PictureKind;
    path(plan: DatasetPlan, frame: FrameIndex): string;
  } | null;
  /** Frames stand alone as training pictures: one that was not tracked would teach that nothing is there, so it is left out. */
  readonly framesStandAlone: boolean;
  /** Every frame is read back after writing; otherwise a sample, because each mask is a picture of its own. */
  readonly checksEveryFrame: boolean;
  /** What this layout cannot hold, whatever the masks look like. */
  losses(plan: DatasetPlan): readonly PlainNote[];
  /** Throws `usage` before anything is written when the plan does not fit the format. */
  open(plan: DatasetPlan): Promise<DatasetWriter>;
  /** Whether a folder or file on disk looks like this format. Decides by names and first bytes, never throws. */
  recognises(files: DatasetFiles): boolean;
  /** Reads a dataset, also one that others wrote: what makes no sense is skipped and counted, never fatal. */
  read(source: ReadSource): AsyncGenerator<ReadItem, void, undefined>;
}

export interface DatasetWriter extends AsyncDisposable {
  /** Frames come in ascending order; returns the number of files that were made. */
  writeFrame(frame: DatasetFrame): Promise<number>;
  /** Completes the files; returns how many more were made. */
  finish(): Promise<number>;
}

/** What a reader is given. */
export interface ReadSource {
  readonly files: DatasetFiles;
  /** Of the video. */
  readonly size: Size;
  readonly frameCount: number;
  readonly framesPerSec: number;
  /** Whether a shape, of a track or without identity, is needed on a frame; others may come with `shape` null, which saves decoding them. */
  wants(frame: number, hasIdentity: boolean): boolean;
  /** Frames between the key frames of a track are wanted, too (ground truth); false: key frames alone, which a person placed (prompts). */
  readonly wholeTracks: boolean;
  readonly skipped: SkipReport;
}

/** One object on one frame, as a file tells it. */
export interface ReadItem {
  /** 0-based; may lie outside the video. */
  readonly frame: number;
  /** Identity within the dataset; null: the format has none. */
  readonly track: string | null;
  readonly label: string | null;
  readonly shape: ReadShape | null;
}

export type ReadShape =
  | { readonly kind: 'mask'; readonly mask: RleMask }
  | { readonly kind: 'box'; readonly box: BoxInVideo };

export function paddedFrame(frameIndex: FrameIndex, digits: number): string {
  return String(frameIndex).padStart(digits, '0');
}

export function usageError(message: string): StudioError {
  return new StudioError('usage', 'user', message);
}
