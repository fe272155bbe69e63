import { readdir } from 'node:fs/promises';
import { cancelled, StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { exportMatrix, orientationFilters, storedFilters } from '../colour/colour-path.ts';
import { type PicturePixels, pictureArguments } from '../ffmpeg/encode-command.ts';
import { type ToolExit, ToolProcess } from '../ffmpeg/tool-process.ts';
import type { VideoSource } from '../video-source.ts';
import { FramePipe, type PictureShape } from './frame-pipe.ts';

export interface OpenPictureEncoderOptions {
  /** An empty folder; the caller gives it its name and removes it after a failure. */
  readonly folder: string;
  /** Number of the first picture. */
  readonly startNumber: number;
  readonly shape: PictureShape;
  /** `luma`: a grey picture of the Y plane as it is; else RGB, with alpha where the shape has it. */
  readonly luma?: boolean | undefined;
  /** The frames have the lead of `blockLead`: colours are made as in the stored picture, and the lead is taken off. */
  readonly asStored?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Writes frames as `00000.png` and so on. */
export interface PictureEncoder extends AsyncDisposable {
  write(data: Uint8Array, pts: number): Promise<void>;
  /** Closes and counts the pictures. */
  finish(): Promise<void>;
  abort(): Promise<void>;
}

/** Opens a PNG encoder over ffmpeg, whose conversion to RGB is that of every decode. Errors: `disk-full`, `ffmpeg-failed`, `cancelled`. */
export function openPictureEncoder(source: VideoSource, options: OpenPictureEncoderOptions): PictureEncoder {
  const { ffmpeg } = source.tools;
  const pixels: PicturePixels = options.luma === true ? 'luma' : options.shape.alpha ? 'rgba' : 'rgb24';
  const { sampleAspectRatio } = source.info;
  const { plan } = source;
  const stored = options.asStored === true ? { back: storedFilters(plan), forth: orientationFilters(plan) } : null;
  const job = { pixels, matrix: exportMatrix(plan), stored, sampleAspectRatio, startNumber: options.startNumber };
  const args = pictureArguments(ffmpeg.version, job);
  const command = { path: ffmpeg.path, args, cwd: options.folder, stdin: 'pipe' } as const;
  const tool = new ToolProcess(command, { signal: options.signal });
  tool.stdout.resume();
  const { timebase, firstPts } = source.table;
  const clock = { timebase, averageFps: source.info.averageFps, zeroPts: firstPts };
  return new PngEncoder(tool, new FramePipe(tool, options.shape, clock), options);
}

class PngEncoder implements PictureEncoder {
  readonly #tool: ToolProcess;
  readonly #pipe: FramePipe;
  readonly #options: OpenPictureEncoderOptions;

  constructor(tool: ToolProcess, pipe: FramePipe, options: OpenPictureEncoderOptions) {
    this.#tool = tool;
    this.#pipe = pipe;
    this.#options = options;
  }

  async write(data: Uint8Array, pts: number): Promise<void> {
    try {
      await this.#pipe.write(data, pts);
    } catch (error) {
      if (error instanceof RangeError) throw error;
      throw this.#failure(await this.#tool.ended);
    }
  }

  async finish(): Promise<void> {
    this.#tool.stdin!.end();
    const exit = await this.#tool.ended;
    if (exit.code !== 0 || /No space left/i.test(exit.stderrTail)) throw this.#failure(exit);
    const made = (await readdir(this.#options.folder)).filter((name) => name.endsWith('.png')).length;
    if (made !== this.#pipe.writtenPts.length) throw this.#failure(exit);
  }

  async abort(): Promise<void> {
    await this.#tool[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  #failure(exit: ToolExit): StudioError {
    if (this.#options.signal?.aborted) return cancelled(this.#options.signal.reason);
    const details = { command: this.#tool.commandLine, exitCode: exit.code, stderr: exit.stderrTail };
    if (/No space left|disk quota/i.test(exit.stderrTail)) {
      const sentence =
        'The disk filled up while pictures were written; none were kept. Free some space and render again.';
      return new StudioError('disk-full', 'resource', sentence, { details });
    }
    const sentence = 'ffmpeg could not write the pictures; none were kept.';
    return new StudioError('ffmpeg-failed', 'environment', sentence, { details });
  }
}
