import { join } from 'node:path';
import { type FrameIndex, frameIndex } from '../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../src-shared/domain/prompt.ts';
import { throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import { ticksToSecs } from '../../../src-shared/time/timebase.ts';
import { checkMaskSize } from './check-mask-size.ts';
import { checkNotSource } from './check-output.ts';
import { csvFormat } from './dataset/csv-format.ts';
import { CsvWriter } from './dataset/csv-writer.ts';
import type {
  DatasetFormat,
  DatasetFormatName,
  DatasetFrame,
  DatasetPlan,
  OverlapPolicy,
} from './dataset/dataset-format.ts';
import { davisFormat } from './dataset/davis-format.ts';
import { OutputFolder } from './dataset/output-folder.ts';
import { pngFormat } from './dataset/png-format.ts';
import { evenlySpaced } from './evenly-spaced.ts';
import { fileFailure } from './file-failure.ts';
import type { FrameTimes, MaskReader } from './ports.ts';

const formats: Readonly<Record<DatasetFormatName, DatasetFormat>> = {
  png: pngFormat,
  davis: davisFormat,
  csv: csvFormat,
};
export const datasetFormatNames: readonly DatasetFormatName[] = ['png', 'davis', 'csv'];

export interface DatasetJob {
  readonly format: DatasetFormatName;
  readonly masks: MaskReader;
  readonly times: FrameTimes;
  readonly width: number;
  readonly height: number;
  /** Inclusive. */
  readonly range: FrameRange;
  readonly sourcePath: string;
  readonly folder: string;
  readonly overwrite: boolean;
  /** For `davis` alone; `score` by default. */
  readonly overlap?: OverlapPolicy;
  readonly signal: AbortSignal;
  readonly onProgress?: (framesDone: number, framesTotal: number) => void;
}

export interface DatasetSummary {
  readonly format: DatasetFormatName;
  readonly folder: string;
  readonly frames: number;
  /** Rows: objects times processed frames, absent ones included. */
  readonly masks: number;
  /** Files in the folder, `frames.csv` and `export.json` included. */
  readonly files: number;
  /** Masks that were read back and found identical; 0 for `csv`, which is text. */
  readonly verifiedMasks: number;
}

/** Up to here every frame is read back; longer exports are sampled. */
const VERIFY_ALL_FRAMES = 60;

/**
 * Writes the masks of a range, with `frames.csv` (index, pts, seconds) and `export.json`. The folder appears under its name
 * complete and read back, or not at all. One frame is in memory at a time.
 * Throws `output-exists`, `output-is-source`, `usage` (ids that the format cannot hold), `disk-full`, `permission-denied`,
 * `cancelled`, `mask-corrupt`.
 */
export async function exportDataset(job: DatasetJob): Promise<DatasetSummary> {
  throwIfAborted(job.signal);
  await checkNotSource(job.sourcePath, job.folder);
  const format = formats[job.format];
  await using output = await OutputFolder.create(job.folder, job.overwrite);
  try {
    const plan = planOf(job, output.folder);
    const written = await writeFrames(job, format, plan);
    const verifiedMasks = await verifyFrames(job, format, plan);
    throwIfAborted(job.signal);
    await output.commit({
      format: job.format,
      version: 1,
      width: job.width,
      height: job.height,
      range: job.range,
      objects: job.masks.objects,
    });
    return { format: job.format, folder: job.folder, ...written, files: written.files + 2, verifiedMasks };
  } catch (error) {
    throwIfAborted(job.signal);
    throw fileFailure(error, job.folder, 'write');
  }
}

function planOf(job: DatasetJob, folder: string): DatasetPlan {
  return {
    folder,
    width: job.width,
    height: job.height,
    digits: Math.max(5, String(job.times.frameCount - 1).length),
    objects: job.masks.objects,
    overlap: job.overlap ?? 'score',
  };
}

async function writeFrames(job: DatasetJob, format: DatasetFormat, plan: DatasetPlan) {
  await using writer = await format.open(plan);
  await using times = await CsvWriter.create(join(plan.folder, 'frames.csv'), ['index', 'pts', 'seconds']);
  const total = job.range.last - job.range.first + 1;
  let masks = 0;
  let files = 0;
  for (let done = 0; done < total; done++) {
    throwIfAborted(job.signal);
    const frame = frameAt(job, frameIndex(job.range.first + done));
    files += await writer.writeFrame(frame);
    masks += frame.masks.length;
    await times.write([frame.frameIndex, frame.pts, frame.secs]);
    job.onProgress?.(done + 1, total);
  }
  await writer.finish();
  await times.finish();
  return { frames: total, masks, files };
}

async function verifyFrames(job: DatasetJob, format: DatasetFormat, plan: DatasetPlan): Promise<number> {
  if (format.verifyFrame === null) return 0;
  let verified = 0;
  for (const index of evenlySpaced(job.range, VERIFY_ALL_FRAMES)) {
    throwIfAborted(job.signal);
    verified += await format.verifyFrame(plan, frameAt(job, index));
  }
  return verified;
}

function frameAt(job: DatasetJob, index: FrameIndex): DatasetFrame {
  const pts = job.times.ptsOf(index);
  const secs = Number(ticksToSecs(pts, job.times.timebase).toFixed(9));
  const masks = job.masks.masksAt(index);
  for (const stored of masks) checkMaskSize(stored, job);
  return { frameIndex: index, pts, secs, masks };
}
