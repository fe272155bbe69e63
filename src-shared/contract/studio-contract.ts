import { z } from 'zod';
import type { VideoInfo } from '../domain/video-info.ts';
import type { Contract } from '../rpc/contract-types.ts';
import type {
  DoctorReport,
  FramePicture,
  FrameTimes,
  SessionListing,
  SessionState,
  TrackEvent,
  WriteEvent,
} from './results.ts';
import {
  annotateStyleSchema,
  datasetFormatSchema,
  directionSchema,
  frameIndexSchema,
  memoryPolicySchema,
  objectIdSchema,
  policySchema,
  promptIdSchema,
  promptInputSchema,
  rangeInputSchema,
} from './schemas.ts';

/** Outputs come from our own engine: they are typed, not parsed again. */
const typed = <T>() => z.custom<T>(() => true);

const sessionId = z.string().min(1);
const path = z.string().min(1).max(4096);

export type OpenEvent =
  | { readonly kind: 'indexing'; readonly framesDone: number; readonly framesExpected: number | null }
  | { readonly kind: 'opened'; readonly sessionId: string; readonly state: SessionState };

export type ProbeEvent =
  | { readonly kind: 'indexing'; readonly framesDone: number; readonly framesExpected: number | null }
  | {
      readonly kind: 'probed';
      readonly info: VideoInfo;
      /** Key frames and the shortest and longest distance between two frames, in ticks. */
      readonly table: {
        readonly keyFrameCount: number;
        readonly shortestTicks: number;
        readonly longestTicks: number;
        readonly firstPtsTicks: readonly number[];
      };
    };

/**
 * Everything a host can ask of the engine. The window, the browser, the shell and the tests all speak this and nothing else.
 * A session is opened once and then named by `sessionId`; work on it is a stream whose cancel keeps what is committed.
 */
export const studioContract = {
  /** Tools, providers, packs, folders and disk; never throws for something that is merely missing. */
  doctor: { kind: 'query', input: z.object({}), output: typed<DoctorReport>() },
  /** Opens a video or image folder and builds (or reads) its frame table. */
  probe: { kind: 'stream', input: z.object({ videoPath: path }), event: typed<ProbeEvent>() },
  listSessions: {
    kind: 'query',
    input: z.object({ folder: path.nullable() }),
    output: typed<readonly SessionListing[]>(),
  },
  /**
   * Opens `sessionPath`, or makes it for `videoPath`; without a path the library folder gets a file named after the video.
   * Errors: session-locked, session-newer, session-not-a-session, media-missing, media-changed, session-mismatch.
   */
  openSession: {
    kind: 'stream',
    input: z.object({ videoPath: path.nullable(), sessionPath: path.nullable() }),
    event: typed<OpenEvent>(),
  },
  sessionState: { kind: 'query', input: z.object({ sessionId }), output: typed<SessionState>() },
  /** One exact frame as a compressed picture at displayed size, or as a thumbnail. Errors: frame-out-of-range, ffmpeg-failed, media-missing. */
  frame: {
    kind: 'query',
    input: z.object({ sessionId, frameIndex: frameIndexSchema, size: z.enum(['full', 'thumbnail']) }),
    output: typed<FramePicture>(),
  },
  /** When each frame is shown. */
  frameTable: { kind: 'query', input: z.object({ sessionId }), output: typed<FrameTimes>() },
  /** Adds prompts in one undoable step; all or none. Prompts that the session already has are not added twice. */
  addPrompts: {
    kind: 'query',
    input: z.object({ sessionId, prompts: z.array(promptInputSchema).min(1).max(10_000) }),
    output: typed<SessionState>(),
  },
  removePrompt: {
    kind: 'query',
    input: z.object({ sessionId, promptId: promptIdSchema }),
    output: typed<SessionState>(),
  },
  removeObject: {
    kind: 'query',
    input: z.object({ sessionId, objectId: objectIdSchema }),
    output: typed<SessionState>(),
  },
  /** Forgets prompts, objects and masks; keeps the video. */
  resetSession: { kind: 'query', input: z.object({ sessionId }), output: typed<SessionState>() },
  /** Puts a moved source back: accepted only when its content hash is the same. */
  relinkMedia: { kind: 'query', input: z.object({ sessionId, videoPath: path }), output: typed<SessionState>() },
  undo: { kind: 'query', input: z.object({ sessionId }), output: typed<SessionState>() },
  redo: { kind: 'query', input: z.object({ sessionId }), output: typed<SessionState>() },
  /** Tracks what is not up to date; every committed frame survives cancel, crash and kill. */
  track: {
    kind: 'stream',
    input: z.object({
      sessionId,
      packId: z.string().min(1).nullable(),
      device: z.string().min(1),
      direction: directionSchema,
      range: rangeInputSchema,
      policy: policySchema,
      memoryPolicy: memoryPolicySchema.nullable(),
      /** Continue the interrupted run exactly where it stopped. */
      resume: z.boolean(),
    }),
    event: typed<TrackEvent>(),
  },
  render: {
    kind: 'stream',
    input: z.object({
      sessionPath: path,
      outPath: path.nullable(),
      style: annotateStyleSchema,
      range: rangeInputSchema,
      overwrite: z.boolean(),
    }),
    event: typed<WriteEvent>(),
  },
  contactSheet: {
    kind: 'stream',
    input: z.object({ sessionPath: path, outPath: path, title: z.string().max(200), overwrite: z.boolean() }),
    event: typed<WriteEvent>(),
  },
  exportDataset: {
    kind: 'stream',
    input: z.object({
      sessionPath: path,
      outFolder: path,
      format: datasetFormatSchema,
      range: rangeInputSchema,
      overwrite: z.boolean(),
    }),
    event: typed<WriteEvent>(),
  },
  closeSession: { kind: 'query', input: z.object({ sessionId }), output: z.null() },
} as const satisfies Contract;

export type StudioContract = typeof studioContract;
