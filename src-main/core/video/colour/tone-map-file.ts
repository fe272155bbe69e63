import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { HdrTransfer } from '../../../../src-shared/domain/video-info.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { writeCacheFile } from '../write-cache-file.ts';
import { toneMapCube } from './tone-map-cube.ts';

/** A table file and the folder ffmpeg must run in to find it by its bare name (so that no path needs escaping in a filter). */
export interface ToneMapFile {
  readonly folder: string;
  readonly name: string;
}

/** Raise when the maths of the table change. */
const VERSION = 1;
/** Points per axis: the most that builds of 2018 accept. */
const SIDE = 64;

/** The cached `.cube` table that brings a transfer to SDR; null for SDR sources. Errors: `disk-full`, `permission-denied`. */
export async function toneMapFile(cacheDir: string, hdr: HdrTransfer | null): Promise<ToneMapFile | null> {
  if (hdr === null) return null;
  const folder = join(cacheDir, 'tone-map');
  const name = `${hdr}-${SIDE}-v${VERSION}.cube`;
  const path = join(folder, name);
  const found = await stat(path).catch(() => null);
  if (found === null) await writeCacheFile(path, toneMapCube(hdr, SIDE)).catch((cause) => unwritable(folder, cause));
  return { folder, name };
}

function unwritable(folder: string, cause: NodeJS.ErrnoException): never {
  const full = cause.code === 'ENOSPC' || cause.code === 'EDQUOT';
  const wish = full ? 'free some space on its disk' : 'make it a folder that you may write to';
  throw new StudioError(
    full ? 'disk-full' : 'permission-denied',
    full ? 'resource' : 'environment',
    `The table that turns HDR to SDR could not be written to ${folder}; no HDR frame can be shown without it: ${wish} and try again.`,
    { details: { path: folder }, cause },
  );
}
