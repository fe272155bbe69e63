import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VideoInfo } from '../../../../src-shared/domain/video-info.ts';
import type { SourceExtras } from '../source-extras.ts';
import { keepInCache } from '../write-cache-file.ts';
import { checkFrameTable, type FrameTableData } from './frame-table-data.ts';

/** Raise when the meaning or layout of a cached entry changes; old entries are then simply not found. */
const FORMAT_VERSION = 3;
/** A file that ends early may still be on its way, or something failed while it was read: it is looked at again after an hour. */
const TRUNCATED_MILLIS = 3_600_000;

/** What opening a source cost to find out. `plan` is whatever the opener needs to decode it again. */
export interface CachedOpening<Plan> {
  readonly info: VideoInfo;
  readonly table: FrameTableData;
  readonly plan: Plan;
  readonly extras: SourceExtras;
}

/** Names an entry by content, our format and the ffmpeg that decoded: another build may emit other frames. */
function entryPath(cacheDir: string, contentHash: string, ffmpegVersion: string): string {
  const key = createHash('sha256').update(`${FORMAT_VERSION}\n${contentHash}\n${ffmpegVersion}`).digest('hex');
  return join(cacheDir, 'frame-tables', `${key.slice(0, 32)}.json`);
}

/** The entry, or null when there is none or it is damaged (it is then computed again). */
export async function readCachedOpening<Plan>(
  cacheDir: string,
  contentHash: string,
  ffmpegVersion: string,
): Promise<CachedOpening<Plan> | null> {
  try {
    const text = await readFile(entryPath(cacheDir, contentHash, ffmpegVersion), 'utf8');
    const entry = JSON.parse(text) as {
      readonly info: VideoInfo;
      readonly plan: Plan;
      readonly extras: SourceExtras;
      readonly madeAtMillis: number;
      readonly table: {
        readonly firstPts: number;
        readonly steps: readonly number[];
        readonly keys: readonly number[];
      } & Pick<FrameTableData, 'timebase' | 'lastDuration' | 'trustworthy'>;
    };
    const { firstPts, steps, keys, timebase, lastDuration, trustworthy } = entry.table;
    const pts = new Float64Array(steps.length + 1);
    pts[0] = firstPts;
    for (const [index, step] of steps.entries()) pts[index + 1] = pts[index]! + step;
    const keyFrames = new Uint8Array(pts.length);
    for (const key of keys) keyFrames[key] = 1;
    const table = { timebase, pts, lastDuration, keyFrames, trustworthy };
    checkFrameTable(table);
    if (entry.info.contentHash !== contentHash || entry.info.frameCount !== pts.length) return null;
    const age = Date.now() - entry.madeAtMillis;
    if (entry.info.truncated !== null && !(age >= 0 && age < TRUNCATED_MILLIS)) return null;
    return { info: entry.info, table, plan: entry.plan, extras: entry.extras };
  } catch {
    return null;
  }
}

/** A reader never sees half of an entry; where the cache cannot be written, none is kept. */
export async function writeCachedOpening<Plan>(
  cacheDir: string,
  ffmpegVersion: string,
  opening: CachedOpening<Plan>,
): Promise<void> {
  const path = entryPath(cacheDir, opening.info.contentHash, ffmpegVersion);
  const { pts, keyFrames, timebase, lastDuration, trustworthy } = opening.table;
  const steps = Array.from(pts.subarray(1), (value, index) => value - pts[index]!);
  const keys = Array.from(keyFrames.keys()).filter((index) => keyFrames[index] === 1);
  const table = { timebase, lastDuration, trustworthy, firstPts: pts[0], steps, keys };
  const { info, plan, extras } = opening;
  await keepInCache(path, JSON.stringify({ info, plan, extras, madeAtMillis: Date.now(), table }));
}
