import type { WriteEvent } from '../../../../src-shared/contract/results.ts';
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

export type RenderRequest = WriteRequest & RangeRequest & { readonly style: 'overlay' | 'outline' | 'box' };
export type DatasetRequest = WriteRequest & RangeRequest & { readonly format: 'png' | 'davis' | 'csv' };
export type ContactSheetRequest = WriteRequest & { readonly title: string };

/** What the export thread does: reads a session (never writes it), decodes, writes files under a temporary name, renames. */
export const exportContract = {
  render: { kind: 'stream', input: typed<RenderRequest>(), event: typed<WriteEvent>() },
  dataset: { kind: 'stream', input: typed<DatasetRequest>(), event: typed<WriteEvent>() },
  contactSheet: { kind: 'stream', input: typed<ContactSheetRequest>(), event: typed<WriteEvent>() },
} as const satisfies Contract;

export type ExportContract = typeof exportContract;
