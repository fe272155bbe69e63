import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VideoSource } from './video-source.ts';
import { keepInCache } from './write-cache-file.ts';

/** Raise when the bytes of any analysis change their meaning; old entries are then simply not found. */
const FORMAT_VERSION = 1;

/** What was found out about a source once, by its content and the ffmpeg that decoded it: bytes that their owner reads and writes. */
export interface AnalysisCache {
  /** null: not there, or not readable; it is then computed again. */
  read(): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Appears whole or not at all; where the cache cannot be written, not at all. */
  write(bytes: Uint8Array): Promise<void>;
}

export function analysisCache({ info, tools, cacheDir }: VideoSource, name: 'cuts' | 'peaks'): AnalysisCache {
  const key = createHash('sha256').update(`${FORMAT_VERSION}\n${info.contentHash}\n${tools.ffmpeg.version.text}`);
  const path = join(cacheDir, 'analysis', `${key.digest('hex').slice(0, 32)}.${name}`);
  return {
    read: async () => {
      const bytes = await readFile(path).catch(() => null);
      return bytes === null ? null : new Uint8Array(bytes);
    },
    write: (bytes) => keepInCache(path, bytes),
  };
}
