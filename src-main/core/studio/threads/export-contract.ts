import type { DatasetFormatName, DatasetOptions } from '../../../../src-shared/contract/dataset-schemas.ts';
import type { OutputCodecName, RenderLook } from '../../../../src-shared/contract/render-look.ts';
import type { ExportEvent, StillPicture, WriteEvent } from '../../../../src-shared/contract/results.ts';
import type { FrameIndex } from '../../../../src-shared/domain/ids.ts';
import type { BoxInVideo } from '../../../../src-shared/geometry/geometry.ts';
import type { RleMask } from '../../../../src-shared/mask/rle.ts';
import type { Contract } from '../../../../src-shared/rpc/contract-types.ts';
import type { MediaTools } from '../../video/index.ts';
import { typed } from './decode-contract.ts';

interface WriteRequest {
  readonly tools: MediaTools;
  readonly cacheFolder: string;
  readonly sessionPath: string;
  /** Absolute. */
  readonly outPath: string;
  readonly overwrite: boolean;
}
interface RangeRequest {
  readonly range: { readonly first: number | null; readonly last: number | null };
}

export type RenderRequest = WriteRequest &
  RangeRequest & { readonly look: RenderLook; readonly codec: OutputCodecName };
export type StillRequest = Omit<WriteRequest, 'outPath' | 'overwrite'> & {
  readonly look: RenderLook;
  readonly frameIndex: FrameIndex;
};
export type DatasetRequest = WriteRequest &
  RangeRequest & {
    readonly format: DatasetFormatName;
    readonly options: DatasetOptions;
    readonly dryRun: boolean;
    readonly appVersion: string;
  };
export type ContactSheetRequest = WriteRequest & { readonly title: string };

export interface ReadDatasetRequest {
  /** Absolute. */
  readonly path: string;
  readonly format: DatasetFormatName | null;
  readonly width: number;
  readonly height: number;
  readonly frameCount: number;
  readonly framesPerSec: number;
  /** Taken from every frame number of the dataset. */
  readonly firstFrame: number;
  /** Inclusive. */
  readonly first: FrameIndex;
  readonly last: FrameIndex;
  readonly step: number;
  /** Frames between key frames are wanted, too. */
  readonly wholeTracks: boolean;
}

/** The mask or box of one object of a dataset, on a frame that was asked for. */
export interface DatasetEntry {
  readonly frameIndex: FrameIndex;
  /** Identity within the dataset. */
  readonly track: string;
  readonly name: string | null;
  readonly className: string | null;
  /** Not empty. */
  readonly mask: RleMask | null;
  /** Set when there is no mask; lies in the frame. */
  readonly box: BoxInVideo | null;
}

export type ReadDatasetEvent =
  | { readonly kind: 'entries'; readonly entries: readonly DatasetEntry[] }
  | {
      readonly kind: 'read';
      readonly format: DatasetFormatName;
      readonly skipped: readonly { readonly reason: string; readonly count: number }[];
      readonly notes: readonly string[];
    };

/** What the export thread does: reads a session (never writes it), decodes, writes files under a temporary name, renames. */
export const exportContract = {
  render: { kind: 'stream', input: typed<RenderRequest>(), event: typed<WriteEvent>() },
  still: { kind: 'query', input: typed<StillRequest>(), output: typed<StillPicture>() },
  dataset: { kind: 'stream', input: typed<DatasetRequest>(), event: typed<ExportEvent>() },
  recogniseDataset: {
    kind: 'query',
    input: typed<{ path: string; format: DatasetFormatName | null }>(),
    output: typed<{ format: DatasetFormatName }>(),
  },
  readDataset: { kind: 'stream', input: typed<ReadDatasetRequest>(), event: typed<ReadDatasetEvent>() },
  contactSheet: { kind: 'stream', input: typed<ContactSheetRequest>(), event: typed<WriteEvent>() },
} as const satisfies Contract;

export type ExportContract = typeof exportContract;
