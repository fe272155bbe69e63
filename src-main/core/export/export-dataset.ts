import type { DatasetFormatName, DatasetOptions } from '../../../src-shared/contract/dataset-schemas.ts';
import type { DatasetCheck } from '../../../src-shared/contract/results.ts';
import type { EngineNote } from '../../../src-shared/domain/engine-note.ts';
import type { FrameIndex } from '../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../src-shared/domain/prompt.ts';
import { throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import { checkNotSource } from '../base/check-output.ts';
import { fileFailure } from '../base/file-failure.ts';
import type { DatasetFormat, DatasetFrame, DatasetPlan } from './dataset/dataset-format.ts';
import { datasetFormats } from './dataset/dataset-formats.ts';
import { eventLoopTurn, STEPS_A_TURN } from './dataset/event-loop-turn.ts';
import { findLosses } from './dataset/find-losses.ts';
import { datasetFrame, type FrameChoice } from './dataset/frame-source.ts';
import { planDataset } from './dataset/plan-dataset.ts';
import { verifyDataset, WrittenMasks } from './dataset/verify-dataset.ts';
import { OutputFolder } from './dataset/writing/output-folder.ts';
import { writePictures } from './dataset/writing/write-pictures.ts';
import { openFrameRecord, RECORD_FILES, writeProvenance } from './dataset/writing/write-records.ts';
import type { FramePictures, FrameTimes, MaskReader } from './ports.ts';

export type DatasetPhase = 'looking' | 'writing' | 'pictures' | 'checking';

export interface DatasetJob {
  readonly format: DatasetFormatName;
  readonly options: DatasetOptions;
  readonly masks: MaskReader;
  readonly times: FrameTimes;
  readonly pictures: FramePictures;
  readonly width: number;
  readonly height: number;
  readonly framesPerSec: number;
  /** Inclusive. */
  readonly range: FrameRange;
  readonly sourcePath: string;
  readonly folder: string;
  readonly overwrite: boolean;
  /** Goes into `provenance.json`. */
  readonly provenance: Readonly<Record<string, unknown>>;
  /** Only say what would be lost. */
  readonly dryRun?: boolean;
  readonly signal: AbortSignal;
  readonly onLosses?: (losses: readonly EngineNote[]) => void;
  readonly onProgress?: (phase: DatasetPhase, done: number, total: number) => void;
}

export interface DatasetSummary {
  readonly format: DatasetFormatName;
  readonly folder: string;
  readonly frames: number;
  /** Masks that are not empty. */
  readonly masks: number;
  /** Files in the folder, all of them. */
  readonly files: number;
  readonly checked: DatasetCheck;
  readonly losses: readonly EngineNote[];
}

/**
 * Writes the masks of a range in one dataset layout, with `frames.csv`, `provenance.json` and `export.json`. What will be lost
 * is told before the first byte. The folder appears under its name complete and read back, or not at all. One frame is in
 * memory at a time. null: a dry run.
 * Throws `output-exists`, `output-is-source`, `usage` (options or ids that the format cannot hold), `disk-full`,
 * `permission-denied`, `cancelled`, `mask-corrupt`.
 */
export async function exportDataset(job: DatasetJob): Promise<DatasetSummary | null> {
  throwIfAborted(job.signal);
  await checkNotSource(job.sourcePath, job.folder);
  if (job.dryRun !== true) await OutputFolder.check(job.folder, job.overwrite);
  const format = datasetFormats[job.format];
  const draft = planDataset(format, job, job.options);
  const choice: FrameChoice = {
    ...job,
    objectIds: new Set(draft.objects.map(({ objectId }) => objectId)),
    onlyReviewed: job.options.onlyReviewed,
    overlap: draft.overlap,
  };
  const watch = (phase: DatasetPhase) => ({
    signal: job.signal,
    onProgress: (done: number, total: number) => job.onProgress?.(phase, done, total),
  });
  const losses = await findLosses(format, { ...draft, folder: '' }, choice, watch('looking'));
  job.onLosses?.(losses);
  if (job.dryRun === true) return null;
  await using output = await OutputFolder.create(job.folder, job.overwrite);
  try {
    const plan: DatasetPlan = { ...draft, folder: output.folder };
    const frameAt = (index: FrameIndex) => datasetFrame(choice, index);
    const { made, written } = await writeMasks(format, plan, frameAt, watch('writing'));
    const pictures = await writePictures(format, plan, job.pictures, watch('pictures'));
    await writeProvenance(plan, provenanceOf(job, plan, losses));
    const checked = await verifyDataset({ format, plan, written, frameAt, ...watch('checking') });
    throwIfAborted(job.signal);
    await output.commit({ format: job.format, version: 2, width: job.width, height: job.height, range: job.range });
    const files = made + pictures + RECORD_FILES.length + 1;
    const masks = written.digest.count;
    return { format: job.format, folder: job.folder, frames: plan.frames.length, masks, files, checked, losses };
  } catch (error) {
    throwIfAborted(job.signal);
    throw fileFailure(error, job.folder, 'write');
  }
}

async function writeMasks(
  format: DatasetFormat,
  plan: DatasetPlan,
  frameAt: (index: FrameIndex) => DatasetFrame,
  watch: { readonly signal: AbortSignal; readonly onProgress: (done: number, total: number) => void },
) {
  await using writer = await format.open(plan);
  await using times = await openFrameRecord(plan);
  const written = new WrittenMasks();
  let made = 0;
  let done = 0;
  for (const index of plan.frames) {
    throwIfAborted(watch.signal);
    if (done % STEPS_A_TURN === STEPS_A_TURN - 1) await eventLoopTurn();
    const frame = frameAt(index);
    made += await writer.writeFrame(frame);
    written.add(frame);
    await times.write(frame);
    watch.onProgress(++done, plan.frames.length);
  }
  made += await writer.finish();
  await times.finish();
  return { made, written };
}

function provenanceOf(job: DatasetJob, plan: DatasetPlan, losses: readonly EngineNote[]): Record<string, unknown> {
  const { shape, tolerance, overlap, images, classes, objects } = plan;
  return {
    ...job.provenance,
    dataset: {
      format: job.format,
      range: job.range,
      frames: plan.frames.length,
      options: { ...job.options, shape, tolerance: shape === 'polygon' ? tolerance : null, overlap, images },
      classes,
      objects: objects.map(({ objectId, name, className }) => ({ objectId, name, className })),
      losses: losses.map(({ text }) => text),
    },
  };
}
