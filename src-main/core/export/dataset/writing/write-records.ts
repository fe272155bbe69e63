import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetFrame, DatasetPlan } from '../dataset-format.ts';
import { CsvWriter } from './csv-writer.ts';

/** Files that lie beside every dataset: when each of its frames is, and where all of it comes from. */
export const RECORD_FILES = ['frames.csv', 'provenance.json'] as const;

/** `frames.csv`: index, pts in ticks of the source's timebase, seconds, and the part of the dataset when there are parts. */
export async function openFrameRecord(plan: DatasetPlan) {
  const parts = plan.splits.length > 1;
  const header = ['index', 'pts', 'seconds', ...(parts ? ['split'] : [])];
  const csv = await CsvWriter.create(join(plan.folder, 'frames.csv'), header);
  return {
    write: ({ frameIndex, pts, secs }: DatasetFrame) =>
      csv.write([frameIndex, pts, secs, ...(parts ? [plan.splitOf(frameIndex)] : [])]),
    finish: () => csv.finish(),
    [Symbol.asyncDispose]: () => csv[Symbol.asyncDispose](),
  };
}

export function writeProvenance(plan: DatasetPlan, facts: Readonly<Record<string, unknown>>): Promise<void> {
  return writeFile(join(plan.folder, 'provenance.json'), `${JSON.stringify(facts, null, 2)}\n`);
}
