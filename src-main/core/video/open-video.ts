import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { VideoInfo } from '../../../src-shared/domain/video-info.ts';
import { StudioError, throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import type { DecodePlan } from './decode-plan.ts';
import { openFile } from './open-file.ts';
import { openPictures } from './open-pictures.ts';
import type { OpenVideoOptions } from './open-video-options.ts';
import { listPictures } from './pictures.ts';
import { hashFile, hashPictures } from './table/content-hash.ts';
import { FrameTable } from './table/frame-table.ts';
import { readCachedOpening, writeCachedOpening } from './table/frame-table-cache.ts';
import type { VideoSource } from './video-source.ts';

/**
 * Opens a video file or a folder of pictures and builds (or finds cached) its frame table by decoding it once.
 * Errors: `file-missing`, `file-unreadable`, `not-a-video`, `no-video-stream`, `no-frames`, `media-refused`,
 * `media-too-large`, `ffmpeg-failed`, `cancelled`.
 */
export async function openVideo(path: string, options: OpenVideoOptions): Promise<VideoSource> {
  throwIfAborted(options.signal);
  const absolute = resolve(path);
  const kind = await kindOfPath(absolute);
  const pictures = kind === 'folder' ? await listPictures(absolute, options.signal) : null;
  const contentHash = pictures === null ? await hashFile(absolute) : await hashPictures(absolute, pictures.names);
  const version = options.tools.ffmpeg.version.text;
  let opening = await readCachedOpening<DecodePlan>(options.cacheDir, contentHash, version);
  if (opening === null) {
    opening =
      pictures === null
        ? await openFile(absolute, contentHash, options)
        : openPictures(absolute, contentHash, pictures);
    await writeCachedOpening(options.cacheDir, version, opening);
  }
  // The same content may have been moved since its table was cached.
  const info: VideoInfo = { ...opening.info, path: absolute };
  const { tools, cacheDir } = options;
  const { table, plan, extras } = opening;
  return { info, table: new FrameTable(table), plan, extras, tools, cacheDir };
}

async function kindOfPath(path: string): Promise<'file' | 'folder'> {
  let found: Awaited<ReturnType<typeof stat>>;
  try {
    found = await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') throw unreadable(path, error);
    throw new StudioError('file-missing', 'user', `${path} does not exist; check the path.`, { cause: error });
  }
  if (!found.isFile() && !found.isDirectory())
    throw new StudioError('file-unreadable', 'user', `${path} is neither a file nor a folder.`);
  try {
    await access(path, found.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK);
  } catch (error) {
    throw unreadable(path, error);
  }
  if (found.isFile() && found.size === 0)
    throw new StudioError('not-a-video', 'user', `${path} is empty; copy it again from its source.`);
  return found.isDirectory() ? 'folder' : 'file';
}

function unreadable(path: string, cause: unknown): StudioError {
  return new StudioError('file-unreadable', 'user', `${path} cannot be read; check its permissions.`, { cause });
}
