import { soundCommand } from '../ffmpeg/sound-command.ts';
import { ToolProcess } from '../ffmpeg/tool-process.ts';
import type { VideoSource } from '../video-source.ts';

export const SOUND_RATE = 48_000;
export const SOUND_CHANNELS = 2;

/**
 * Sound of a stretch of clip time that starts `firstSample` samples after the first frame: int16 [count, 2] interleaved at 48 kHz, silence
 * where there is none. Empty when the source has no sound. Errors: ffmpeg-failed, cancelled.
 */
export async function readSound(
  source: VideoSource,
  firstSample: number,
  count: number,
  signal: AbortSignal,
): Promise<Int16Array<ArrayBuffer>> {
  const stretch = { rate: SOUND_RATE, channels: SOUND_CHANNELS, first: firstSample, count } as const;
  const command = soundCommand(source, stretch);
  if (command === null) return new Int16Array(0);
  const samples = new Int16Array(count * SOUND_CHANNELS);
  const bytes = new Uint8Array(samples.buffer);
  await using tool = new ToolProcess(command, { signal });
  let at = 0;
  for await (const chunk of tool.stdout as AsyncIterable<Buffer>) {
    bytes.set(chunk.subarray(0, bytes.length - at), at);
    at = Math.min(bytes.length, at + chunk.length);
  }
  const exit = await tool.ended;
  // Past the end of the sound ffmpeg has nothing to write and says so; damage in the middle is silence too.
  if (at === 0 && exit.code !== 0 && firstSample === 0) throw tool.failure('ffmpeg-failed', UNREADABLE, exit);
  if (signal.aborted) throw tool.failure('cancelled', '', exit);
  return samples;
}

const UNREADABLE = 'The sound of this video could not be decoded; the picture is not affected.';
