import { parseRational, type Rational } from '../../../../src-shared/time/timebase.ts';
import type { MediaTools } from '../tools/media-tools.ts';
import { fileUrl, guardArguments } from './input-arguments.ts';
import { ToolProcess } from './tool-process.ts';

/** Times of the packets of the first video stream, ascending, and their timebase. */
export interface PacketTimes {
  readonly timebase: Rational;
  readonly pts: Float64Array;
}

const LIMIT_BYTES = 200_000_000;

/** Reads packet times without decoding. Errors: `ffmpeg-failed`. */
export async function listPacketTimes(tools: MediaTools, path: string, signal?: AbortSignal): Promise<PacketTimes> {
  const args = ['-hide_banner', '-v', 'error', ...guardArguments(), '-select_streams', 'v:0', '-of', 'csv=p=0'];
  args.push('-show_entries', 'packet=pts:stream=time_base', '-i', fileUrl(path));
  await using tool = new ToolProcess({ path: tools.ffprobe.path, args, stdin: 'ignore' }, { signal });
  const lines = (await tool.readText(LIMIT_BYTES)).split(/\s+/);
  const exit = await tool.ended;
  const timebase = parseRational(lines.findLast((line) => line.includes('/'))?.replaceAll(',', '') ?? '');
  if (exit.code !== 0 || timebase === null)
    throw tool.failure('ffmpeg-failed', `${path} could not be read back; it is not used.`, exit);
  const pts = Float64Array.from(
    lines.filter((line) => /^-?\d+,?$/.test(line)).map((line) => Number.parseInt(line, 10)),
  );
  return { timebase, pts: pts.sort() };
}
