import type { MessagePort } from 'node:worker_threads';
import { z } from 'zod';
import type { VideoInfo } from '../../../../src-shared/domain/video-info.ts';
import type { PictureFit } from '../../../../src-shared/geometry/fit-picture.ts';
import type { Contract } from '../../../../src-shared/rpc/contract-types.ts';
import type { FittedFrame, FrameRingLayout, MediaTools, SoundPeaks } from '../../video/index.ts';

/** Threads are ours: their messages are typed, not parsed. */
export const typed = <T>() => z.custom<T>(() => true);

/** The frame table as data: one entry a frame, in presentation order. */
export interface FrameTableData {
  /** Ticks of info.timebase. */
  readonly pts: Float64Array;
  /** 1 where the frame is a key frame. */
  readonly keyFrames: Uint8Array;
}

export type OpenSourceEvent =
  | { readonly kind: 'indexing'; readonly framesDone: number; readonly framesExpected: number | null }
  | { readonly kind: 'opened'; readonly sourceId: number; readonly info: VideoInfo; readonly table: FrameTableData };

/** Frames of [first, last] at size x size, in `direction`'s order, into the ring that both threads share. */
export interface FillRequest {
  readonly sourceId: number;
  readonly ring: FrameRingLayout;
  readonly first: number;
  readonly last: number;
  readonly direction: 'forward' | 'backward';
  readonly size: number;
}

export type ViewSize = 'full' | 'proxy' | 'thumbnail';

/** What the decode thread does: ffmpeg children in, ring slots out. */
export const decodeContract = {
  open: {
    kind: 'stream',
    input: typed<{ path: string; tools: MediaTools; cacheFolder: string }>(),
    event: typed<OpenSourceEvent>(),
  },
  /** See `firstPicture`. */
  peek: {
    kind: 'query',
    input: typed<{ path: string; tools: MediaTools; cacheFolder: string }>(),
    output: typed<{ jpeg: Uint8Array<ArrayBuffer> }>(),
  },
  close: { kind: 'query', input: typed<{ sourceId: number }>(), output: typed<null>() },
  /** Resolves when the last frame is in the ring. */
  fill: { kind: 'query', input: typed<FillRequest>(), output: typed<null>() },
  /** One exact frame, uint8 RGB; `size` null keeps the video's own size. */
  frame: {
    kind: 'query',
    input: typed<{ sourceId: number; frameIndex: number; size: number | null }>(),
    output: typed<{ pixels: Uint8Array<ArrayBuffer> }>(),
  },
  /** One exact frame in a model's square. */
  fittedFrame: {
    kind: 'query',
    input: typed<{ sourceId: number; frameIndex: number; size: number; fit: PictureFit }>(),
    output: typed<FittedFrame>(),
  },
  /** One exact frame as JPEG for the view, in one of three sizes; neighbours are decoded ahead and kept. */
  viewFrame: {
    kind: 'query',
    input: typed<{ sourceId: number; frameIndex: number; size: ViewSize }>(),
    output: typed<{ jpeg: Uint8Array<ArrayBuffer> }>(),
  },
  /** First frames of new shots; asked again while it is being found out, it is found out once. Ends with its source. */
  cuts: { kind: 'query', input: typed<{ sourceId: number }>(), output: typed<Uint32Array<ArrayBuffer>>() },
  soundPeaks: { kind: 'stream', input: typed<{ sourceId: number }>(), event: typed<SoundPeaks>() },
  /** See `readSound`. */
  sound: {
    kind: 'query',
    input: typed<{ sourceId: number; firstSample: number; count: number }>(),
    output: typed<Int16Array<ArrayBuffer>>(),
  },
  /** Serves this contract on another port as well (the inference thread asks for its frames itself). */
  serve: { kind: 'query', input: typed<{ port: MessagePort }>(), output: typed<null>() },
} as const satisfies Contract;

export type DecodeContract = typeof decodeContract;
