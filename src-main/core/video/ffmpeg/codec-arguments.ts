import type { OutputCodecName } from '../../../../src-shared/contract/render-look.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import type { MediaTools } from '../tools/media-tools.ts';
import { ToolProcess } from './tool-process.ts';

export type VideoCodecName = Exclude<OutputCodecName, 'png' | 'exr'>;

interface EncoderChoice {
  /** Name of the encoder in ffmpeg. */
  readonly encoder: string;
  /** Pixels that each side must have; absent: it takes any. */
  readonly leastSide?: number;
  readonly args: (clip: ClipRate) => readonly string[];
}

/** What an encoder is told about the clip. */
export interface ClipRate {
  readonly averageFps: number;
  readonly frameCount: number;
}

interface CodecSpec {
  readonly container: 'mp4' | 'mov';
  /** Colour has half the sides of the picture, so these are even. */
  readonly evenSides: boolean;
  /** Best first. */
  readonly encoders: readonly EncoderChoice[];
}

/** Without it x264 and x265 take one tick for one frame and ask players for an absurd level. */
const rate = ({ averageFps }: ClipRate) => `fps=${Math.max(1, Math.round(averageFps * 1000))}/1000`;

/** Clips that are shorter end before x265 knows by how much its frames are reordered, and their first decoding time is left unset. */
const X265_DELAY = 3;

/** Constant quality that is visually clean for drawn pictures, at speeds that keep up with decoding where the codec allows. */
const CODECS: Readonly<Record<VideoCodecName, CodecSpec>> = {
  h264: {
    container: 'mp4',
    evenSides: true,
    encoders: [
      {
        encoder: 'libx264',
        args: (clip) => ['-preset', 'veryfast', '-crf', '18', '-x264-params', rate(clip), '-pix_fmt', 'yuv420p'],
      },
    ],
  },
  'h264-lossless': {
    container: 'mp4',
    evenSides: true,
    encoders: [
      {
        encoder: 'libx264',
        args: (clip) => ['-preset', 'veryfast', '-qp', '0', '-x264-params', rate(clip), '-pix_fmt', 'yuv420p'],
      },
    ],
  },
  hevc: {
    container: 'mp4',
    evenSides: true,
    encoders: [
      {
        encoder: 'libx265',
        leastSide: 16,
        args: (clip) => [
          '-preset',
          'veryfast',
          '-crf',
          '20',
          '-x265-params',
          `log-level=error:${rate(clip)}${clip.frameCount < X265_DELAY ? ':bframes=0' : ''}`,
          '-pix_fmt',
          'yuv420p',
          // Apple's players know HEVC by this name only.
          '-tag:v',
          'hvc1',
        ],
      },
    ],
  },
  vp9: {
    container: 'mp4',
    evenSides: true,
    encoders: [
      {
        encoder: 'libvpx-vp9',
        args: () => [
          ...['-crf', '28', '-b:v', '0', '-deadline', 'good', '-cpu-used', '5', '-row-mt', '1', '-tile-columns', '2'],
          ...['-pix_fmt', 'yuv420p'],
        ],
      },
    ],
  },
  av1: {
    container: 'mp4',
    evenSides: true,
    encoders: [
      { encoder: 'libsvtav1', leastSide: 64, args: () => ['-preset', '8', '-crf', '30', '-pix_fmt', 'yuv420p'] },
      {
        encoder: 'libaom-av1',
        args: () => ['-crf', '30', '-b:v', '0', '-cpu-used', '8', '-pix_fmt', 'yuv420p'],
      },
    ],
  },
  prores: {
    container: 'mov',
    evenSides: false,
    encoders: [
      {
        encoder: 'prores_ks',
        args: () => [
          ...['-profile:v', '4444', '-alpha_bits', '8', '-vendor', 'apl0'],
          // 4:2:2 would halve the sharpness of a cut edge's colour.
          ...['-pix_fmt', 'yuva444p10le'],
        ],
      },
    ],
  },
};

/** How a codec is written with the ffmpeg at hand. */
export interface ChosenEncoder {
  readonly codec: VideoCodecName;
  readonly container: 'mp4' | 'mov';
  /** An odd side gets one more pixel. */
  readonly evenSides: boolean;
  /** `-c:v` and everything that belongs to it. */
  readonly args: (clip: ClipRate) => readonly string[];
}

const LISTING_LIMIT = 1_000_000;
const listings = new Map<string, Promise<ReadonlySet<string>>>();

/**
 * Where several would do, the best that this ffmpeg has and that holds pictures of the size; throws `encoder-missing` when it has none,
 * `usage` when they are too small. A codec with one encoder is taken at once: asking starts ffmpeg once more, which is a fortieth of the
 * work of a short clip, and an encoder that is not there says so itself (`saysEncoderMissing`).
 */
export async function chooseEncoder(tools: MediaTools, codec: VideoCodecName, picture: Size): Promise<ChosenEncoder> {
  const { container, evenSides, encoders } = CODECS[codec];
  const available = encoders.length === 1 ? null : await encodersOf(tools);
  const there = encoders.filter(({ encoder }) => available?.has(encoder) ?? true);
  if (there.length === 0) throw await encoderMissing(tools, codec);
  const smaller = Math.min(picture.width, picture.height);
  const side = evenSides ? smaller + (smaller % 2) : smaller;
  const found = there.find(({ leastSide }) => leastSide === undefined || side >= leastSide);
  if (found === undefined) throw tooSmall(codec, picture, Math.min(...there.map(({ leastSide = 1 }) => leastSide)));
  return { codec, container, evenSides, args: (clip) => ['-c:v', found.encoder, ...found.args(clip)] };
}

function tooSmall(codec: VideoCodecName, { width, height }: Size, least: number): StudioError {
  const names = Object.keys(CODECS) as VideoCodecName[];
  const others = names.filter((name) => CODECS[name].encoders.every(({ leastSide }) => leastSide === undefined));
  return new StudioError(
    'usage',
    'user',
    `The picture of ${width}x${height} is too small for ${codec}, which needs ${least}x${least} at least; nothing was written, choose ${others.join(', ')}.`,
  );
}

/** Whether the last words of an ffmpeg are that it was built without the encoder. */
export function saysEncoderMissing(stderrTail: string): boolean {
  return /Unknown encoder/.test(stderrTail);
}

/** `encoder-missing`, with the codecs that this ffmpeg can write instead. */
export async function encoderMissing(tools: MediaTools, codec: VideoCodecName): Promise<StudioError> {
  const { encoders } = CODECS[codec];
  const others = await writableCodecs(tools);
  return new StudioError(
    'encoder-missing',
    'environment',
    `This ffmpeg (${tools.ffmpeg.path}) was built without ${encoders.map(({ encoder }) => encoder).join(' or ')}, so it cannot write ${codec}; choose ${others.join(', ')}, or another ffmpeg with FFMPEG_BIN.`,
    { details: { codec, ffmpeg: tools.ffmpeg.version.text } },
  );
}

/** Codecs that this ffmpeg writes. Errors: `ffmpeg-failed`. */
export async function writableCodecs(tools: MediaTools): Promise<readonly VideoCodecName[]> {
  const available = await encodersOf(tools);
  const names = Object.keys(CODECS) as VideoCodecName[];
  return names.filter((name) => CODECS[name].encoders.some(({ encoder }) => available.has(encoder)));
}

/** Names of the picture encoders of this ffmpeg; asked once per executable. */
function encodersOf(tools: MediaTools): Promise<ReadonlySet<string>> {
  const { path } = tools.ffmpeg;
  let listing = listings.get(path);
  if (listing === undefined) {
    listing = listEncoders(path);
    listings.set(path, listing);
    listing.catch(() => listings.delete(path));
  }
  return listing;
}

async function listEncoders(path: string): Promise<ReadonlySet<string>> {
  await using tool = new ToolProcess({ path, args: ['-hide_banner', '-encoders'], stdin: 'ignore' });
  const text = await tool.readText(LISTING_LIMIT);
  return new Set([...text.matchAll(/^ V\S* +(\S+)/gm)].map(([, name]) => name!));
}
