import { availableParallelism } from 'node:os';
import type { Rational } from '../../../../src-shared/time/timebase.ts';
import { ticksToSecs } from '../../../../src-shared/time/timebase.ts';
import { colourFilters, type OutputFormat } from '../colour/colour-path.ts';
import type { DecodePlan } from '../decode-plan.ts';
import { passthroughArguments, type ToolVersion } from '../tools/tool-version.ts';
import { decodeInputArguments, globalArguments, type MediaInput } from './input-arguments.ts';

/** A stretch of frames and how to reach it. */
export interface DecodeStretch {
  readonly first: number;
  readonly count: number;
  /** Ticks to seek to; null: decode from the first frame of the file. */
  readonly seekTicks: number | null;
  /** A frame on the way to `first` that is handed out before it; null: none is. Only where timestamps are trustworthy. */
  readonly lead: number | null;
}

/** How frames are recognised in what the tool emits: by exact ticks, or by counting when the file's own are useless. */
export interface DecodeTiming {
  readonly timebase: Rational;
  readonly trustworthy: boolean;
  readonly firstPts: number;
  /** Ticks of the first wanted frame. */
  readonly startPts: number;
  /** Ticks of the frame that leads; null: none does. */
  readonly leadPts: number | null;
}

/**
 * Arguments that decode a stretch to NUT on stdout. Emitted timestamps are ticks after `firstPts` (NUT cannot hold negative
 * ones), or the frame's number within the stretch when counting.
 */
export function decodeArguments(
  version: ToolVersion,
  input: MediaInput,
  plan: DecodePlan,
  stretch: DecodeStretch,
  timing: DecodeTiming,
  format: OutputFormat,
  toneMapFile: string | null,
): readonly string[] {
  const seekSecs = stretch.seekTicks === null ? null : ticksToSecs(stretch.seekTicks, timing.timebase);
  const { numerator, denominator } = timing.timebase;
  return [
    ...globalArguments('error'),
    ...decoderThreads(format),
    ...decodeInputArguments(input, seekSecs),
    '-vf',
    [...selection(input, stretch, timing), ...colourFilters(plan, format, toneMapFile)].join(','),
    ...passthroughArguments(version),
    '-enc_time_base',
    `${numerator}/${denominator}`,
    '-frames:v',
    String(stretch.count + (stretch.lead === null ? 0 : 1)),
    ...encoderArguments(format),
    '-f',
    'nut',
    'pipe:1',
  ];
}

/** The first frame alone, before any time in the file is known. */
export function firstPictureArguments(
  version: ToolVersion,
  input: MediaInput,
  plan: DecodePlan,
  toneMapFile: string | null,
): readonly string[] {
  return [
    ...globalArguments('error'),
    ...decodeInputArguments(input, null),
    '-vf',
    ['setpts=N', ...colourFilters(plan, 'proxy', toneMapFile)].join(','),
    ...passthroughArguments(version),
    '-frames:v',
    '1',
    ...encoderArguments('proxy'),
    '-f',
    'nut',
    'pipe:1',
  ];
}

const JPEG_QUALITY = { jpeg: '2', proxy: '3', thumbnail: '4' } as const;

const MOST_DECODER_THREADS = 16;

/**
 * Planes are read for a rendering, whose encoder needs the cores: decoding on several threads costs an eighth more processor time than
 * on one, and one keeps ahead of an encoder on two others. A frame that a person waits for is decoded on as many threads as there are
 * cores: the tool's own choice, one more, takes an eighth longer to get there (DECISIONS 102).
 */
function decoderThreads(format: OutputFormat): readonly string[] {
  const cores = availableParallelism();
  if (format === 'yuv420p') return ['-threads', String(Math.ceil(cores / 3))];
  return format === 'jpeg' ? ['-threads', String(Math.min(cores, MOST_DECODER_THREADS))] : [];
}

/** One thread: a picture is encoded in a few milliseconds, and more threads only take cores from the tracker. */
function encoderArguments(format: OutputFormat): readonly string[] {
  if (format === 'rgb24' || format === 'yuv420p') return ['-c:v', 'rawvideo'];
  return ['-c:v', 'mjpeg', '-q:v', JPEG_QUALITY[format], '-threads:v', '1'];
}

/** Cuts by integer ticks, so nothing is lost to a rounded number of seconds. */
function selection(input: MediaInput, stretch: DecodeStretch, timing: DecodeTiming): readonly string[] {
  if (input.kind === 'pictures') return [];
  if (!timing.trustworthy) return [`select='gte(n\\,${stretch.first})'`, 'setpts=N'];
  const cut =
    timing.leadPts === null
      ? `trim=start_pts=${timing.startPts}`
      : `select='eq(pts\\,${timing.leadPts})+gte(pts\\,${timing.startPts})'`;
  return [cut, `setpts=PTS-(${timing.firstPts})`];
}
