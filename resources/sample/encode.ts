import { spawn } from 'node:child_process';
import { once } from 'node:events';
import ffmpeg from '@ffmpeg-installer/ffmpeg';
import { fps } from './choreography.ts';
import { height, width } from './stage.ts';

/** Encodes rgb24 frames and a WAV file to H.264 and AAC in MP4. Bit-exact flags and two threads: equal input gives an equal file. */
export async function encodeClip(
  outPath: string,
  soundPath: string,
  frames: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', `${fps}`, '-i', 'pipe:0'];
  const colour = 'scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int,format=yuv420p';
  const tags = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'];
  const video = ['-c:v', 'libx264', '-preset', 'slow', '-crf', '20', '-g', '48', '-threads', '2', ...tags];
  const sound = ['-c:a', 'aac', '-b:a', '128k', '-ar', '48000'];
  const exact = ['-map_metadata', '-1', '-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact'];
  const args = ['-v', 'error', '-y', ...input, '-i', soundPath, '-vf', colour, ...video, ...sound, ...exact];
  const child = spawn(ffmpeg.path, [...args, '-movflags', '+faststart', outPath], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const closed = once(child, 'close');
  for await (const frame of frames) {
    if (!child.stdin.write(frame)) await once(child.stdin, 'drain');
  }
  child.stdin.end();
  const [status] = await closed;
  if (status !== 0) throw new Error(`ffmpeg ended with status ${status} while writing ${outPath}`);
}
