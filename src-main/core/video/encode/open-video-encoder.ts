import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { access, open, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { EngineNote } from '../../../../src-shared/domain/engine-note.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import { cancelled, StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { type Rational, ticksToSecs } from '../../../../src-shared/time/timebase.ts';
import { removeAbandoned } from '../../base/remove-abandoned.ts';
import {
  type ChosenEncoder,
  chooseEncoder,
  encoderMissing,
  saysEncoderMissing,
  type VideoCodecName,
} from '../ffmpeg/codec-arguments.ts';
import { encodeArguments, soundWithItsOwnTimes } from '../ffmpeg/encode-command.ts';
import { readSoundStarts } from '../ffmpeg/sound-starts.ts';
import { type SoundTracks, soundTracks } from '../ffmpeg/sound-tracks.ts';
import { type ToolExit, ToolProcess } from '../ffmpeg/tool-process.ts';
import type { VideoSource } from '../video-source.ts';
import { FramePipe, type PictureShape } from './frame-pipe.ts';
import { setMovieTimescale } from './movie-timescale.ts';
import { type EncodePlan, planEncode } from './plan-encode.ts';
import { type PictureTimes, readPictureTimes } from './read-picture-times.ts';

/** A line or two for each stream of sound. */
const SAID_LIMIT = 100_000;
const NO_SPACE = /No space left on device|disk quota exceeded/i;

export interface OpenVideoEncoderOptions {
  /** Final name of the MP4 (ProRes: MOV). */
  readonly outputPath: string;
  /** Frames that will be written; absent: all. A part starts at time 0, the whole keeps the source's timestamps. */
  readonly range?: FrameRange | undefined;
  readonly overwrite?: boolean | undefined;
  /** Absent: h264. */
  readonly codec?: VideoCodecName | undefined;
  /** Pictures of another shape than the source's; absent: as the source. */
  readonly shape?: PictureShape | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was made, and notes for the person who asked. */
export interface EncodedVideo {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly frameCount: number;
  readonly notes: readonly EngineNote[];
}

/** Writes frames of a source, in order, into an annotated MP4. Fits the export port by shape. */
export interface AnnotatedVideoEncoder extends AsyncDisposable {
  /** Planar 4:2:0 of the wished shape; `pts` in source ticks, increasing. `data` may be reused when it resolves. */
  write(data: Uint8Array, pts: number): Promise<void>;
  /** Closes, reads the result back, checks frame count and timestamps, renames to the final name. */
  finish(): Promise<void>;
  /** Bytes on disk so far. */
  readonly bytesWritten: number;
  /** Stops and removes what was written; nothing happens after `finish`. */
  abort(): Promise<void>;
  /** What was made; only after `finish`. */
  readonly result: EncodedVideo;
}

/**
 * Opens an encoder: MP4 (ProRes: MOV), index first, every frame at its source time, sound, chapters and title copied; tracks of subtitles and
 * data, and sound that this ffmpeg cannot read, are left out, with a note. It writes to
 * `.NAME.partial-PID-ID.mp4` beside the target, so a killed process never leaves a file under the final name; what such a process
 * left is removed by the next one.
 * Errors: `usage` (a picture too small for the codec), `output-exists`, `output-is-source`, `encoder-missing`, `permission-denied`, `disk-full`, `ffmpeg-failed`, `not-a-video`
 * (the source has changed), `cancelled`.
 */
export async function openVideoEncoder(
  source: VideoSource,
  options: OpenVideoEncoderOptions,
): Promise<AnnotatedVideoEncoder> {
  const outputPath = resolve(options.outputPath);
  await refuseTarget(source, outputPath, options.overwrite ?? false);
  const shape = options.shape ?? { width: source.info.width, height: source.info.height, alpha: false };
  const encoder = await chooseEncoder(source.tools, options.codec ?? 'h264', shape);
  const tracks = await soundTracks(source.tools, source.info.audio, encoder.container);
  await removeAbandoned(outputPath, /^\.partial-(\d+)(-[0-9a-f]+)?\.(mp4|mov)$/);
  // Two may be on their way to one name: the later one is refused, or replaces the first, when it is whole.
  const partialName = `.${basename(outputPath)}.partial-${process.pid}-${randomUUID().slice(0, 8)}.${encoder.container}`;
  const temporaryPath = join(dirname(outputPath), partialName);
  return new Mp4Encoder(source, { ...options, outputPath, shape }, temporaryPath, encoder, tracks);
}

class Mp4Encoder implements AnnotatedVideoEncoder {
  readonly #source: VideoSource;
  readonly #options: OpenVideoEncoderOptions;
  readonly #temporaryPath: string;
  readonly #plan: EncodePlan;
  readonly #tool: ToolProcess;
  readonly #pipe: FramePipe;
  /** What it writes to stdout. */
  readonly #said: Promise<string>;
  #state: 'open' | 'finished' | 'aborted' = 'open';

  constructor(
    source: VideoSource,
    options: OpenVideoEncoderOptions & { readonly shape: PictureShape },
    temporaryPath: string,
    encoder: ChosenEncoder,
    tracks: SoundTracks,
  ) {
    this.#source = source;
    this.#options = options;
    this.#temporaryPath = temporaryPath;
    const { shape } = options;
    this.#plan = planEncode(source, options.range, temporaryPath, encoder, shape, tracks);
    const { ffmpeg } = source.tools;
    this.#tool = new ToolProcess(
      { path: ffmpeg.path, args: encodeArguments(ffmpeg.version, this.#plan.job), stdin: 'pipe' },
      { signal: options.signal },
    );
    this.#said = this.#tool.readText(SAID_LIMIT);
    // A failure is met by the next `await`; until then it must not count as unhandled.
    this.#said.catch(() => {});
    const { job, shiftTicks } = this.#plan;
    const { timebase, averageFps } = job;
    this.#pipe = new FramePipe(this.#tool, shape, { timebase, averageFps, zeroPts: shiftTicks + job.ptsOffset });
  }

  async write(data: Uint8Array, pts: number): Promise<void> {
    if (this.#state !== 'open') throw new Error('the encoder is closed');
    try {
      await this.#pipe.write(data, pts);
    } catch (error) {
      if (error instanceof RangeError) throw error;
      const exit = await this.#tool.ended;
      await this.abort();
      throw await this.#failure(exit);
    }
  }

  async finish(): Promise<void> {
    if (this.#state !== 'open') throw new Error('the encoder is closed');
    try {
      this.#tool.stdin!.end();
      const exit = await this.#tool.ended;
      // ffmpeg exits 0 when only the last bytes of a file did not fit.
      if (exit.code !== 0 || NO_SPACE.test(exit.stderrTail)) throw await this.#failure(exit);
      await this.#keepTimesExact(this.#soundStarts(await this.#said));
      await this.#verify();
      await refuseTarget(this.#source, this.#options.outputPath, this.#options.overwrite ?? false);
      await syncFile(this.#temporaryPath);
      await rename(this.#temporaryPath, this.#options.outputPath);
      this.#state = 'finished';
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  async abort(): Promise<void> {
    if (this.#state === 'finished') return;
    this.#state = 'aborted';
    await this.#tool[Symbol.asyncDispose]();
    await rm(this.#temporaryPath, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  get bytesWritten(): number {
    return statSync(this.#temporaryPath, { throwIfNoEntry: false })?.size ?? 0;
  }

  get result(): EncodedVideo {
    if (this.#state !== 'finished') throw new Error('nothing was finished');
    const { width, height, encoder } = this.#plan.job;
    const shown = (side: number) => (encoder.evenSides ? side + (side % 2) : side);
    return {
      path: this.#options.outputPath,
      width: shown(width),
      height: shown(height),
      frameCount: this.#pipe.writtenPts.length,
      notes: this.#plan.notes,
    };
  }

  async #failure(exit: ToolExit): Promise<StudioError> {
    if (this.#options.signal?.aborted) return cancelled(this.#options.signal.reason);
    if (saysEncoderMissing(exit.stderrTail)) {
      return encoderMissing(this.#source.tools, this.#plan.job.encoder.codec);
    }
    const details = { command: this.#tool.commandLine, exitCode: exit.code, stderr: exit.stderrTail };
    const { outputPath } = this.#options;
    if (NO_SPACE.test(exit.stderrTail))
      return new StudioError(
        'disk-full',
        'resource',
        `The disk filled up while ${outputPath} was written; the unfinished file was removed. Free some space and render again.`,
        { details },
      );
    if (/Permission denied|Read-only file system/i.test(exit.stderrTail))
      return new StudioError(
        'permission-denied',
        'environment',
        `${outputPath} cannot be written there; choose another folder.`,
        {
          details,
        },
      );
    return new StudioError(
      'ffmpeg-failed',
      'environment',
      `ffmpeg could not write ${outputPath}; the unfinished file was removed.`,
      {
        details,
      },
    );
  }

  /** Start and end of the track as the table has them; see `setMovieTimescale`. */
  async #keepTimesExact(soundStartSecs: readonly (number | null)[]): Promise<void> {
    const { job, shiftTicks } = this.#plan;
    const { numerator, denominator } = job.timebase;
    const first = this.#pipe.writtenPts[0] ?? 0;
    const last = this.#pipe.writtenPts.at(-1) ?? 0;
    const { table } = this.#source;
    const lastDuration = table.durationOf(table.indexAtPts(last));
    await setMovieTimescale(this.#temporaryPath, {
      videoTimescale: denominator,
      videoStartTicks: Math.max(0, first - shiftTicks) * numerator,
      videoLengthTicks: (last - first + lastDuration) * numerator,
      soundStartSecs,
    });
  }

  /** In the order of the tracks; null: the encoder chooses. */
  #soundStarts(text: string): readonly (number | null)[] {
    const { job } = this.#plan;
    const copied = soundWithItsOwnTimes(job);
    const starts = readSoundStarts(text, copied.length);
    return (job.sound?.streams ?? []).map((stream) => {
      const secs = starts[copied.indexOf(stream)] ?? null;
      return secs === null ? null : Math.max(0, secs);
    });
  }

  async #verify(): Promise<void> {
    const { job, shiftTicks } = this.#plan;
    const read = await readPictureTimes(this.#temporaryPath);
    const wrong = firstWrongTime(this.#pipe.writtenPts, shiftTicks, job.timebase, read);
    if (wrong === null) return;
    throw new StudioError(
      'ffmpeg-failed',
      'environment',
      `The finished video does not match its source (${wrong}), so it was removed; render again, with another ffmpeg if this repeats.`,
      { details: { command: this.#tool.commandLine } },
    );
  }
}

/** null when every written frame came back within one tick of its time; else what differs, in words. */
function firstWrongTime(
  written: readonly number[],
  shift: number,
  timebase: Rational,
  read: PictureTimes | null,
): string | null {
  if (read === null) return 'it is incomplete';
  if (read.pts.length !== written.length) return `${read.pts.length} frames instead of ${written.length}`;
  const tickSecs = ticksToSecs(1, timebase);
  const worst = written.findIndex((pts, index) => {
    const apart = ticksToSecs(read.pts[index]!, read.timebase) - ticksToSecs(pts - shift, timebase);
    return Math.abs(apart) > tickSecs * 1.001;
  });
  return worst === -1 ? null : `frame ${worst} has another time`;
}

async function refuseTarget(source: VideoSource, outputPath: string, overwrite: boolean): Promise<void> {
  const existing = await realpath(outputPath).catch(() => null);
  if (existing === null) {
    await access(dirname(outputPath)).catch((error: unknown) => {
      throw new StudioError(
        'file-missing',
        'user',
        `The folder ${dirname(outputPath)} does not exist; create it or choose another.`,
        {
          cause: error,
        },
      );
    });
    return;
  }
  if (existing === (await realpath(source.info.path).catch(() => source.info.path)))
    throw new StudioError(
      'output-is-source',
      'user',
      `${outputPath} is the source itself, which is never overwritten; choose another name.`,
    );
  if (!overwrite)
    throw new StudioError(
      'output-exists',
      'conflict',
      `${outputPath} exists already; choose another name or allow overwriting.`,
    );
}

async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.sync();
}
