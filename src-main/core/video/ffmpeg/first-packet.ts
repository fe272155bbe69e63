import { parseRational, ticksToSecs } from '../../../../src-shared/time/timebase.ts';
import type { MediaTools } from '../tools/media-tools.ts';
import { fileUrl, guardArguments } from './input-arguments.ts';
import { ToolProcess } from './tool-process.ts';

const LIMIT_BYTES = 100_000;

/** Presentation time of the first packet of a stream, in the file's own time; null when it has none. Errors: `ffmpeg-failed`. */
export async function firstPacketSecs(
  tools: MediaTools,
  path: string,
  streamIndex: number,
  signal?: AbortSignal,
): Promise<number | null> {
  const args = ['-hide_banner', '-v', 'error', ...guardArguments(), '-select_streams', String(streamIndex)];
  args.push('-read_intervals', '%+#1', '-show_entries', 'packet=pts:stream=time_base', '-of', 'csv=p=0');
  args.push('-i', fileUrl(path));
  await using tool = new ToolProcess({ path: tools.ffprobe.path, args, stdin: 'ignore' }, { signal });
  const lines = (await tool.readText(LIMIT_BYTES)).split(/[\s,]+/);
  const exit = await tool.ended;
  if (exit.code !== 0) throw tool.failure('ffmpeg-failed', `${path} could not be read again; it is not used.`, exit);
  const timebase = parseRational(lines.find((line) => line.includes('/')) ?? '');
  const pts = lines.find((line) => /^-?\d+$/.test(line));
  return timebase === null || pts === undefined ? null : ticksToSecs(Number(pts), timebase);
}
