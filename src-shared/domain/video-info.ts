import type { Rational } from '../time/timebase.ts';

/** How an HDR source was brought to SDR for view and model. */
export type HdrTransfer = 'pq' | 'hlg';

export interface AudioStreamInfo {
  /** Index of the stream in the container. */
  readonly index: number;
  readonly codec: string;
  readonly channels: number;
  readonly sampleRate: number;
}

/** What is known about a source; sizes are displayed pixels, after rotation. */
export interface VideoInfo {
  readonly kind: 'file' | 'sequence';
  readonly path: string;
  readonly container: string;
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** Clockwise degrees that the container asks for; already applied to width, height and every decoded frame. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** Shape of a stored pixel; 1/1 is square. Coordinates stay in stored (rotated) pixels; outputs keep the ratio. */
  readonly sampleAspectRatio: Rational;
  readonly pixelFormat: string;
  readonly bitDepth: number;
  readonly hdr: HdrTransfer | null;
  readonly interlaced: boolean;
  readonly frameCount: number;
  readonly timebase: Rational;
  readonly firstPts: number;
  readonly lastPts: number;
  /** From the first frame to the end of the last. */
  readonly durationSecs: number;
  readonly averageFps: number;
  readonly variableFrameRate: boolean;
  readonly audio: readonly AudioStreamInfo[];
  readonly sizeBytes: number;
  /** Present when the file ends early: frames 0 .. frameCount-1 are good. */
  readonly truncated: { readonly afterSecs: number; readonly reason: string } | null;
  /** Plain sentences a person should know (tone-mapped, deinterlaced view, rotation...). */
  readonly notes: readonly string[];
  /** SHA-256 of size, head and tail; names the source wherever it moves. */
  readonly contentHash: string;
}
