import type { VideoInfo } from '../../../src-shared/domain/video-info.ts';
import type { DecodePlan } from './decode-plan.ts';
import type { SourceExtras } from './source-extras.ts';
import type { FrameTable } from './table/frame-table.ts';
import type { MediaTools } from './tools/media-tools.ts';

/** An opened source. Immutable; holds no file or process open, so it needs no disposal. */
export interface VideoSource {
  readonly info: VideoInfo;
  readonly table: FrameTable;
  readonly plan: DecodePlan;
  readonly extras: SourceExtras;
  readonly tools: MediaTools;
  /** Folder for frame tables and tone-map tables; created when needed. */
  readonly cacheDir: string;
}
