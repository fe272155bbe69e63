import { ticksToSecs } from '../../../../src-shared/time/timebase.ts';
import type { VideoSource } from '../video-source.ts';
import { fileUrl, globalArguments, guardArguments } from './input-arguments.ts';
import type { ToolCommand } from './tool-process.ts';

export interface SoundStretch {
  /** Samples a second and channel. */
  readonly rate: number;
  readonly channels: 1 | 2;
  /** First sample, counted from the first frame of the video. */
  readonly first: number;
  /** null: to the end of the sound. */
  readonly count: number | null;
}

/** Decoding starts this much early: the first packets after a seek may lack what comes before them. */
const EARLY_SECS = 0.5;

/**
 * Decodes the first sound track to interleaved 16-bit samples on stdout, placed against the first frame of the video: gaps and what lies
 * before the sound begins are silence. null when the source has no sound.
 */
export function soundCommand(source: VideoSource, stretch: SoundStretch): ToolCommand | null {
  const { info, tools } = source;
  const [track] = info.audio;
  if (track === undefined || info.kind !== 'file') return null;
  const { rate, channels, first, count } = stretch;
  const startSecs = ticksToSecs(info.firstPts, info.timebase) + first / rate;
  const seek =
    first === 0 ? [] : ['-noaccurate_seek', '-seek_timestamp', '1', '-ss', (startSecs - EARLY_SECS).toFixed(6)];
  const filters = [
    // Times count from the wanted start: the resampler pads to an absolute time wrongly (measured, 5.1).
    `asetpts=PTS-${startSecs.toFixed(6)}/TB`,
    'atrim=start=0',
    `aresample=${rate}:async=1:first_pts=0`,
    `aformat=sample_fmts=s16:channel_layouts=${channels === 1 ? 'mono' : 'stereo'}`,
    ...(count === null ? [] : [`atrim=end_pts=${count}`]),
  ];
  const input = ['-copyts', ...guardArguments(), ...seek, '-i', fileUrl(info.path), '-map', `0:${track.index}`];
  const args = [...globalArguments('error'), ...input, '-af', filters.join(','), '-f', 's16le', 'pipe:1'];
  return { path: tools.ffmpeg.path, args, stdin: 'ignore' };
}
