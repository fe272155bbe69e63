import { EXIT_CANCELLED, EXIT_FAILED, EXIT_OK } from './exit-status.ts';

/** The terminal sends Ctrl-C to npm, to a launcher and to us, and both of them pass theirs on: within this time it is one Ctrl-C. */
const ONE_CTRL_C_MILLIS = 500;

/**
 * What ends a verb before its time: a signal, or a reader of our output that is gone. The engine is then told to stop and stops by itself:
 * `process.exit` would end the inference thread inside `session.run`, which aborts the process (measured). A second signal ends the
 * process at once, as that signal does by default.
 */
export class Interrupt implements Disposable {
  readonly #asked = new AbortController();
  #askedAtMillis: number | null = null;
  #closedStatus: number | null = null;

  constructor() {
    process.on('SIGINT', this.#onSignal);
    process.on('SIGTERM', this.#onSignal);
    // Kept to the end of the process: what is written late has no reader either.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => this.#onClosed(error, EXIT_OK));
    process.stderr.on('error', (error: NodeJS.ErrnoException) => this.#onClosed(error, EXIT_CANCELLED));
  }

  /** Fires at the first signal, and when stdout or stderr can no longer be written. */
  get signal(): AbortSignal {
    return this.#asked.signal;
  }

  /** True when a reader is gone, who need not be told that its going stopped the verb. */
  get isUnread(): boolean {
    return this.#closedStatus !== null;
  }

  /** The exit status of a verb that ended with `status`: 0 when a reader of stdout that has seen enough (`| head`) stopped it. */
  statusOf(status: number): number {
    const stopped = status === EXIT_CANCELLED || this.#closedStatus === EXIT_FAILED;
    return stopped ? (this.#closedStatus ?? status) : status;
  }

  [Symbol.dispose](): void {
    process.off('SIGINT', this.#onSignal);
    process.off('SIGTERM', this.#onSignal);
  }

  #onClosed({ code }: NodeJS.ErrnoException, status: number): void {
    if (this.#closedStatus !== null) return;
    this.#closedStatus = code === 'EPIPE' ? status : EXIT_FAILED;
    if (this.#closedStatus === EXIT_FAILED) {
      process.exitCode = EXIT_FAILED;
      const named = code === 'ENOSPC' ? 'disk-full' : 'permission-denied';
      process.stderr.write(`masklet: The output cannot be written (${code}); what was committed is kept. [${named}]\n`);
    }
    this.#asked.abort();
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (this.#askedAtMillis === null) {
      this.#askedAtMillis = now;
      this.#asked.abort();
    } else if (now - this.#askedAtMillis >= ONE_CTRL_C_MILLIS) {
      this[Symbol.dispose]();
      process.kill(process.pid, signal);
    }
  };
}
