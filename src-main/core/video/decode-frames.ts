import { StudioError, throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import { ticksToSecs } from '../../../src-shared/time/timebase.ts';
import type { OutputFormat } from './colour/colour-path.ts';
import { DecodeRun } from './decode-run.ts';
import { createRgbResampler, type RgbResampler } from './pixels/resample-rgb.ts';
import type { VideoSource } from './video-source.ts';

/** One decoded picture. The receiver owns `pixels`. */
export interface DecodedFrame {
  readonly frameIndex: number;
  /** Ticks of the source's timebase, checked against the table. */
  readonly pts: number;
  /** uint8 RGB, tight rows: [height, width, 3] at displayed size, or [size, size, 3]. */
  readonly pixels: Uint8Array<ArrayBuffer>;
}

export interface DecodeFramesOptions {
  /** First and last frame of the range, both inclusive, first <= last, whatever the direction. */
  readonly first: number;
  readonly last: number;
  /** `backward` hands out last .. first. Default forward. */
  readonly direction?: 'forward' | 'backward' | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Side of a square to resample to (antialiased bilinear, as Pillow); absent: displayed size. */
  readonly size?: number | undefined;
  /** Bytes that backward decoding may hold at once. */
  readonly budgetBytes?: number | undefined;
}

const DEFAULT_BUDGET_BYTES = 192 * 1024 * 1024;

/**
 * Decodes a range of frames in order, each exactly once, each checked against the table. The consumer sets the pace: while it
 * does not ask, ffmpeg waits. Errors: `frame-out-of-range`, `ffmpeg-failed`, `media-missing`, `media-changed`, `cancelled`;
 * `disk-full`, `permission-denied` where the table that HDR needs cannot be written.
 */
export async function* decodeFrames(
  source: VideoSource,
  options: DecodeFramesOptions,
): AsyncGenerator<DecodedFrame, void, undefined> {
  checkFrameRange(source, options.first, options.last);
  const { width, height } = source.info;
  const resampler = options.size === undefined ? null : createRgbResampler(width, height, options.size, options.size);
  const frames =
    options.direction === 'backward' ? backward(source, options, resampler) : forward(source, options, resampler);
  yield* frames;
}

async function* forward(
  source: VideoSource,
  { first, last, signal, size }: DecodeFramesOptions,
  resampler: RgbResampler | null,
): AsyncGenerator<DecodedFrame, void, undefined> {
  let scratch = new Uint8Array(0);
  const provide = (bytes: number) => {
    if (resampler === null || scratch.length < bytes) scratch = new Uint8Array(bytes);
    return scratch;
  };
  for await (const { frameIndex, pts, data } of decodeRange(source, first, last, 'rgb24', provide, signal)) {
    if (resampler === null || size === undefined) {
      yield { frameIndex, pts, pixels: data as Uint8Array<ArrayBuffer> };
      continue;
    }
    const pixels = new Uint8Array(size * size * 3);
    resampler.resample(data, pixels);
    yield { frameIndex, pts, pixels };
  }
}

/** Chunks from the back, each decoded forward and handed out reversed; a chunk starts at a key frame when it can. */
async function* backward(
  source: VideoSource,
  options: DecodeFramesOptions,
  resampler: RgbResampler | null,
): AsyncGenerator<DecodedFrame, void, undefined> {
  const { width, height } = source.info;
  const frameBytes = options.size === undefined ? width * height * 3 : options.size * options.size * 3;
  const mostFrames = Math.max(1, Math.floor((options.budgetBytes ?? DEFAULT_BUDGET_BYTES) / frameBytes));
  let last = options.last;
  while (last >= options.first) {
    const first = backwardChunkStart(source, options.first, last, mostFrames);
    const chunk: DecodedFrame[] = [];
    for await (const frame of forward(source, { ...options, first, last }, resampler)) chunk.push(frame);
    for (let frame = chunk.pop(); frame !== undefined; frame = chunk.pop()) yield frame;
    last = first - 1;
  }
}

/** First frame of the chunk that ends at `last`: as many whole groups of pictures as fit, else as many frames as fit. */
export function backwardChunkStart(source: VideoSource, first: number, last: number, mostFrames: number): number {
  const lowest = Math.max(first, last - mostFrames + 1);
  for (let index = lowest; index <= last; index++) if (source.table.isKeyFrame(index)) return index;
  return lowest;
}

/**
 * Frames first..last in order, retried from an earlier point when a seek did not give what the table says. `withKeyFrame`: the key frame that
 * the decode starts at comes before them, as soon as it is there and where it costs nothing; the receiver knows it by its index.
 */
export async function* decodeRange(
  source: VideoSource,
  first: number,
  last: number,
  format: OutputFormat,
  provide: (size: number) => Uint8Array,
  signal: AbortSignal | undefined,
  withKeyFrame = false,
): AsyncGenerator<{ readonly frameIndex: number; readonly pts: number; readonly data: Uint8Array }, void, undefined> {
  checkFrameRange(source, first, last);
  let next = first;
  let attempts = seekPoints(source, first);
  let lead = withKeyFrame ? leadOf(source, first, attempts[0]) : null;
  while (next <= last) {
    throwIfAborted(signal);
    const seekTicks = attempts.shift() ?? null;
    const stretch = { first: next, count: last - next + 1, seekTicks, lead };
    lead = null;
    await using run = await DecodeRun.start(source, stretch, format, signal);
    for (;;) {
      const step = await run.next(provide);
      if (step === 'mismatch' || step === 'ended') break;
      next = Math.max(next, step.frameIndex + 1);
      yield step;
    }
    if (next > last) return;
    // Decoding from the very start is the last resort; when that disagrees with the table, something is truly wrong.
    if (seekTicks === null) throw await run.failure(failureSentence(source, next));
    attempts = attempts.length > 0 ? attempts : [null];
  }
}

/** The key frame before a frame, where a decode from these ticks begins with it; null: it does not. */
function leadOf({ table, plan }: VideoSource, first: number, seekTicks: number | null): number | null {
  if (plan.media.kind !== 'file' || !table.trustworthy) return null;
  const key = table.keyFrameAtOrBefore(first);
  return key < first && seekTicks === (key === 0 ? null : table.ptsOf(key)) ? key : null;
}

/** Ticks to seek to, best first; null means from the start. */
export function seekPoints(source: VideoSource, frameIndex: number): (number | null)[] {
  const { table, plan } = source;
  if (plan.seek === 'start' || !table.trustworthy) return [null];
  const key = table.keyFrameAtOrBefore(frameIndex);
  if (key === 0) return [null];
  const previous = table.keyFrameAtOrBefore(key - 1);
  const points: (number | null)[] = [];
  if (plan.seek === 'key-frame') points.push(table.ptsOf(key));
  const oneSecTicks = Math.ceil(table.timebase.denominator / table.timebase.numerator);
  const early = table.ptsOf(previous) - oneSecTicks;
  if (ticksToSecs(early - table.firstPts, table.timebase) > 0) points.push(early);
  return [...points.filter((ticks) => ticks === null || ticks > 0), null];
}

function checkFrameRange(source: VideoSource, first: number, last: number): void {
  const { frameCount } = source.table;
  if (Number.isInteger(first) && Number.isInteger(last) && first >= 0 && last < frameCount && first <= last) return;
  throw new StudioError(
    'frame-out-of-range',
    'user',
    `Frames ${first} to ${last} are not all in this video, which has frames 0 to ${frameCount - 1}.`,
    { details: { first, last, frameCount } },
  );
}

function failureSentence(source: VideoSource, frameIndex: number): string {
  const { media } = source.plan;
  const name = media.kind === 'pictures' ? ` (${media.names[frameIndex]})` : '';
  return `Frame ${frameIndex}${name} of ${source.info.path} could not be decoded; frames before it are kept. The file may be damaged.`;
}
