import type { DatasetFormatName, DatasetOptions } from '../../src-shared/contract/dataset-schemas.ts';
import type { OutputCodecName, RenderLook } from '../../src-shared/contract/render-look.ts';
import type { ExportEvent, WriteEvent } from '../../src-shared/contract/results.ts';
import type { EngineNote } from '../../src-shared/domain/engine-note.ts';
import type { ErrorData } from '../../src-shared/errors/studio-error.ts';

/** Inclusive; null: the end of the clip on that side. */
export interface ExportRange {
  readonly first: number | null;
  readonly last: number | null;
}

/** One thing to write. Both open marks mean the whole clip. */
export type ExportWish =
  | {
      readonly kind: 'video';
      readonly look: RenderLook;
      readonly codec: OutputCodecName;
      readonly outPath: string;
      readonly range: ExportRange;
      readonly overwrite: boolean;
    }
  | {
      readonly kind: 'dataset';
      readonly format: DatasetFormatName;
      readonly options: DatasetOptions;
      readonly outFolder: string;
      readonly range: ExportRange;
      readonly overwrite: boolean;
    };

/** What is being done: frames of a video and then its sound, index and check; or the steps of a dataset. */
export type ExportPhase = 'frames' | 'finishing' | 'looking' | 'writing' | 'pictures' | 'checking';

/** One file or folder of a batch, from its place in the queue to what came of it. */
export interface ExportOutput {
  readonly id: number;
  /** Of the session that it reads. */
  readonly sessionPath: string;
  readonly wish: ExportWish;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly phase: ExportPhase;
  readonly done: number;
  readonly total: number;
  /** Written so far; null where it is not known. */
  readonly bytes: number | null;
  readonly startedAtMillis: number;
  readonly endedAtMillis: number;
  /** What the format could not hold. */
  readonly losses: readonly EngineNote[];
  readonly result: Extract<WriteEvent | ExportEvent, { kind: 'written' }> | null;
  readonly error: ErrorData | null;
}
