import type { AudioStreamInfo, HdrTransfer } from '../../../src-shared/domain/video-info.ts';
import { parseRational, type Rational } from '../../../src-shared/time/timebase.ts';
import type { ColourTags, SourceColour } from './decode-plan.ts';
import { orientationFromMatrix, quarterTurn } from './display-matrix.ts';
import type { ProbedMedia, ProbedStream } from './ffmpeg/probe-media.ts';
import type { Orientation } from './still-format.ts';

/** What the container says about its picture, in our words; frames are counted later. */
export interface StreamDescription {
  readonly streamIndex: number;
  readonly codec: string;
  readonly storedWidth: number;
  readonly storedHeight: number;
  readonly rotation: 0 | 90 | 180 | 270;
  /** Mirrored left to right before it is turned. */
  readonly mirrored: boolean;
  /** Of the displayed picture: swapped with the sides when it is turned by 90 degrees. */
  readonly sampleAspectRatio: Rational;
  readonly pixelFormat: string;
  readonly bitDepth: number;
  readonly colour: SourceColour;
  readonly tags: ColourTags;
  readonly interlaced: boolean;
  readonly timebase: Rational | null;
  /** Ticks of one frame at the average rate; null when the container gives no rate. */
  readonly nominalFrameTicks: number | null;
  /** Where the container says the picture ends; null when it does not say. */
  readonly expectedEndSecs: number | null;
}

const SQUARE: Rational = { numerator: 1, denominator: 1 };

/** The stream we decode: the first that is a moving picture and not cover art; null when there is none. */
export function pictureStream(media: ProbedMedia): ProbedStream | null {
  return (
    media.streams.find((stream) => stream.codec_type === 'video' && stream.disposition?.attached_pic !== 1) ?? null
  );
}

/** `tagged`: what a picture's own tags ask for; null: the container decides. */
export function describeStream(
  stream: ProbedStream,
  media: ProbedMedia,
  tagged: Orientation | null = null,
): StreamDescription {
  const timebase = parseRational(stream.time_base ?? '');
  const { rotation, mirrored } = tagged ?? orientationOf(stream);
  const aspect = parseRational((stream.sample_aspect_ratio ?? '').replace(':', '/'));
  const square = aspect === null || aspect.numerator <= 0 ? SQUARE : aspect;
  const turned = rotation === 90 || rotation === 270;
  return {
    streamIndex: stream.index,
    codec: stream.codec_name ?? 'unknown',
    storedWidth: stream.width ?? 0,
    storedHeight: stream.height ?? 0,
    rotation,
    mirrored,
    sampleAspectRatio: turned ? { numerator: square.denominator, denominator: square.numerator } : square,
    pixelFormat: stream.pix_fmt ?? 'unknown',
    bitDepth: bitDepthOf(stream),
    colour: colourOf(stream),
    tags: {
      space: known(stream.color_space),
      primaries: known(stream.color_primaries),
      transfer: known(stream.color_transfer),
    },
    interlaced: /^(tt|bb|tb|bt)$/.test(stream.field_order ?? ''),
    timebase: timebase !== null && timebase.numerator > 0 ? timebase : null,
    nominalFrameTicks: nominalTicks(stream, timebase),
    expectedEndSecs: expectedEnd(stream, media),
  };
}

/** Sound tracks in container order. */
export function describeAudio(media: ProbedMedia): readonly AudioStreamInfo[] {
  return media.streams
    .filter((stream) => stream.codec_type === 'audio')
    .map((stream) => ({
      index: stream.index,
      codec: stream.codec_name ?? 'unknown',
      channels: stream.channels ?? 0,
      sampleRate: Number(stream.sample_rate ?? 0),
    }));
}

/** From the display matrix; old files have a tag for it (degrees clockwise). Other angles than quarter turns are left alone. */
function orientationOf(stream: ProbedStream): Orientation {
  const matrix = stream.side_data_list?.find((each) => each.displaymatrix !== undefined)?.displaymatrix;
  if (matrix !== undefined) return orientationFromMatrix(matrix);
  return { mirrored: false, rotation: quarterTurn(Number(stream.tags?.rotate ?? 0)) ?? 0 };
}

function colourOf(stream: ProbedStream): SourceColour {
  const format = stream.pix_fmt ?? '';
  const transfer = stream.color_transfer;
  const hdr: HdrTransfer | null = transfer === 'smpte2084' ? 'pq' : transfer === 'arib-std-b67' ? 'hlg' : null;
  if (/^(rgb|bgr|gbr|argb|abgr|pal8|mono|0rgb|0bgr|gray)/.test(format))
    return { matrix: 'rgb', fullRange: true, hdr: null };
  const fullRange = stream.color_range === 'pc' || format.startsWith('yuvj');
  return { matrix: matrixOf(stream, format), fullRange, hdr };
}

function matrixOf(stream: ProbedStream, format: string): SourceColour['matrix'] {
  const space = stream.color_space ?? 'unknown';
  if (space === 'bt709') return 'bt709';
  if (space === 'smpte170m' || space === 'bt470bg' || space === 'fcc') return 'bt601';
  if (space.startsWith('bt2020')) return 'bt2020';
  // JFIF and WebP define their own matrix whatever the size.
  if (stream.codec_name === 'mjpeg' || stream.codec_name === 'webp' || format.startsWith('yuvj')) return 'bt601';
  return (stream.height ?? 0) >= 720 ? 'bt709' : 'bt601';
}

function bitDepthOf(stream: ProbedStream): number {
  const depth = /(?:p|gray|gbrp)(?:0?)(9|10|12|14|16)(?:le|be)?$/.exec(stream.pix_fmt ?? '')?.[1];
  if (depth !== undefined) return Number(depth);
  if (/^(rgb48|bgr48|rgba64|bgra64)/.test(stream.pix_fmt ?? '')) return 16;
  return 8;
}

function nominalTicks(stream: ProbedStream, timebase: Rational | null): number | null {
  if (timebase === null) return null;
  for (const text of [stream.avg_frame_rate, stream.r_frame_rate]) {
    const rate = parseRational(text ?? '');
    if (rate === null || rate.numerator <= 0) continue;
    return (rate.denominator * timebase.denominator) / (rate.numerator * timebase.numerator);
  }
  return null;
}

function expectedEnd(stream: ProbedStream, media: ProbedMedia): number | null {
  const length = Number(stream.duration ?? media.format?.duration ?? Number.NaN);
  const start = Number(stream.start_time ?? media.format?.start_time ?? 0);
  return Number.isFinite(length) && length > 0 ? length + (Number.isFinite(start) ? start : 0) : null;
}

function known(word: string | undefined): string | null {
  return word === undefined || word === 'unknown' || word === 'reserved' ? null : word;
}
