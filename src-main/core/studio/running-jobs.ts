import { StudioError } from '../../../src-shared/errors/studio-error.ts';

interface Job {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** The run of each open session; at most one. */
export class RunningJobs {
  readonly #jobs = new Map<string, Job>();

  /**
   * Passes a run's events on and lets `cancel` end it. Throws `session-busy` while another run of the session is going.
   * `start` is given a signal that fires on either cancel.
   */
  async *run<T>(
    sessionId: string,
    signal: AbortSignal,
    start: (signal: AbortSignal) => AsyncIterable<T>,
  ): AsyncGenerator<T> {
    if (this.#jobs.has(sessionId)) {
      throw new StudioError(
        'session-busy',
        'conflict',
        'This session is being tracked already; wait for that run or cancel it first.',
      );
    }
    const stop = new AbortController();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    this.#jobs.set(sessionId, { stop, ended });
    try {
      yield* start(AbortSignal.any([signal, stop.signal]));
    } finally {
      this.#jobs.delete(sessionId);
      resolve();
    }
  }

  isRunning(sessionId: string): boolean {
    return this.#jobs.has(sessionId);
  }

  /** Resolves when the run has ended and committed; false when there is none. */
  async cancel(sessionId: string): Promise<boolean> {
    const job = this.#jobs.get(sessionId);
    if (job === undefined) return false;
    job.stop.abort();
    await job.ended;
    return true;
  }
}
