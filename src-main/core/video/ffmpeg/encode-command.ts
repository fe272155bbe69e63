import type { AudioStreamInfo } from '../../../../src-shared/domain/video-info.ts';
import type { Rational } from '../../../../src-shared/time/timebase.ts';
import type { ColourTags } from '../decode-plan.ts';
import { passthroughArguments, type ToolVersion } from '../tools/tool-version.ts';
import type { ChosenEncoder } from './codec-arguments.ts';
import { fileUrl, globalArguments, guardArguments } from './input-arguments.ts';
import { soundStartOutput } from './sound-starts.ts';

/** An annotated video to write; pictures come as Matroska on stdin. */
export interface EncodeJob {
  readonly encoder: ChosenEncoder;
  readonly outputPath: string;
  readonly timebase: Rational;
  /** Ticks added to the piped times, which start at 0. */
  readonly ptsOffset: number;
  readonly averageFps: number;
  readonly frameCount: number;
  readonly sampleAspectRatio: Rational;
  readonly width: number;
  readonly height: number;
  readonly tags: ColourTags;
  readonly sound: SoundJob | null;
  /** Of the container; null: none. */
  readonly title: string | null;
}

/** What the source itself adds: its sound and its chapters. */
export interface SoundJob {
  readonly path: string;
  /** May be none. */
  readonly streams: readonly AudioStreamInfo[];
  /** Added to its times; negative for a part, which is moved to start at 0. */
  readonly delaySecs: number;
  /** null: all of it; else only what is due from 0 to `lengthSecs` after the move. */
  readonly cut: { readonly lengthSecs: number; readonly seekSecs: number | null } | null;
}

/** Sound that a container takes as it is; anything else is re-encoded to AAC. */
const COPIED_CODECS = {
  mp4: new Set(['aac', 'mp3', 'mp2', 'ac3', 'eac3', 'alac', 'opus', 'flac']),
  mov: new Set(['aac', 'mp3', 'ac3', 'eac3', 'alac', 'pcm_s16le', 'pcm_s16be', 'pcm_s24le', 'pcm_s24be']),
};

export function soundIsCopied(stream: AudioStreamInfo, container: 'mp4' | 'mov'): boolean {
  return COPIED_CODECS[container].has(stream.codec);
}

export function encodeArguments(version: ToolVersion, job: EncodeJob): readonly string[] {
  const { numerator, denominator } = job.timebase;
  return [
    ...globalArguments('error'),
    '-copyts',
    // Pictures are fetched ahead by a thread of their own, so the pipe does not stand still while one is encoded.
    '-thread_queue_size',
    '2',
    ...guardArguments(),
    '-f',
    'matroska',
    '-i',
    'pipe:0',
    ...soundInput(job.sound),
    '-map',
    '0:0',
    ...soundOutput(job.sound, job.encoder.container),
    ...(job.sound?.cut == null ? [] : ['-t', job.sound.cut.lengthSecs.toFixed(6)]),
    '-vf',
    videoFilters(job).join(','),
    ...passthroughArguments(version),
    '-enc_time_base',
    `${numerator}/${denominator}`,
    ...job.encoder.args(job),
    ...tagArguments(job),
    ...(job.title === null ? [] : ['-metadata', `title=${job.title}`]),
    '-video_track_timescale',
    String(denominator),
    '-movflags',
    '+faststart',
    // Opus and FLAC in MP4, and AV1, were "experimental" in older builds.
    '-strict',
    '-2',
    // Sound packets wait here until the encoder has looked ahead.
    '-max_muxing_queue_size',
    '8192',
    '-y',
    '-f',
    job.encoder.container,
    fileUrl(job.outputPath),
    ...soundStartOutput(soundWithItsOwnTimes(job)),
  ];
}

/** Streams that are copied as they are; the encoder and a cut choose times of their own. */
export function soundWithItsOwnTimes({ sound, encoder }: EncodeJob): readonly AudioStreamInfo[] {
  if (sound === null || sound.cut !== null) return [];
  return sound.streams.filter((stream) => soundIsCopied(stream, encoder.container));
}

function soundInput(sound: SoundJob | null): readonly string[] {
  if (sound === null) return [];
  // A seek only saves time: what is due before 0 is dropped on the way out. In the file's own time, because ffmpeg would
  // otherwise count from the file's start.
  const seekSecs = sound.cut?.seekSecs ?? null;
  const seek = seekSecs === null ? [] : ['-noaccurate_seek', '-seek_timestamp', '1', '-ss', seekSecs.toFixed(6)];
  const delay = sound.delaySecs === 0 ? [] : ['-itsoffset', sound.delaySecs.toFixed(6)];
  return [...guardArguments(), ...delay, ...seek, '-i', fileUrl(sound.path)];
}

function soundOutput(sound: SoundJob | null, container: 'mp4' | 'mov'): readonly string[] {
  if (sound === null) return [];
  const maps = sound.streams.flatMap((stream) => ['-map', `1:${stream.index}`]);
  const codecs = sound.streams.flatMap((stream, index) =>
    soundIsCopied(stream, container)
      ? [`-c:a:${index}`, 'copy', ...(sound.cut === null ? [] : [`-copypriorss:a:${index}`, '0'])]
      : [`-c:a:${index}`, 'aac', `-b:a:${index}`, '192k', ...(sound.cut === null ? [] : soundTrim(index, sound.cut))],
  );
  return ['-map_chapters', '1', ...maps, ...codecs];
}

function soundTrim(index: number, cut: { readonly lengthSecs: number }): readonly string[] {
  return [`-filter:a:${index}`, `atrim=start=0:end=${cut.lengthSecs.toFixed(6)}`];
}

/** Times back to the source's ticks; where the encoder needs even sides, an odd one gets one more pixel, a copy of its neighbour. */
function videoFilters(job: EncodeJob): readonly string[] {
  const { numerator, denominator } = job.timebase;
  const filters = [`settb=${numerator}/${denominator}`, `setpts=PTS+(${job.ptsOffset})`];
  const right = job.width % 2;
  const bottom = job.height % 2;
  if (job.encoder.evenSides && right + bottom > 0) {
    filters.push(`pad=${job.width + right}:${job.height + bottom}`);
    filters.push(`fillborders=right=${right}:bottom=${bottom}:mode=smear`);
  }
  const { numerator: across, denominator: down } = job.sampleAspectRatio;
  filters.push(`setsar=${across}/${down}`);
  const { space, primaries, transfer } = job.tags;
  const tags = ['range=tv'];
  if (primaries !== null) tags.push(`color_primaries=${primaries}`);
  if (transfer !== null) tags.push(`color_trc=${transfer}`);
  if (space !== null) tags.push(`colorspace=${space}`);
  filters.push(`setparams=${tags.join(':')}`);
  return filters;
}

/** The same tags once more for builds whose encoder asks its options and not its frames. */
function tagArguments(job: EncodeJob): readonly string[] {
  const { space, primaries, transfer } = job.tags;
  return [
    '-color_range',
    'tv',
    ...(space === null ? [] : ['-colorspace', space]),
    ...(primaries === null ? [] : ['-color_primaries', primaries]),
    ...(transfer === null ? [] : ['-color_trc', transfer]),
  ];
}

/** What the pictures of a sequence hold: `luma` takes the Y plane as it is for a grey picture. */
export type PicturePixels = 'rgb24' | 'rgba' | 'luma';

export interface PictureSequenceJob {
  readonly pixels: PicturePixels;
  /** Matrix of the planes, whose range is limited. */
  readonly matrix: 'bt601' | 'bt709';
  /** Filters to the stored picture, where the colours are made, and forth to the displayed one; null: made as displayed. */
  readonly stored: { readonly back: readonly string[]; readonly forth: readonly string[] } | null;
  readonly sampleAspectRatio: Rational;
  /** Number of the first picture. */
  readonly startNumber: number;
}

/**
 * PNG pictures into the working directory, named by five digits or more. RGB is made by the same conversion as every RGB decode of ours, so
 * pixels that nothing was drawn on are those of the decoded source.
 */
export function pictureArguments(version: ToolVersion, job: PictureSequenceJob): readonly string[] {
  const { pixels, matrix, stored, sampleAspectRatio: shape } = job;
  const conversion =
    pixels === 'luma'
      ? ['extractplanes=y']
      : [`scale=in_color_matrix=${matrix}:in_range=tv:flags=bilinear`, `format=${pixels}`];
  const filters = [...(stored?.back ?? []), ...conversion, ...(stored?.forth ?? [])];
  return [
    ...globalArguments('error'),
    ...guardArguments(),
    '-f',
    'matroska',
    '-i',
    'pipe:0',
    '-map',
    '0:0',
    '-vf',
    [...filters, `setsar=${shape.numerator}/${shape.denominator}`].join(','),
    ...passthroughArguments(version),
    '-c:v',
    'png',
    '-start_number',
    String(job.startNumber),
    '-f',
    'image2',
    '%05d.png',
  ];
}
