import { open, stat } from 'node:fs/promises';
import type { VideoInfo } from '../../../src-shared/domain/video-info.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { ticksToSecs } from '../../../src-shared/time/timebase.ts';
import type { DecodePlan } from './decode-plan.ts';
import { describeAudio, describeStream, pictureStream, type StreamDescription } from './describe-stream.ts';
import type { MediaInput } from './ffmpeg/input-arguments.ts';
import { type ProbedMedia, probeMedia } from './ffmpeg/probe-media.ts';
import { type FrameScan, scanFrames } from './ffmpeg/scan-frames.ts';
import type { OpenVideoOptions } from './open-video-options.ts';
import { refusedPictureSize, refuseHugePicture } from './picture-limits.ts';
import { describeExtras } from './source-extras.ts';
import { sourceNotes } from './source-notes.ts';
import { displayedSize, exifOrientation, STILL_HEADER_BYTES, type StillFormat, stillFormat } from './still-format.ts';
import { buildFrameTable, hasVariableFrameRate } from './table/build-frame-table.ts';
import type { CachedOpening } from './table/frame-table-cache.ts';
import type { FrameTableData } from './table/frame-table-data.ts';

/** What the file says about itself, before a frame of it is decoded. */
export interface ProbedFile {
  readonly media: ProbedMedia;
  readonly stream: NonNullable<ReturnType<typeof pictureStream>>;
  readonly description: StreamDescription;
  readonly plan: DecodePlan;
  readonly input: Extract<MediaInput, { kind: 'file' }>;
}

/** Errors: `not-a-video`, `no-video-stream`, `media-refused`, `media-too-large`, `ffmpeg-failed`, `cancelled`. */
export async function probeFile(
  path: string,
  options: Pick<OpenVideoOptions, 'tools' | 'signal'>,
): Promise<ProbedFile> {
  const head = await readHead(path);
  refusePlaylist(path, head);
  // A motion JPEG video begins like a picture.
  const still = /\.mjpe?g$/i.test(path) ? null : stillFormat(head);
  const media = await probeMedia(options.tools, path, still, options.signal);
  const stream = pictureStream(media);
  if (stream === null) throw withoutPicture(path, media);
  const description = describeStream(stream, media, still === 'jpeg' ? exifOrientation(head) : null);
  // For a header that lies boldly enough ffprobe reports no size at all.
  const claimed = stream.width ? null : refusedPictureSize(media.complaints);
  refuseHugePicture(path, claimed?.width ?? description.storedWidth, claimed?.height ?? description.storedHeight);
  const { streamIndex } = description;
  const plan = planFor(media, description, still);
  return { media, stream, description, plan, input: { kind: 'file', path, streamIndex, still } };
}

/** Probes one file, decodes it once to count its frames, and describes it. Errors: see `openVideo`. */
export async function openFile(
  path: string,
  contentHash: string,
  options: OpenVideoOptions,
): Promise<CachedOpening<DecodePlan>> {
  const { media, stream, description, plan, input } = await probeFile(path, options);
  const { nominalFrameTicks, timebase } = description;
  const expected =
    Number(stream.nb_frames ?? 0) || expectedFrames(description.expectedEndSecs, nominalFrameTicks, timebase);
  const scan = await scanFrames(options.tools, input, {
    signal: options.signal,
    onFrame: (count) => options.onProgress?.(count, expected),
  });
  if (scan.frames.length === 0) throw withoutFrames(path, scan);
  const ticks = scan.timebase ?? timebase;
  if (ticks === null) throw withoutFrames(path, scan);
  const table = buildFrameTable(scan.frames, ticks, nominalFrameTicks);
  const info = await describeFile(path, contentHash, media, description, scan, table);
  return { info, table, plan, extras: describeExtras(media) };
}

type WithTimebase = StreamDescription['timebase'];
function expectedFrames(endSecs: number | null, frameTicks: number | null, timebase: WithTimebase): number | null {
  if (endSecs === null || frameTicks === null || timebase === null) return null;
  return Math.round(endSecs / ticksToSecs(frameTicks, timebase));
}

async function describeFile(
  path: string,
  contentHash: string,
  media: ProbedMedia,
  description: StreamDescription,
  scan: FrameScan,
  table: FrameTableData,
): Promise<VideoInfo> {
  const { pts, timebase, lastDuration } = table;
  const frameCount = pts.length;
  const firstPts = pts[0]!;
  const lastPts = pts[frameCount - 1]!;
  const durationSecs = ticksToSecs(lastPts - firstPts + lastDuration, timebase);
  const endSecs = ticksToSecs(lastPts + lastDuration, timebase);
  const { rotation, storedWidth, storedHeight } = description;
  const interlaced = description.interlaced || scan.frames.slice(0, 20).filter((frame) => frame.interlaced).length > 10;
  const variableFrameRate = hasVariableFrameRate(pts);
  const shortBySecs = (description.expectedEndSecs ?? endSecs) - endSecs;
  const endsEarly = scan.complaintCount > 0 && shortBySecs > Math.max(0.1, ticksToSecs(lastDuration * 2, timebase));
  const truncated = endsEarly
    ? { afterSecs: durationSecs, reason: scan.complaints.at(-1) ?? 'the file ends before its index says' }
    : null;
  return {
    kind: 'file',
    path,
    container: (media.format?.format_name ?? 'unknown').split(',')[0]!,
    codec: description.codec,
    ...displayedSize(storedWidth, storedHeight, rotation),
    rotation,
    sampleAspectRatio: description.sampleAspectRatio,
    pixelFormat: description.pixelFormat,
    bitDepth: description.bitDepth,
    hdr: description.colour.hdr,
    interlaced,
    frameCount,
    timebase,
    firstPts,
    lastPts,
    durationSecs,
    averageFps: frameCount / durationSecs,
    variableFrameRate,
    audio: describeAudio(media),
    sizeBytes: (await stat(path)).size,
    truncated,
    notes: sourceNotes({ ...description, interlaced }, scan, table, { variableFrameRate, truncated, shortBySecs }),
    contentHash,
  };
}

function planFor(media: ProbedMedia, description: StreamDescription, still: StillFormat | null): DecodePlan {
  const { streamIndex, storedWidth, storedHeight, rotation, mirrored, colour, tags } = description;
  const seeksByByte = /mpegts|^mpeg$/.test(media.format?.format_name ?? '');
  return {
    media: { kind: 'file', streamIndex, still },
    storedWidth,
    storedHeight,
    rotation,
    mirrored,
    colour,
    tags,
    seek: seeksByByte ? 'early' : 'key-frame',
  };
}

async function readHead(path: string): Promise<Buffer> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(STILL_HEADER_BYTES), 0, STILL_HEADER_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}

/** Playlists are text: they are named before any tool opens them. */
function refusePlaylist(path: string, bytes: Buffer): void {
  const head = bytes
    .toString('latin1', 0, 4096)
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart();
  const isPlaylist =
    /^(#EXTM3U|ffconcat version|file\s+['"\w/.]|\[playlist\]|v=0\r?\n)/i.test(head) ||
    /^<\?xml[\s\S]*<(MPD|smil)\b/i.test(head);
  if (!isPlaylist) return;
  throw new StudioError(
    'media-refused',
    'user',
    `${path} is a playlist, which can reach other files; it was not opened. Give Masklet Studio the video file itself.`,
  );
}

function withoutPicture(path: string, media: ProbedMedia): StudioError {
  const sound = media.streams.some((stream) => stream.codec_type === 'audio');
  return new StudioError(
    'no-video-stream',
    'user',
    `${path} has ${sound ? 'sound but no picture' : 'no picture'}; choose a file with a video stream.`,
  );
}

function withoutFrames(path: string, scan: FrameScan): StudioError {
  return new StudioError(
    'no-frames',
    'user',
    `${path} has a video stream but not one frame could be decoded; it is damaged or empty.`,
    {
      details: { command: scan.commandLine, exitCode: scan.exit.code, stderr: scan.complaints.join('\n').slice(-4096) },
    },
  );
}
