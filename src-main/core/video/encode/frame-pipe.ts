import type { ToolProcess } from '../ffmpeg/tool-process.ts';
import { planarBytes } from '../yuv-frame-reader.ts';
import { matroskaFrameHeader, matroskaHeader, nanosFromTicks } from './matroska-writer.ts';

/** Size of the pictures that are sent; `alpha`: a plane [height, width] follows U and V. */
export interface PictureShape {
  readonly width: number;
  readonly height: number;
  readonly alpha: boolean;
}

export interface FramePipeClock {
  readonly timebase: { readonly numerator: number; readonly denominator: number };
  /** The pts that is sent as time 0. */
  readonly zeroPts: number;
  readonly averageFps: number;
}

/** Sends raw pictures with exact times to the stdin of an encoding ffmpeg. */
export class FramePipe {
  /** Of every picture sent so far, increasing. */
  readonly writtenPts: number[] = [];
  readonly #tool: ToolProcess;
  readonly #shape: PictureShape;
  readonly #clock: FramePipeClock;
  readonly #frameBytes: number;

  constructor(tool: ToolProcess, shape: PictureShape, clock: FramePipeClock) {
    this.#tool = tool;
    this.#shape = shape;
    this.#clock = clock;
    this.#frameBytes = planarBytes(shape.width, shape.height) + (shape.alpha ? shape.width * shape.height : 0);
  }

  /** Resolves when `data` may be reused; rejects when the tool has gone. */
  async write(data: Uint8Array, pts: number): Promise<void> {
    if (data.length !== this.#frameBytes) {
      throw new RangeError(`a frame has ${this.#frameBytes} bytes, not ${data.length}`);
    }
    const last = this.writtenPts.at(-1);
    if (last !== undefined && pts <= last) throw new RangeError(`pts ${pts} does not come after ${last}`);
    this.writtenPts.push(pts);
    const { numerator, denominator } = this.#clock.timebase;
    const head = matroskaFrameHeader(nanosFromTicks(pts - this.#clock.zeroPts, numerator, denominator), data.length);
    await this.#send(this.writtenPts.length === 1 ? Buffer.concat([this.#header(), head]) : head, data);
  }

  #header(): Buffer {
    const { width, height, alpha } = this.#shape;
    const defaultDurationNanos = Math.max(1, Math.round(1e9 / this.#clock.averageFps));
    return matroskaHeader({ width, height, alpha, defaultDurationNanos });
  }

  #send(head: Uint8Array, data: Uint8Array): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stdin = this.#tool.stdin!;
    stdin.cork();
    stdin.write(head);
    stdin.write(data, (error) => (error ? reject(error) : resolve()));
    stdin.uncork();
    return promise;
  }
}
