import type { ToolVersion } from './tool-version.ts';

/** Where a tool was found, in the order in which they are tried. */
export type ToolSource = 'setting' | 'environment' | 'ffmpeg-static' | 'beside-ffmpeg' | 'path' | 'npm-package';

export interface MediaTool {
  /** Absolute path of the executable. */
  readonly path: string;
  readonly source: ToolSource;
  readonly version: ToolVersion;
}

/** The two executables that everything in core/video runs. Plain data: it may be sent to another thread. */
export interface MediaTools {
  readonly ffmpeg: MediaTool;
  readonly ffprobe: MediaTool;
}
