import ffmpeg from 'fluent-ffmpeg';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { MediaTools } from './media-tools.ts';

/** What a build of ffmpeg can do, for `doctor`; names as ffmpeg prints them, sorted. */
export interface MediaCapabilities {
  readonly encoders: readonly string[];
  /** Empty where ffmpeg prints them in a way that is not known. */
  readonly filters: readonly string[];
  readonly formats: readonly string[];
  /** What the product needs and this build lacks; empty when all is well. */
  readonly missing: readonly string[];
}

const NEEDED_ENCODERS = ['libx264', 'aac', 'rawvideo'];
/** Without `select`: fluent-ffmpeg does not list filters with a varying number of outputs. */
const NEEDED_FILTERS = [
  'crop',
  'fillborders',
  'format',
  'lut3d',
  'pad',
  'scale',
  'setparams',
  'setpts',
  'settb',
  'showinfo',
  'transpose',
  'trim',
];
const NEEDED_FORMATS = ['mp4', 'matroska', 'nut'];

/**
 * Asks ffmpeg what it was built with. The one place where fluent-ffmpeg serves: its parsers know the listings of many versions.
 * It remembers its answers, so one process asks about one ffmpeg. Frame-exact work does not go through it. Errors: `ffmpeg-failed`.
 */
export async function listCapabilities(tools: MediaTools): Promise<MediaCapabilities> {
  const command = ffmpeg().setFfmpegPath(tools.ffmpeg.path).setFfprobePath(tools.ffprobe.path);
  try {
    const encoders = await listing((done) => command.getAvailableEncoders(done));
    const filters = await listing((done) => command.getAvailableFilters(done));
    const formats = await listing((done) => command.getAvailableFormats(done));
    // ffmpeg 8 prints its filters in columns that fluent-ffmpeg does not know: an empty list says nothing.
    const neededFilters = filters.length === 0 ? [] : NEEDED_FILTERS;
    const missing = [
      ...NEEDED_ENCODERS.filter((name) => !encoders.includes(name)),
      ...neededFilters.filter((name) => !filters.includes(name)),
      ...NEEDED_FORMATS.filter((name) => !formats.some((format) => format.split(',').includes(name))),
    ];
    return { encoders, filters, formats, missing };
  } catch (cause) {
    throw new StudioError(
      'ffmpeg-failed',
      'environment',
      `${tools.ffmpeg.path} does not list what it can do; choose another ffmpeg.`,
      {
        cause,
      },
    );
  }
}

function listing(ask: (done: (error: Error | null, found: object) => void) => void): Promise<readonly string[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
  ask((error, found) => (error ? reject(error) : resolve(Object.keys(found).sort())));
  return promise;
}
