import type { Rational } from '../../../../src-shared/time/timebase.ts';
import { parseRational } from '../../../../src-shared/time/timebase.ts';
import type { MediaTools } from '../tools/media-tools.ts';
import { passthroughArguments, type ToolVersion } from '../tools/tool-version.ts';
import { decodeInputArguments, globalArguments, type MediaInput } from './input-arguments.ts';
import { TINY_CROP, TINY_OUTPUT } from './tiny-output.ts';
import { type ToolExit, ToolProcess } from './tool-process.ts';

/** One frame as our own decode emits it. */
export interface ScannedFrame {
  /** Ticks of `timebase`; null when the file gives none. */
  readonly pts: number | null;
  readonly keyFrame: boolean;
  readonly interlaced: boolean;
}

export interface FrameScan {
  readonly frames: readonly ScannedFrame[];
  readonly timebase: Rational | null;
  /** What the decoder complained about, without addresses, first 50. */
  readonly complaints: readonly string[];
  readonly complaintCount: number;
  readonly exit: ToolExit;
  readonly commandLine: string;
}

/** Cameras put previews and second views behind the picture. */
const FIRST_PICTURE = ['-frames:v', '1'];

/** Arguments of the pass over every frame; `showinfo` sums up pixels. */
export function scanArguments(version: ToolVersion, input: MediaInput): readonly string[] {
  return [
    ...globalArguments('level+info'),
    ...decodeInputArguments(input, null),
    '-vf',
    `${TINY_CROP},showinfo`,
    ...passthroughArguments(version),
    ...(input.kind === 'file' && input.still !== null ? FIRST_PICTURE : []),
    ...TINY_OUTPUT,
  ];
}

/** Decodes everything once and returns what came out, in order. Errors: `ffmpeg-failed` when ffmpeg did not end by itself, `cancelled`. */
export async function scanFrames(
  tools: MediaTools,
  input: MediaInput,
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly onFrame?: ((count: number, pts: number | null) => void) | undefined;
  },
): Promise<FrameScan> {
  const frames: ScannedFrame[] = [];
  const complaints: string[] = [];
  let complaintCount = 0;
  let timebase: Rational | null = null;
  const onStderrLine = (line: string) => {
    const frame = parseShowinfoLine(line);
    if (frame !== null) {
      frames.push(frame);
      options.onFrame?.(frames.length, frame.pts);
      return;
    }
    timebase ??= parseShowinfoTimebase(line);
    const complaint = parseComplaint(line);
    if (complaint === null) return;
    complaintCount++;
    if (complaints.length < 50) complaints.push(complaint);
  };
  await using tool = new ToolProcess(
    { path: tools.ffmpeg.path, args: scanArguments(tools.ffmpeg.version, input), stdin: 'ignore' },
    { signal: options.signal, onStderrLine },
  );
  tool.stdout.resume();
  const exit = await tool.ended;
  if (options.signal?.aborted) throw tool.failure('cancelled', '');
  if (input.kind === 'file') tool.refuseUnfinished(exit, input.path);
  return { frames, timebase, complaints, complaintCount, exit, commandLine: tool.commandLine };
}

/** Reads one frame line of `showinfo`; null for any other line. Wording differs a little from version to version. */
export function parseShowinfoLine(line: string): ScannedFrame | null {
  const match = /Parsed_showinfo.*\bn:\s*\d+ pts:\s*(NOPTS|-?\d+) /.exec(line);
  if (match === null) return null;
  return {
    pts: match[1] === 'NOPTS' ? null : Number(match[1]),
    keyFrame: /\biskey:1\b/.test(line),
    interlaced: /\bi:[TB]\b/.test(line),
  };
}

/** `config in time_base: 1/12800, ...` */
export function parseShowinfoTimebase(line: string): Rational | null {
  const match = /Parsed_showinfo.*config in time_base: (\d+\/\d+)/.exec(line);
  return match === null ? null : parseRational(match[1]!);
}

function parseComplaint(line: string): string | null {
  if (!/\[(error|fatal|panic)\]/.test(line)) return null;
  return line.replace(/ @ 0x[0-9a-f]+/g, '').slice(0, 200);
}
