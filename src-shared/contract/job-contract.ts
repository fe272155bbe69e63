import { z } from 'zod';
import type { ErrorData } from '../errors/studio-error.ts';
import type { Contract } from '../rpc/contract-types.ts';

const typed = <T>() => z.custom<T>(() => true);
const jobId = z.string().min(1);

/** `waiting` in line; `interrupted`: the studio ended before the job did. */
export type JobStateName = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted';

/** Procedures of the contract that the queue can run. */
export const jobProcedures = ['track', 'render', 'exportDataset'] as const;
export type JobProcedure = (typeof jobProcedures)[number];

export interface QueuedJob {
  readonly jobId: string;
  readonly procedure: JobProcedure;
  readonly sessionPath: string;
  readonly state: JobStateName;
  /** Frames; 0 of 0: not known yet. */
  readonly done: number;
  readonly total: number;
  /** Why it failed; null otherwise. */
  readonly problem: ErrorData | null;
  /** What it wrote, once it has; null: tracking, or not yet. */
  readonly outPath: string | null;
  readonly startedAtMillis: number | null;
  readonly endedAtMillis: number | null;
}

/**
 * Jobs over several sessions, run one after the other by the engine: a page may come and go meanwhile. A job that fails stays alone with it.
 * The list is on disk: what was not through when the studio ended is `interrupted` when it starts again, and is run again by `retryJob`.
 * Errors of all: session-locked (another Masklet Studio on this machine runs the queue).
 */
export const jobContract = {
  /** `input`: that of the procedure, without the session. Errors: protocol-invalid (no such input). */
  queueJob: {
    kind: 'query',
    input: z.object({
      procedure: z.enum(jobProcedures),
      sessionPath: z.string().min(1).max(4096),
      input: z.record(z.string(), z.unknown()),
    }),
    output: typed<QueuedJob>(),
  },
  /** The list, oldest first: at once, then whenever it is another one; a slow reader skips what was in between. */
  watchJobs: { kind: 'stream', input: z.object({}), event: typed<readonly QueuedJob[]>() },
  /** Ends a running job, keeping what it committed, or takes it out of the line. Errors: usage (no such job). */
  cancelJob: { kind: 'query', input: z.object({ jobId }), output: z.null() },
  /** Puts a job that ended back in line; tracking goes on where it stopped. Errors: usage. */
  retryJob: { kind: 'query', input: z.object({ jobId }), output: z.null() },
  /** Forgets one that ended; null: all that are done or cancelled. What they wrote stays. Errors: usage. */
  forgetJobs: { kind: 'query', input: z.object({ jobId: jobId.nullable() }), output: z.null() },
} as const satisfies Contract;
