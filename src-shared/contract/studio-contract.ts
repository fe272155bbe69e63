import { z } from 'zod';
import type { VideoInfo } from '../domain/video-info.ts';
import type { Contract } from '../rpc/contract-types.ts';
import { clipContract } from './clip-contract.ts';
import { correctionContract } from './correction-contract.ts';
import {
  type DatasetFormatName,
  datasetFormatSchema,
  datasetOptionsSchema,
  importPurposeSchema,
} from './dataset-schemas.ts';
import { jobContract } from './job-contract.ts';
import { libraryContract } from './library-contract.ts';
import { objectIdSchema } from './object-id-schema.ts';
import { type OutputCodecName, outputCodecNames, renderLookSchema } from './render-look.ts';
import { reportContract } from './report-contract.ts';
import type {
  DatasetFormatFacts,
  DetectedInstance,
  DoctorReport,
  ExportEvent,
  FrameMasks,
  FramePicture,
  FrameTimes,
  ImportEvent,
  ImportedPack,
  MaskSpan,
  ObjectScores,
  OpenedModel,
  SegmentResult,
  SessionListing,
  SessionPresence,
  SessionState,
  StillPicture,
  TestedModel,
  WriteEvent,
} from './results.ts';
import { reviewContract } from './review-contract.ts';
import {
  conceptIdSchema,
  coordinatesSchema,
  frameIndexSchema,
  objectChangeSchema,
  promptChangeSchema,
  promptIdSchema,
  promptInputSchema,
  rangeInputSchema,
} from './schemas.ts';
import { trackingContract } from './tracking-contract.ts';

/** Outputs come from our own engine: they are typed, not parsed again. */
const typed = <T>() => z.custom<T>(() => true);

const sessionId = z.string().min(1);
const path = z.string().min(1).max(4096);
/** Null: the built-in pack; else an installed pack's id or a folder. */
const packId = z.string().min(1).nullable();
const someObjectIds = z.array(objectIdSchema).min(1);
/** cpu, auto, cuda, dml, coreml, webgpu, with `:n` for the n-th. */
const device = z.string().min(1);

export type OpenEvent =
  | { readonly kind: 'indexing'; readonly framesDone: number; readonly framesExpected: number | null }
  | {
      readonly kind: 'opened';
      readonly sessionId: string;
      readonly state: SessionState;
      /** Whether its file was made now. */
      readonly isNew: boolean;
      /** `viewer`: another connection edits it; see `watchSession`. */
      readonly role: SessionPresence['role'];
      readonly mediaChanged: SessionPresence['mediaChanged'];
    };

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
  /**
   * Installs a model pack, or the ONNX files of a public image export as one: checked, run once, then copied into the models folder. The
   * source stays as it is. Errors: pack-invalid (nothing known there, the id is taken), those of opening a pack.
   */
  importPack: {
    kind: 'query',
    input: z.object({ folder: path, packId: z.string().min(1).max(64).nullable() }),
    output: typed<ImportedPack>(),
  },
  /** Of the library folder when `folder` is null, which need not be there yet. Errors: file-missing (no such folder). */
  listSessions: {
    kind: 'query',
    input: z.object({ folder: path.nullable() }),
    output: typed<readonly SessionListing[]>(),
  },
  /**
   * Opens `sessionPath`, or makes it for `videoPath`; without a path the library folder gets a file named after the video. A session that
   * this engine has open already is joined: it keeps its `sessionId`, and is closed when the last connection has left it. `readOnly`: where
   * its video was replaced by another one or is turned otherwise than then (`media-changed`) it is opened all the same, to be looked at; nobody can edit it then.
   * Errors: session-locked, session-newer, session-not-a-session, media-missing, media-changed, session-mismatch.
   */
  openSession: {
    kind: 'stream',
    input: z.object({
      videoPath: path.nullable(),
      sessionPath: path.nullable(),
      readOnly: z.boolean().default(false),
    }),
    event: typed<OpenEvent>(),
  },
  /**
   * The first frame of a video file, before it is open: reading the frame table of a long one takes minutes. No frame can be asked for, and
   * nothing said about one, until `openSession` has opened it. Errors: those of reading a video.
   */
  peek: { kind: 'query', input: z.object({ videoPath: path }), output: typed<FramePicture>() },
  sessionState: { kind: 'query', input: z.object({ sessionId }), output: typed<SessionState>() },
  /**
   * One exact frame as a compressed picture at displayed size, or as a thumbnail. Errors: frame-out-of-range, ffmpeg-failed,
   * media-missing.
   */
  frame: {
    kind: 'query',
    input: z.object({ sessionId, frameIndex: frameIndexSchema, size: z.enum(['full', 'proxy', 'thumbnail']) }),
    output: typed<FramePicture>(),
  },
  /** When each frame is shown. */
  frameTable: { kind: 'query', input: z.object({ sessionId }), output: typed<FrameTimes>() },
  /**
   * Adds prompts in one undoable step; all or none. Prompts that the session already has are not added twice. Prompts of one call are one
   * round: the model answers them together. `replace`: whatever was said before about the same objects on the same frames goes first.
   * Errors: frame-out-of-range, prompt-outside-frame, prompt-invalid.
   */
  addPrompts: {
    kind: 'query',
    input: z.object({
      sessionId,
      prompts: z.array(promptInputSchema).min(1).max(10_000),
      coordinates: coordinatesSchema.default('pixels'),
      replace: z.boolean().default(false),
    }),
    output: typed<SessionState>(),
  },
  /** Moves or turns one prompt, undoable. Errors: those of `addPrompts`. */
  changePrompt: {
    kind: 'query',
    input: z.object({
      sessionId,
      promptId: promptIdSchema,
      change: promptChangeSchema,
      coordinates: coordinatesSchema.default('pixels'),
    }),
    output: typed<SessionState>(),
  },
  /** One undoable step; ids the session does not have are refused with `prompt-invalid`, and then nothing is removed. */
  removePrompts: {
    kind: 'query',
    input: z.object({ sessionId, promptIds: z.array(promptIdSchema).min(1) }),
    output: typed<SessionState>(),
  },
  /** One undoable step. Errors: prompt-invalid (no such object), object-locked; then nothing is removed. */
  removeObjects: {
    kind: 'query',
    input: z.object({ sessionId, objectIds: someObjectIds }),
    output: typed<SessionState>(),
  },
  /** Removes a concept, its prompts and the objects that it found (those a person corrected stay), as one undoable step. */
  removeConcept: {
    kind: 'query',
    input: z.object({ sessionId, conceptId: conceptIdSchema }),
    output: typed<SessionState>(),
  },
  /** Opens a pack ahead of the first question, and says on what it runs. Errors: those of opening a pack. */
  openModel: { kind: 'query', input: z.object({ packId, device }), output: typed<OpenedModel>() },
  /** Opens a pack and times one frame of it, with one object and one phrase, on a made-up picture. Errors: those of opening a pack. */
  testModel: { kind: 'query', input: z.object({ packId, device }), output: typed<TestedModel>() },
  /**
   * Answers at once what was said about objects on one frame: every object that is prompted there, or only `objectIds`. A later round is
   * a correction: it goes to the model with the logits of the answer before it (on a tracked frame: with its mask). Works while a run
   * tracks: the model takes it between two of its steps. The frame is encoded once, however often it is asked about. Objects without a
   * prompt on the frame are left out. `keep`: the answers become the stored masks of this frame (source `prompt`).
   * Errors: frame-out-of-range, no-prompts, those of opening a pack.
   */
  segment: {
    kind: 'query',
    input: z.object({
      sessionId,
      frameIndex: frameIndexSchema,
      objectIds: z.array(objectIdSchema).nullable(),
      packId,
      device,
      keep: z.boolean(),
    }),
    output: typed<SegmentResult>(),
  },
  /**
   * What the detector sees of a concept on one frame, best first; makes no object. Shares the frame's encode with `segment`.
   * Errors: word-unknown, concepts-unsupported, prompt-invalid (no such concept), frame-out-of-range.
   */
  detect: {
    kind: 'query',
    input: z.object({ sessionId, frameIndex: frameIndexSchema, conceptId: conceptIdSchema, packId, device }),
    output: typed<{ readonly instances: readonly DetectedInstance[] }>(),
  },
  /** Stored masks of one frame. */
  frameMasks: {
    kind: 'query',
    input: z.object({ sessionId, frameIndex: frameIndexSchema }),
    output: typed<FrameMasks>(),
  },
  /** Stored masks of a range, one event a frame that has any, ascending. Only `objectIds`, or every object. */
  storedMasks: {
    kind: 'stream',
    input: z.object({ sessionId, range: rangeInputSchema, objectIds: z.array(objectIdSchema).nullable() }),
    event: typed<FrameMasks>(),
  },
  /** Spans of presence and absence of one object, ascending, without reading masks. */
  objectSpans: {
    kind: 'query',
    input: z.object({ sessionId, objectId: objectIdSchema }),
    output: typed<{ readonly spans: readonly MaskSpan[] }>(),
  },
  /** Scores of one object's stored masks, ascending by frame, without reading masks. */
  objectScores: {
    kind: 'query',
    input: z.object({ sessionId, objectId: objectIdSchema }),
    output: typed<ObjectScores>(),
  },
  ...clipContract,
  /** Names, recolours, hides, locks or groups objects, one undoable step. Errors: prompt-invalid (no such object). */
  changeObjects: {
    kind: 'query',
    input: z.object({ sessionId, objectIds: someObjectIds, change: objectChangeSchema }),
    output: typed<SessionState>(),
  },
  /**
   * Puts objects, in the order they have now, in front of another one (null: at the end) and into a group (null: none), one undoable
   * step. Errors: prompt-invalid (no such object).
   */
  moveObjects: {
    kind: 'query',
    input: z.object({
      sessionId,
      objectIds: someObjectIds,
      before: objectIdSchema.nullable(),
      groupName: z.string().trim().min(1).max(200).nullable(),
    }),
    output: typed<SessionState>(),
  },
  /** Forgets prompts, objects and masks; keeps the video. */
  resetSession: { kind: 'query', input: z.object({ sessionId }), output: typed<SessionState>() },
  /** Puts a moved source back: accepted only when its content hash is the same. */
  relinkMedia: { kind: 'query', input: z.object({ sessionId, videoPath: path }), output: typed<SessionState>() },
  undo: { kind: 'query', input: z.object({ sessionId }), output: typed<SessionState>() },
  redo: { kind: 'query', input: z.object({ sessionId }), output: typed<SessionState>() },
  ...trackingContract,
  /**
   * Annotated video or pictures; crop and matte write one output an object, named NAME_ID or, for pictures, NAME/ID.
   * Errors: usage, session-missing, session-mismatch, media-missing, range-invalid, output-exists, output-is-source,
   * encoder-missing, disk-full, ffmpeg-failed.
   */
  render: {
    kind: 'stream',
    input: z.object({
      sessionPath: path,
      /** null: named after the video and the style, beside the session. A folder for picture codecs. */
      outPath: path.nullable(),
      range: rangeInputSchema,
      overwrite: z.boolean(),
      /** null: prores for transparency, else h264. */
      codec: z.enum(outputCodecNames).nullable().default(null),
      ...renderLookSchema.shape,
    }),
    event: typed<WriteEvent>(),
  },
  /** The picture that `render` has at a frame, made by the same code. Errors: as `render`, frame-out-of-range. */
  renderStill: {
    kind: 'query',
    input: z.object({ sessionPath: path, frameIndex: frameIndexSchema, ...renderLookSchema.shape }),
    output: typed<StillPicture>(),
  },
  contactSheet: {
    kind: 'stream',
    input: z.object({ sessionPath: path, outPath: path, title: z.string().max(200), overwrite: z.boolean() }),
    event: typed<WriteEvent>(),
  },
  /**
   * Writes a dataset as a folder that appears whole and read back, or not at all. What the format cannot hold comes first, as
   * one `losses` event; with `dryRun` nothing follows it.
   * Errors: usage, output-exists, output-is-source, range-invalid, disk-full, media-missing, session-mismatch.
   */
  exportDataset: {
    kind: 'stream',
    input: z.object({
      sessionPath: path,
      outFolder: path,
      format: datasetFormatSchema,
      range: rangeInputSchema,
      options: datasetOptionsSchema,
      overwrite: z.boolean(),
      dryRun: z.boolean(),
    }),
    event: typed<ExportEvent>(),
  },
  ...libraryContract,
  ...jobContract,
  ...correctionContract,
  ...reviewContract,
  ...reportContract,
  /** What `render` can write with the ffmpeg at hand. Errors: ffmpeg-missing. */
  outputCodecs: { kind: 'query', input: z.object({}), output: typed<readonly OutputCodecName[]>() },
  /** Every dataset layout and what it can be asked for, as an export sheet shows it. */
  datasetFormats: { kind: 'query', input: z.object({}), output: typed<readonly DatasetFormatFacts[]>() },
  /**
   * Says what a dataset on disk is, before a session is opened for it. Errors: file-missing, dataset-unknown, dataset-empty
   * (nothing of the named format is there).
   */
  recogniseDataset: {
    kind: 'query',
    input: z.object({ path, format: datasetFormatSchema.nullable() }),
    output: typed<{ readonly format: DatasetFormatName }>(),
  },
  /**
   * Reads a dataset of any of these formats into an open session: every track becomes a new object. All of it or nothing; what
   * could not be read is counted in the report. Errors: usage, file-missing, file-unreadable, dataset-unknown, dataset-empty.
   */
  importDataset: {
    kind: 'stream',
    input: z.object({
      sessionId,
      path,
      /** null: recognised by its content. */
      format: datasetFormatSchema.nullable(),
      purpose: importPurposeSchema,
      /** What the dataset calls the first frame of the video, in names that count from another number than 0. */
      firstFrame: z.number().int().min(0).max(1_000_000_000),
      range: rangeInputSchema,
      step: z.number().int().min(1).max(1_000_000),
    }),
    event: typed<ImportEvent>(),
  },
  /** Leaves a session; the last one to leave cancels its run and closes it. Closing one that is not open is no error. */
  closeSession: { kind: 'query', input: z.object({ sessionId }), output: z.null() },
} as const satisfies Contract;

export type StudioContract = typeof studioContract;
