import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HdrTransfer } from '../../../../src-shared/domain/video-info.ts';
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

/** The cached `.cube` table that brings a transfer to SDR; null for SDR sources. */
export async function toneMapFile(cacheDir: string, hdr: HdrTransfer | null): Promise<ToneMapFile | null> {
  if (hdr === null) return null;
  const folder = join(cacheDir, 'tone-map');
  const name = `${hdr}-${SIDE}-v${VERSION}.cube`;
  const path = join(folder, name);
  const found = await stat(path).catch(() => null);
  if (found === null) {
    await mkdir(folder, { recursive: true });
    const temporary = `${path}.${process.pid}.tmp`;
    await writeFile(temporary, toneMapCube(hdr, SIDE));
    await rename(temporary, path);
  }
  return { folder, name };
}
