import type { JobProcedure, QueuedJob } from '../../src-shared/contract/job-contract.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
import type { Desk } from './desk.ts';
import type { Library } from './library.ts';
import { sentenceOf } from './notices.ts';

/** The engine's line of jobs, as the page shows it. It runs on while no page is open. */
export class Queue {
  readonly #desk: Desk;
  readonly #library: Library;
  readonly #onTracking: (sessionPath: string) => void;

  /** `onTracking`: the queue tracks this session now. */
  constructor(desk: Desk, library: Library, onTracking: (sessionPath: string) => void) {
    this.#desk = desk;
    this.#library = library;
    this.#onTracking = onTracking;
  }

  /** Shows the list for as long as the line to the engine stands. */
  async follow(): Promise<void> {
    const { client, store } = this.#desk;
    try {
      for await (const jobs of client().watchJobs({})) {
        this.#tell(store.value.jobs ?? jobs, jobs);
        store.patch({ jobs });
      }
    } catch (error) {
      // Another studio runs the queue: then this one has none to show. What was known when the line went down is shown until it is back.
      if (StudioError.from(error).code === 'session-locked') store.patch({ jobs: null });
    }
  }

  /** Tracks the whole clip: what is up to date already costs nothing. */
  track(sessionPath: string): Promise<void> {
    const { packId, device } = this.#desk.store.value.settings;
    const range = { first: null, last: null };
    const input = { packId, device, direction: 'both', range, policy: 'studio', memoryPolicy: null, resume: false };
    return this.add('track', sessionPath, input);
  }

  /** Writes the annotated video beside the session, named after it. */
  render(sessionPath: string): Promise<void> {
    const outPath = sessionPath.replace(/\.masklet$/, '_tracked.mp4');
    const range = { first: null, last: null };
    return this.add('render', sessionPath, { outPath, style: 'overlay', range, overwrite: true });
  }

  /** `input`: that of the procedure, without the session. */
  async add(procedure: JobProcedure, sessionPath: string, input: Record<string, unknown>): Promise<void> {
    const { client, notices } = this.#desk;
    await notices.guard(async () => {
      await client().queueJob({ procedure, sessionPath, input });
      notices.show({ tone: 'info', title: 'notice.queued' });
    });
  }

  async cancel(jobId: string): Promise<void> {
    await this.#ask(() => this.#desk.client().cancelJob({ jobId }));
  }

  async retry(jobId: string): Promise<void> {
    await this.#ask(() => this.#desk.client().retryJob({ jobId }));
  }

  /** null: all that are done or cancelled. */
  async forget(jobId: string | null): Promise<void> {
    await this.#ask(() => this.#desk.client().forgetJobs({ jobId }));
  }

  async #ask(ask: () => Promise<null>): Promise<void> {
    await this.#desk.notices.guard(async () => {
      await ask();
    });
  }

  /** Milestones: a session that is on the desk here is being tracked, a job is through, a job has failed. */
  #tell(before: readonly QueuedJob[], now: readonly QueuedJob[]): void {
    const { notices, store } = this.#desk;
    const states = (jobs: readonly QueuedJob[]) => jobs.map(({ jobId, state }) => `${jobId} ${state}`).join();
    if (states(before) !== states(now) && store.value.session === null)
      void notices.guard(() => this.#library.refresh());
    for (const job of now) {
      const was = before.find(({ jobId }) => jobId === job.jobId)?.state;
      if (was === job.state) continue;
      if (job.state === 'running' && job.procedure === 'track') this.#onTracking(job.sessionPath);
      if (was === undefined || store.value.session !== null) continue;
      if (job.state === 'failed' && job.problem !== null) {
        const detail = sentenceOf(job.problem, store.value.settings.language);
        notices.show({ tone: 'error', title: 'notice.jobFailed', detail, error: job.problem });
      }
    }
  }
}
