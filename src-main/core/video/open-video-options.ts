import type { MediaTools } from './tools/media-tools.ts';

export interface OpenVideoOptions {
  readonly tools: MediaTools;
  /** Folder for frame tables and tone-map tables; created when needed. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal | undefined;
  /** Called while frames are counted; `expected` is the container's guess, null when it makes none. */
  readonly onProgress?: ((framesCounted: number, expected: number | null) => void) | undefined;
}
