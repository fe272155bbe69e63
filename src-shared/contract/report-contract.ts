import { z } from 'zod';
import type { Contract } from '../rpc/contract-types.ts';
import type { PackListing, ReportEvent } from './report-results.ts';

const typed = <T>() => z.custom<T>(() => true);
const path = z.string().min(1).max(4096);
const packName = z.string().min(1);
const device = z.string().min(1);
/** Folder for report.json, report.md and report.html; null: only the event. */
const output = { outFolder: path.nullable(), overwrite: z.boolean() };
const stream = <I extends z.ZodRawShape>(input: I) =>
  ({ kind: 'stream', input: z.object(input), event: typed<ReportEvent>() }) as const;

/** Bounds of a parity verdict; null: reported, not judged. Fractions of 1, except the absolute error. */
export const parityThresholdsSchema = z.object({
  cosine: z.number().nullable(),
  meanAbsoluteError: z.number().nullable(),
  maxAbsoluteError: z.number().nullable(),
  normRelativeError: z.number().nullable(),
  trimmedRelativeError: z.number().nullable(),
  agreement: z.number().nullable(),
  maskIou: z.number().nullable(),
});
export type ParityThresholds = z.output<typeof parityThresholdsSchema>;

/** The measurements: how good masks are, how equal two ways of computing are, how fast, and what looks alike. */
export const reportContract = {
  /**
   * Scores sessions, folders of PNG masks, COCO or YouTube-VIS JSON, MOT or MOTS text against ground truth of the same kinds.
   * Errors: file-missing, file-unreadable, mask-corrupt, usage (the two sides do not fit together), output-exists.
   */
  evaluate: stream({
    predictionPaths: z.array(path).min(1).max(10_000),
    truthPath: path,
    skipFirstAndLast: z.boolean(),
    ...output,
  }),
  /** Clicks like a person who always corrects the worst frame at the centre of its largest error, and scores after each round. */
  evaluateClicks: stream({
    videoPath: path,
    truthPath: path,
    clicks: z.number().int().min(1).max(50),
    packId: packName.nullable(),
    device,
    ...output,
  }),
  listPacks: { kind: 'query', input: z.object({}), output: typed<readonly PackListing[]>() },
  /** Checks every file of a pack, opens it on the device and runs each graph once. */
  verifyPack: stream({ packId: packName, device }),
  /** The same inputs on two devices, or through two packs of one architecture; frames of the video, or of the sample pattern. */
  parity: stream({
    packId: packName,
    device,
    otherPackId: packName.nullable(),
    otherDevice: device,
    videoPath: path.nullable(),
    frames: z.number().int().min(1).max(256),
    thresholds: parityThresholdsSchema,
    ...output,
  }),
  bench: stream({
    packId: packName,
    device,
    threads: z.number().int().min(1).max(256).nullable(),
    batchSizes: z.array(z.number().int().min(1).max(256)).min(1).max(16),
    warmUp: z.number().int().min(0).max(1000),
    repeats: z.number().int().min(1).max(10_000),
    ...output,
  }),
  /** Two bench reports (report.json), the second against the first. */
  compareBenches: stream({ beforePath: path, afterPath: path, ...output }),
  /** Feature vectors of pictures, of folders of pictures, or of the objects of sessions; vectors.json beside the report. */
  embed: stream({
    inputPaths: z.array(path).min(1).max(10_000),
    packId: packName,
    device,
    /** Frames of each object's stretch that are looked at. */
    samples: z.number().int().min(1).max(64),
    ...output,
  }),
  /** Stretches of a session's objects on both sides of a gap that may show one thing. */
  proposeSame: stream({
    sessionPath: path,
    packId: packName,
    device,
    samples: z.number().int().min(1).max(64),
    minSimilarity: z.number().min(-1).max(1),
    ...output,
  }),
  /** Objects of all sessions of a folder, the likest to a picture first. */
  findByPicture: stream({
    picturePath: path,
    /** null: the library folder. */
    folder: path.nullable(),
    packId: packName,
    device,
    samples: z.number().int().min(1).max(64),
    limit: z.number().int().min(1).max(1000),
    ...output,
  }),
  /** Every class name of a COCO file as a phrase on every picture; goes on from its checkpoint when it was stopped. */
  cocoBenchmark: stream({
    annotationPath: path,
    /** null with `evalOnly`. */
    imageFolder: path.nullable(),
    packId: packName,
    device,
    outFolder: path,
    scoreFilter: z.number().min(0).max(1),
    maxImages: z.number().int().min(1).nullable(),
    checkpointEvery: z.number().int().min(1),
    warmUp: z.number().int().min(0),
    evalOnly: z.boolean(),
    overwrite: z.boolean(),
  }),
} as const satisfies Contract;

export type ReportContract = typeof reportContract;
