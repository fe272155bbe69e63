import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cancelled, StudioError, throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import { ticksInTimebase } from '../../../src-shared/time/timebase.ts';
import type { OutputFormat } from './colour/colour-path.ts';
import { toneMapFile } from './colour/tone-map-file.ts';
import { type ByteSource, StreamBytes } from './ffmpeg/byte-source.ts';
import { type DecodeStretch, decodeArguments } from './ffmpeg/decode-command.ts';
import type { MediaInput } from './ffmpeg/input-arguments.ts';
import { openToolOutput } from './ffmpeg/tool-output.ts';
import { ToolProcess } from './ffmpeg/tool-process.ts';
import { NutReader } from './nut-reader.ts';
import { PictureEnd } from './picture-end.ts';
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
  /** The picture whose file ends before it does: whatever the tool makes of it is no frame. */
  #cutIndex: number | null = null;

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
    const run = new DecodeRun(source, tool, output ?? new StreamBytes(tool.stdout), stretch, signal);
    if (tool.stdin !== null) void run.#feedPictures(tool.stdin);
    return run;
  }

  /** Next frame in order; `provide(size)` gives the buffer for its bytes. */
  async next(provide: (size: number) => Uint8Array): Promise<RunStep> {
    throwIfAborted(this.#signal);
    if (this.#nextIndex > this.#last) return 'ended';
    const packet = await this.#readPacket(provide);
    if (packet === null) return 'ended';
    const { table } = this.#source;
    const frameIndex = this.#nextIndex;
    if (frameIndex === this.#cutIndex) return 'mismatch';
    // NUT may use a finer timebase, always a whole fraction of ours.
    const ticks = ticksInTimebase(packet.pts, this.#reader.timebase, table.timebase);
    if (ticks !== this.#expectedTicks(frameIndex)) return 'mismatch';
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

  /** Sends the files of the stretch one after the other; the tool's end, not this, tells whether they could be decoded. */
  async #feedPictures(stdin: Writable): Promise<void> {
    const bytes = Readable.from(this.#pictureBytes(), { objectMode: false });
    // Missing picture, broken pipe or cancelled: the reader sees the stream end early and says which frame failed.
    await pipeline(bytes, stdin, { signal: this.#signal }).catch(() => stdin.destroy());
  }

  /** One picture a file, whatever lies behind it: the tool numbers what it is sent. */
  async *#pictureBytes(): AsyncGenerator<Buffer, void, undefined> {
    const { info, plan } = this.#source;
    if (plan.media.kind !== 'pictures') return;
    const { format, names } = plan.media;
    for (let frameIndex = this.#first; frameIndex <= this.#last; frameIndex++) {
      const end = new PictureEnd(format);
      for await (const chunk of createReadStream(join(info.path, names[frameIndex]!)) as AsyncIterable<Buffer>) {
        yield end.take(chunk);
        if (end.ended) break;
      }
      if (end.ended) continue;
      // Unended it would take the start of the next picture for its own rest.
      if (format === 'jpeg' && end.endsInScan) yield JPEG_EOI;
      else {
        this.#cutIndex = frameIndex;
        return;
      }
    }
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

const JPEG_EOI = Buffer.from([0xff, 0xd9]);
