import type { Writable } from 'node:stream';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { decodeFrames } from '../decode-frames.ts';
import { StreamBytes } from '../ffmpeg/byte-source.ts';
import { globalArguments } from '../ffmpeg/input-arguments.ts';
import { ToolProcess } from '../ffmpeg/tool-process.ts';
import { NutReader } from '../nut-reader.ts';
import type { VideoSource } from '../video-source.ts';

/** ffmpeg's scale from 2 (best) to 31; at 2 differences are hard to see. */
const QUALITY = '2';

/**
 * The wanted frames (ascending) as JPEG files, full range 4:2:0, in order. One ffmpeg encodes what our own decoder hands out, so a
 * picture is exactly the frame its number says. Errors: as `decodeFrames`.
 */
export async function* encodeJpegs(
  source: VideoSource,
  frames: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<{ readonly frameIndex: number; readonly bytes: Uint8Array }, void, undefined> {
  if (frames.length === 0) return;
  const { width, height } = source.info;
  const args = [
    ...globalArguments('error'),
    ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', '25', '-i', 'pipe:0'],
    ...['-c:v', 'mjpeg', '-q:v', QUALITY, '-pix_fmt', 'yuvj420p', '-f', 'nut', 'pipe:1'],
  ];
  await using tool = new ToolProcess({ path: source.tools.ffmpeg.path, args, stdin: 'pipe' }, { signal });
  const { stdin } = tool;
  if (stdin === null) throw new StudioError('internal', 'bug', 'The picture encoder has no input.');
  const reader = new NutReader(new StreamBytes(tool.stdout));
  const feeding = feed(source, frames, stdin, signal);
  // A failure while feeding ends the stream early; it is told below, not as an unhandled rejection.
  feeding.catch(() => stdin.destroy());
  for (const frameIndex of frames) {
    const packet = await reader.next((size) => new Uint8Array(size));
    if (packet === null) {
      await feeding;
      throw tool.failure('ffmpeg-failed', `Frame ${frameIndex} could not be written as a JPEG.`, await tool.ended);
    }
    yield { frameIndex, bytes: packet.data };
  }
  await feeding;
}

async function feed(
  source: VideoSource,
  frames: readonly number[],
  stdin: Writable,
  signal: AbortSignal,
): Promise<void> {
  const wanted = new Set(frames);
  const range = { first: frames[0], last: frames[frames.length - 1] };
  for await (const { frameIndex, pixels } of decodeFrames(source, { ...range, signal })) {
    if (!wanted.has(frameIndex)) continue;
    if (stdin.destroyed) return;
    if (!stdin.write(pixels)) await roomIn(stdin);
  }
  stdin.end();
}

/** Resolves when the pipe takes more, or is closed. */
function roomIn(stdin: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stdin.off('drain', done);
      stdin.off('close', done);
      resolve();
    };
    stdin.on('drain', done);
    stdin.on('close', done);
  });
}
