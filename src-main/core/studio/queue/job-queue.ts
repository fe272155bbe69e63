import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import type { QueuedJob } from '../../../../src-shared/contract/job-contract.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { WriteLock } from '../../store/index.ts';
import { readJobs, type StoredJob, writeJobs } from './job-file.ts';

/** What a job tells while it runs. */
export type JobNews = Partial<Pick<QueuedJob, 'done' | 'total' | 'outPath'>>;
export type RunJob = (job: StoredJob, signal: AbortSignal) => AsyncIterable<JobNews>;

const ENDED: ReadonlySet<QueuedJob['state']> = new Set(['done', 'failed', 'cancelled', 'interrupted']);

/** Jobs in line, one running at a time; see `jobContract`. Nothing is read or locked before the first call. */
export class JobQueue implements Disposable {
  readonly #path: string;
  readonly #run: RunJob;
  #jobs: StoredJob[] = [];
  #lock: WriteLock | null = null;
  #running: { readonly jobId: string; readonly stop: AbortController } | null = null;
  #waiting = new Set<() => void>();

  constructor(path: string, run: RunJob) {
    this.#path = path;
    this.#run = run;
  }

  add(wish: Pick<StoredJob, 'procedure' | 'sessionPath' | 'input'>): QueuedJob {
    this.#open();
    const job: StoredJob = { ...wish, jobId: randomUUID(), ...fresh };
    this.#set([...this.#jobs, job]);
    this.#next();
    return withoutInput(job);
  }

  cancel(jobId: string): void {
    const { state } = this.#get(jobId);
    if (this.#running?.jobId === jobId) this.#running.stop.abort();
    else if (state === 'waiting') this.#change(jobId, { state: 'cancelled', endedAtMillis: Date.now() });
  }

  retry(jobId: string): void {
    const job = this.#get(jobId);
    if (!ENDED.has(job.state)) return;
    this.#set([...this.#jobs.filter((each) => each !== job), { ...job, ...fresh }]);
    this.#next();
  }

  forget(jobId: string | null): void {
    this.#open();
    const isForgotten = (job: StoredJob) =>
      jobId === null ? job.state === 'done' || job.state === 'cancelled' : job.jobId === jobId && ENDED.has(job.state);
    if (jobId !== null) this.#get(jobId);
    this.#set(this.#jobs.filter((job) => !isForgotten(job)));
  }

  async *watch(signal: AbortSignal): AsyncGenerator<readonly QueuedJob[]> {
    this.#open();
    let go = (): void => {};
    signal.addEventListener('abort', () => go(), { once: true });
    while (!signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      go = resolve;
      this.#waiting.add(resolve);
      yield this.#jobs.map(withoutInput);
      await promise;
    }
  }

  /** Stops the running job; it is `interrupted` for the next studio. */
  [Symbol.dispose](): void {
    const running = this.#running;
    this.#running = null;
    running?.stop.abort();
    this.#lock?.[Symbol.dispose]();
    this.#lock = null;
  }

  /** One studio a machine runs the queue: two would overwrite each other's list. */
  #open(): void {
    if (this.#lock !== null) return;
    makeFolder(dirname(this.#path));
    this.#lock = WriteLock.acquire(this.#path);
    if (this.#lock === null) {
      const message =
        'The queue is run by another Masklet Studio that is open on this machine; use it there, or close that one.';
      throw new StudioError('session-locked', 'conflict', message);
    }
    this.#jobs = readJobs(this.#path);
  }

  #next(): void {
    if (this.#running !== null) return;
    const job = this.#jobs.find(({ state }) => state === 'waiting');
    if (job === undefined) return;
    const stop = new AbortController();
    const running = { jobId: job.jobId, stop };
    this.#running = running;
    this.#note(job.jobId, { state: 'running', startedAtMillis: Date.now() });
    void this.#follow(job, stop.signal).then((ending) => {
      if (this.#running !== running) return;
      this.#running = null;
      this.#note(job.jobId, { ...ending, endedAtMillis: Date.now() });
      this.#next();
    });
  }

  /** How it ended; never rejects, so that one job cannot stop the line. */
  async #follow(job: StoredJob, signal: AbortSignal): Promise<Partial<StoredJob>> {
    try {
      for await (const news of this.#run(job, signal)) {
        if (this.#running?.jobId === job.jobId) this.#tell(job.jobId, news);
      }
      return { state: 'done' };
    } catch (error) {
      const known = StudioError.from(error);
      return known.kind === 'cancelled' ? { state: 'cancelled' } : { state: 'failed', problem: known.toData() };
    }
  }

  #get(jobId: string): StoredJob {
    this.#open();
    const job = this.#jobs.find((each) => each.jobId === jobId);
    if (job !== undefined) return job;
    throw new StudioError('usage', 'user', 'That job is not in the queue any more; nothing was changed.');
  }

  #change(jobId: string, change: Partial<StoredJob>): void {
    this.#set(this.#jobs.map((job) => (job.jobId === jobId ? { ...job, ...change } : job)));
  }

  /** Also where the list cannot be written (a full disk): nobody waits for this, and the line must not stand still; the next change writes it. */
  #note(jobId: string, change: Partial<StoredJob>): void {
    try {
      this.#change(jobId, change);
    } catch {
      this.#tell(jobId, change);
    }
  }

  /** A new list is on disk before anyone hears of it. */
  #set(jobs: StoredJob[]): void {
    writeJobs(this.#path, jobs);
    this.#jobs = jobs;
    this.#wake();
  }

  /** Progress is told, not stored. */
  #tell(jobId: string, news: Partial<StoredJob>): void {
    this.#jobs = this.#jobs.map((job) => (job.jobId === jobId ? { ...job, ...news } : job));
    this.#wake();
  }

  #wake(): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const go of all) go();
  }
}

const fresh = {
  state: 'waiting',
  done: 0,
  total: 0,
  problem: null,
  outPath: null,
  startedAtMillis: null,
  endedAtMillis: null,
} as const;

function withoutInput({ input: _, ...job }: StoredJob): QueuedJob {
  return job;
}
