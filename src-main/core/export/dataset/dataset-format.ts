import type { FrameIndex } from '../../../../src-shared/domain/ids.ts';
import type { ExportObject, StoredMask } from '../ports.ts';

export type DatasetFormatName = 'png' | 'davis' | 'csv';

/** What every file of one export shares. */
export interface DatasetPlan {
  /** Folder to write into; it exists and is empty. Not the final name. */
  readonly folder: string;
  readonly width: number;
  readonly height: number;
  /** Digits of a frame index in file names, >= 5. */
  readonly digits: number;
  readonly objects: readonly ExportObject[];
  /** Who wins where masks overlap in a format that keeps one object a pixel. */
  readonly overlap: OverlapPolicy;
}

/** `score`: the higher score (a person's own mask beats any), then the higher id; `topmost`: the higher id. */
export type OverlapPolicy = 'score' | 'topmost';

export interface DatasetFrame {
  readonly frameIndex: FrameIndex;
  readonly pts: number;
  readonly secs: number;
  /** In object id order; mask null: absent on this frame. */
  readonly masks: readonly StoredMask[];
}

/** One dataset layout. A format is a value; what it keeps open lives in the writer. */
export interface DatasetFormat {
  readonly name: DatasetFormatName;
  /** Throws before anything is written when the plan does not fit the format. */
  open(plan: DatasetPlan): Promise<DatasetWriter>;
  /**
   * Reads one written frame back and compares it with what was meant, pixel by pixel; returns how many masks were compared.
   * Throws `internal` on any difference. null: the format holds no pictures.
   */
  readonly verifyFrame: ((plan: DatasetPlan, frame: DatasetFrame) => Promise<number>) | null;
}

export interface DatasetWriter extends AsyncDisposable {
  /** Frames come in ascending order; returns the number of files that were made. */
  writeFrame(frame: DatasetFrame): Promise<number>;
  /** Flushes; the files are complete when it resolves. */
  finish(): Promise<void>;
}

export function paddedFrame(frameIndex: FrameIndex, digits: number): string {
  return String(frameIndex).padStart(digits, '0');
}
