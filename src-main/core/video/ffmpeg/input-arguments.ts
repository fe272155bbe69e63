import type { StillFormat } from '../still-format.ts';

/** Containers we read. Everything else, playlists first of all, is refused by the demuxer itself. */
const CONTAINERS = [
  'mov,mp4,m4a,3gp,3g2,mj2',
  'matroska,webm',
  'mpegts',
  'avi',
  'gif',
  'mpeg',
  'flv',
  'asf',
  'ogg',
  'mxf',
  'nut',
  'ivf',
  'm4v',
  'h264',
  'hevc',
  'mjpeg',
  'yuv4mpegpipe',
  'png_pipe',
  'jpeg_pipe',
  'webp_pipe',
  'bmp_pipe',
  'tiff_pipe',
  'apng',
  // Sound only: known so that the answer can be "no picture" and not "no video".
  'mp3',
  'wav',
  'aac',
  'flac',
].join(',');

/** Largest single allocation a decoder may ask for: a 16-bit RGBA picture of MAX_PIXELS fits, a header that lies does not. */
const MAX_ALLOC_BYTES = 1_000_000_000;

/** Pictures above this are refused before a decoder sees them. */
export const MAX_PIXELS = 100_000_000;
export const MAX_SIDE = 16_384;

/**
 * Options in front of every input, the wall around untrusted files: local files and pipes only, known containers only,
 * bounded allocations. (`-protocol_whitelist file` alone still lets a playlist renamed .mp4 open other local files.)
 */
export function guardArguments(): readonly string[] {
  return ['-protocol_whitelist', 'file,pipe', '-format_whitelist', CONTAINERS];
}

/** Options that come first on the command line of ffmpeg. */
export function globalArguments(logLevel: string): readonly string[] {
  return ['-nostdin', '-hide_banner', '-loglevel', logLevel, '-max_alloc', String(MAX_ALLOC_BYTES)];
}

/** A path that can neither be an option nor name another protocol. */
export function fileUrl(path: string): string {
  return `file:${path}`;
}

/** What a decode reads: a file, or pictures of one kind sent to stdin one after the other. */
export type MediaInput =
  | { readonly kind: 'file'; readonly path: string; readonly streamIndex: number; readonly still: StillFormat | null }
  | { readonly kind: 'pictures'; readonly format: 'png' | 'jpeg' };

/** Names the reader of a picture, so that none is guessed from the file's name; nothing for other files. */
export function readerArguments(still: StillFormat | null): readonly string[] {
  return still === null ? [] : ['-f', `${still}_pipe`];
}

/**
 * The input of a frame-exact decode. Timestamps stay as the file has them (`-copyts`), rotation is ours to apply, and a seek
 * only chooses where decoding starts (`-noaccurate_seek`): what is emitted is cut by exact ticks in the filter chain.
 */
export function decodeInputArguments(input: MediaInput, seekSecs: number | null): readonly string[] {
  if (input.kind === 'pictures') {
    const format = input.format === 'png' ? 'png_pipe' : 'jpeg_pipe';
    return [...guardArguments(), '-noautorotate', '-framerate', '25', '-f', format, '-i', 'pipe:0', '-map', '0:0'];
  }
  const seek = seekSecs === null ? [] : ['-noaccurate_seek', '-seek_timestamp', '1', '-ss', secondsText(seekSecs)];
  return [
    '-copyts',
    ...guardArguments(),
    '-noautorotate',
    ...seek,
    ...readerArguments(input.still),
    '-i',
    fileUrl(input.path),
    '-map',
    `0:${input.streamIndex}`,
  ];
}

/** Seconds with microseconds, rounded up so that a seek never lands before the key frame it names. */
function secondsText(secs: number): string {
  return (Math.ceil(secs * 1e6) / 1e6).toFixed(6);
}
