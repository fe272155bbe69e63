import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { VideoInfo } from '../../../../src-shared/domain/video-info.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { Connection } from '../connection.ts';
import { blobChecksum, ownedBytes } from '../row-checksum.ts';

/** The video of a session as it was when imported or last re-linked. */
export interface MediaRecord {
  readonly info: VideoInfo;
  /** Last change of the file (or folder) in milliseconds since 1970. */
  readonly mtimeMillis: number;
}

export interface NewMedia extends MediaRecord {
  /** Presentation timestamp of each frame in ticks of `info.timebase`: `info.frameCount` whole numbers, increasing. */
  readonly framePts: ArrayLike<number>;
}

/** `touched`: size or time differ from what is stored, so the content hash must be compared before use. */
export type MediaPresence = 'present' | 'touched' | 'missing';

export class MediaReads {
  protected readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  get(): MediaRecord {
    const row = this.connection.get<{ info_json: string; mtime_millis: number }>(
      'SELECT info_json, mtime_millis FROM media WHERE id = 1',
    );
    if (row === undefined) throw damagedTable(this.connection.path, 'media');
    return { info: JSON.parse(row.info_json) as VideoInfo, mtimeMillis: row.mtime_millis };
  }

  /** Ticks of every frame, in frame order; owned by the caller. `session-corrupt` when the stored table is damaged. */
  framePts(): Float64Array<ArrayBuffer> {
    const row = this.connection.get<{ frame_pts: Uint8Array; frame_pts_checksum: number; frame_count: number }>(
      'SELECT frame_pts, frame_pts_checksum, frame_count FROM media WHERE id = 1',
    );
    if (row === undefined || blobChecksum(row.frame_pts) !== row.frame_pts_checksum) {
      throw damagedTable(this.connection.path, 'frame table');
    }
    // A fresh copy: a view of doubles needs an 8-byte aligned buffer.
    return new Float64Array(new Uint8Array(ownedBytes(row.frame_pts)).buffer, 0, row.frame_count);
  }

  /** Looks at the file's name, size and time only. */
  presence(): MediaPresence {
    const { info, mtimeMillis } = this.get();
    const found = statSync(info.path, { throwIfNoEntry: false });
    if (found === undefined) return 'missing';
    const sameSize = info.kind === 'sequence' || found.size === info.sizeBytes;
    return sameSize && Math.trunc(found.mtimeMs) === mtimeMillis ? 'present' : 'touched';
  }

  /**
   * Passes when the media can be used; `contentHashNow` (of the file now) is called only when size or time differ.
   * Throws `media-missing` or `media-changed`; masks are never shown over another file.
   */
  require(contentHashNow: () => string): void {
    const presence = this.presence();
    if (presence === 'present') return;
    const { info } = this.get();
    const name = basename(info.path);
    if (presence === 'missing') {
      throw new StudioError(
        'media-missing',
        'user',
        `The video ${name} is not where it was; masks and prompts are kept. Re-link the session to where it is now.`,
        { details: { path: info.path, contentHash: info.contentHash } },
      );
    }
    if (contentHashNow() !== info.contentHash) throw mediaChanged(info);
  }

  /** Throws `media-changed` where the video, the same file, is shown otherwise now: masks would lie over another picture. */
  requireShownAs(now: VideoInfo): void {
    if (!isShownAlike(now, this.get().info)) throw turnedMedia(this.connection.path, now.path);
  }
}

/** Whether a video's frames are as large, and turned, as they were: earlier versions did not turn or mirror every video as its file asks. */
export function isShownAlike(now: VideoInfo, known: VideoInfo): boolean {
  return now.rotation === known.rotation && now.width === known.width && now.height === known.height;
}

/** What was marked on a video that is shown otherwise now lies elsewhere; `details.turned` tells it from another video. */
export function turnedMedia(session: string, at: string): StudioError {
  const name = basename(session);
  return new StudioError(
    'media-changed',
    'user',
    `The video ${at} is turned or mirrored otherwise than when ${name} was made; masks and prompts are kept. Make a new session for it, or open this one to look at it only.`,
    { details: { path: session, turned: true } },
  );
}

export class MediaWrites extends MediaReads {
  /**
   * Points the session at a moved or touched copy of the same media. Throws `media-changed` unless `info.contentHash` equals the
   * stored one; frame table, size and rate stay as imported.
   */
  relink(info: VideoInfo, mtimeMillis: number): void {
    const before = this.get().info;
    if (info.contentHash !== before.contentHash) throw mediaChanged({ ...before, path: info.path });
    const after: VideoInfo = { ...before, path: info.path, sizeBytes: info.sizeBytes };
    this.connection.run(
      'UPDATE media SET path = ?, size_bytes = ?, mtime_millis = ?, info_json = ? WHERE id = 1',
      info.path,
      info.sizeBytes,
      Math.trunc(mtimeMillis),
      JSON.stringify(after),
    );
  }
}

/** Writes the one media row of a new session. */
export function insertMedia(connection: Connection, media: NewMedia): void {
  const { info, framePts } = media;
  if (framePts.length !== info.frameCount) {
    throw new StudioError(
      'internal',
      'bug',
      `The frame table has ${framePts.length} entries for ${info.frameCount} frames; no session was made.`,
    );
  }
  const ticks = new Uint8Array(Float64Array.from(framePts).buffer);
  connection.run(
    `INSERT INTO media (id, path, size_bytes, mtime_millis, content_hash, width, height, frame_count, timebase_numerator,
      timebase_denominator, frame_pts, frame_pts_checksum, info_json) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    info.path,
    info.sizeBytes,
    Math.trunc(media.mtimeMillis),
    info.contentHash,
    info.width,
    info.height,
    info.frameCount,
    info.timebase.numerator,
    info.timebase.denominator,
    ticks,
    blobChecksum(ticks),
    JSON.stringify(info),
  );
}

function mediaChanged(info: VideoInfo): StudioError {
  return new StudioError(
    'media-changed',
    'user',
    `${basename(info.path)} is not the video this session was made from; masks and prompts are kept. Re-link to the original file.`,
    { details: { path: info.path } },
  );
}

function damagedTable(path: string, what: string): StudioError {
  return new StudioError(
    'session-corrupt',
    'resource',
    `The ${what} of ${basename(path)} is damaged; nothing was changed. Restore a backup, or track the video again.`,
    { details: { path } },
  );
}
