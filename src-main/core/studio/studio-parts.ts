import type { Client } from '../../../src-shared/rpc/contract-types.ts';
import type { MediaTools } from '../video/index.ts';
import type { AppPaths } from './app-paths.ts';
import type { DecodeContract } from './threads/decode-contract.ts';
import type { ExportContract } from './threads/export-contract.ts';
import type { InferenceContract } from './threads/inference-contract.ts';
import type { ReportThreadContract } from './threads/report-contract.ts';
import type { StoreContract } from './threads/store-contract.ts';

/** What the studio is made of; the engine starts each thread when it is first asked for. */
export interface StudioParts {
  readonly appVersion: string;
  /** What has to end before the threads do, when the engine is disposed. */
  readonly endings: { defer(end: () => void): void };
  readonly paths: AppPaths;
  /** Folders that hold packs: the built-in one first, then the user's. */
  readonly packFolders: readonly string[];
  /** Found once; throws `ffmpeg-missing` or `ffprobe-missing`. */
  tools(): Promise<MediaTools>;
  decode(): Promise<Client<DecodeContract>>;
  store(): Promise<Client<StoreContract>>;
  /** Connected to the decode thread. */
  inference(): Promise<Client<InferenceContract>>;
  /** Whether the inference thread was ever asked for. */
  inferenceStarted(): boolean;
  exporter(): Promise<Client<ExportContract>>;
  reports(): Promise<Client<ReportThreadContract>>;
}
