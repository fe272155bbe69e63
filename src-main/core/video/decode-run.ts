import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cancelled, StudioError, throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import type { OutputFormat } from './colour/colour-path.ts';
import { toneMapFile } from './colour/tone-map-file.ts';
import { type ByteSource, StreamBytes } from './ffmpeg/byte-source.ts';
import { type DecodeStretch, decodeArguments } from './ffmpeg/decode-command.ts';
import type { MediaInput } from './ffmpeg/input-arguments.ts';
import { openToolOutput } from './ffmpeg/tool-output.ts';
import { ToolProcess } from './ffmpeg/tool-process.ts';
import { NutReader } from './nut-reader.ts';
import type { VideoSource } from './video-source.ts';

/** A frame as one decoder run hands it out; `frameIndex` is already checked against the table. */
export interface RunFrame {
  readonly frameIndex: number;
  readonly pts: number;
  readonly data: Uint8Array;
}

/** `ended`: no further frame came; `mismatch`: a frame came that the table does not have at this place. */
export type RunStep = RunFrame | 'ended' | 'mismatch';

/** One ffmpeg decoding one stretch, frame by frame. Disposing kills it. */
export class DecodeRun implements AsyncDisposable {
  readonly #source: VideoSource;
  readonly #tool: ToolProcess;
  readonly #reader: NutReader;
  readonly #signal: AbortSignal | undefined;
  readonly #last: number;
  readonly #first: number;
  #nextIndex: number;

  private constructor(
    source: VideoSource,
    tool: ToolProcess,
    bytes: ByteSource,
    stretch: DecodeStretch,
    signal: AbortSignal | undefined,
  ) {
    this.#source = source;
    this.#tool = tool;
    this.#reader = new NutReader(bytes);
    this.#signal = signal;
    this.#first = stretch.first;
    this.#nextIndex = stretch.lead ?? stretch.first;
    this.#last = stretch.first + stretch.count - 1;
  }

  static async start(
    source: VideoSource,
    stretch: DecodeStretch,
    format: OutputFormat,
    signal: AbortSignal | undefined,
  ): Promise<DecodeRun> {
    const { plan, table, tools } = source;
    await refuseChangedFile(source);
    const toneMap = await toneMapFile(source.cacheDir, plan.colour.hdr);
    const timing = {
      timebase: table.timebase,
      trustworthy: table.trustworthy,
      firstPts: table.firstPts,
      startPts: table.ptsOf(stretch.first),
      leadPts: stretch.lead === null ? null : table.ptsOf(stretch.lead),
    };
    const input = inputOf(source);
    const args = decodeArguments(tools.ffmpeg.version, input, plan, stretch, timing, format, toneMap?.name ?? null);
    const stdin = input.kind === 'pictures' ? 'pipe' : 'ignore';
    const output = await openToolOutput();
    const command = { path: tools.ffmpeg.path, args, cwd: toneMap?.folder, stdin } as const;
    // The film is filled while nobody waits for anything else.
    const tool = new ToolProcess(command, { signal, output, background: format === 'thumbnail' });
    if (tool.stdin !== null) void feedPictures(source, stretch, tool.stdin, signal);
    return new DecodeRun(source, tool, output ?? new StreamBytes(tool.stdout), stretch, signal);
  }

  /** Next frame in order; `provide(size)` gives the buffer for its bytes. */
  async next(provide: (size: number) => Uint8Array): Promise<RunStep> {
    throwIfAborted(this.#signal);
    if (this.#nextIndex > this.#last) return 'ended';
    const packet = await this.#readPacket(provide);
    if (packet === null) return 'ended';
    const { table } = this.#source;
    const frameIndex = this.#nextIndex;
    if (this.#ticksOf(packet.pts) !== this.#expectedTicks(frameIndex)) return 'mismatch';
    this.#nextIndex = Math.max(this.#first, frameIndex + 1);
    return { frameIndex, pts: table.ptsOf(frameIndex), data: packet.data };
  }

  /** The error that tells why the run gave fewer frames than the table promises. */
  async failure(message: string): Promise<StudioError> {
    this.#tool.kill();
    return this.#tool.failure('ffmpeg-failed', message, await this.#tool.ended);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tool[Symbol.asyncDispose]();
  }

  async #readPacket(provide: (size: number) => Uint8Array) {
    try {
      const packet = await this.#reader.next(provide);
      if (packet === null && this.#signal?.aborted) throw cancelled(this.#signal.reason);
      return packet;
    } catch (error) {
      if (this.#signal?.aborted) throw cancelled(this.#signal.reason);
      throw error;
    }
  }

  /** NUT may use a finer timebase, always a whole fraction of ours. */
  #ticksOf(pts: number): number {
    const from = this.#reader.timebase;
    const to = this.#source.table.timebase;
    return (pts * from.numerator * to.denominator) / (from.denominator * to.numerator);
  }

  #expectedTicks(frameIndex: number): number {
    const { table, plan } = this.#source;
    if (plan.media.kind === 'pictures' || !table.trustworthy) return frameIndex - this.#first;
    return table.ptsOf(frameIndex) - table.firstPts;
  }
}

function inputOf(source: VideoSource): MediaInput {
  const { media } = source.plan;
  if (media.kind === 'pictures') return { kind: 'pictures', format: media.format };
  return { kind: 'file', path: source.info.path, streamIndex: media.streamIndex, still: media.still ?? null };
}

/** A table belongs to one content: a file that changed under us must not give other frames under the same numbers. */
async function refuseChangedFile(source: VideoSource): Promise<void> {
  if (source.info.kind !== 'file') return;
  const found = await stat(source.info.path).catch(() => null);
  if (found === null)
    throw new StudioError(
      'media-missing',
      'user',
      `${source.info.path} is gone; put it back or point to where it is now.`,
    );
  if (found.size !== source.info.sizeBytes)
    throw new StudioError(
      'media-changed',
      'conflict',
      `${source.info.path} has changed since it was opened; open it again.`,
    );
}

/** Sends the files of a stretch one after the other; the tool's end, not this, tells whether they could be decoded. */
async function feedPictures(
  source: VideoSource,
  stretch: DecodeStretch,
  stdin: Writable,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { media } = source.plan;
  if (media.kind !== 'pictures') return;
  const names = media.names.slice(stretch.first, stretch.first + stretch.count);
  const bytes = Readable.from(bytesOf(source.info.path, names), { objectMode: false });
  // Missing picture, broken pipe or cancelled: the reader sees the stream end early and says which frame failed.
  await pipeline(bytes, stdin, signal === undefined ? {} : { signal }).catch(() => stdin.destroy());
}

async function* bytesOf(folder: string, names: readonly string[]): AsyncGenerator<Buffer, void, undefined> {
  for (const name of names) yield* createReadStream(join(folder, name)) as AsyncIterable<Buffer>;
}
