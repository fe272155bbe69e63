import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { jobProcedures, type QueuedJob } from '../../../../src-shared/contract/job-contract.ts';
import { makeFolder } from '../../base/make-folder.ts';

/** A job with what it was asked to do. */
export interface StoredJob extends QueuedJob {
  readonly input: Readonly<Record<string, unknown>>;
}

const storedJob = z.object({
  jobId: z.string(),
  procedure: z.enum(jobProcedures),
  sessionPath: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled', 'interrupted']),
  done: z.number(),
  total: z.number(),
  problem: z.custom<QueuedJob['problem']>((value) => value === null || typeof value === 'object'),
  outPath: z.string().nullable(),
  startedAtMillis: z.number().nullable(),
  endedAtMillis: z.number().nullable(),
  input: z.record(z.string(), z.unknown()),
});

/** The jobs of the last time. What was not through is `interrupted`; a list that cannot be read is an empty one. */
export function readJobs(path: string): StoredJob[] {
  let stored: unknown;
  try {
    stored = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return [];
  }
  const parsed = z.array(storedJob).safeParse(stored);
  if (!parsed.success) return [];
  return parsed.data.map((job) =>
    job.state === 'waiting' || job.state === 'running' ? { ...job, state: 'interrupted' } : job,
  );
}

/** Whole or not at all. */
export function writeJobs(path: string, jobs: readonly StoredJob[]): void {
  makeFolder(dirname(path));
  const draft = `${path}.new`;
  writeFileSync(draft, `${JSON.stringify(jobs, null, 1)}\n`);
  renameSync(draft, path);
}
