import { throwIfAborted } from '../../src-shared/errors/studio-error.ts';

/** Runs that wait at fixed frames to hear whether to go on, so that where they end does not depend on how fast anything is. */
export class RunChecks {
  readonly #runs = new Map<string, RunCheck>();

  /** `everyFrames` null: this run never waits. `framesDone`: what it had done before it was resumed. Disposing of it forgets the run. */
  begin(runKey: string, everyFrames: number | null, framesDone: number): RunCheck {
    const check = new RunCheck(everyFrames, framesDone, () => this.#runs.delete(runKey));
    this.#runs.set(runKey, check);
    return check;
  }

  /** Runs that are not there are ignored: they have ended by themselves. */
  answer(runKey: string, enough: boolean): void {
    this.#runs.get(runKey)?.answer(enough);
  }
}

class RunCheck implements Disposable {
  readonly #everyFrames: number | null;
  readonly #forget: () => void;
  #frames: number;
  #next = Promise.withResolvers<boolean>();

  constructor(everyFrames: number | null, framesDone: number, forget: () => void) {
    this.#everyFrames = everyFrames;
    this.#frames = framesDone;
    this.#forget = forget;
  }

  [Symbol.dispose](): void {
    this.#forget();
  }

  answer(enough: boolean): void {
    this.#next.resolve(enough);
  }

  /** Call after each frame. At a check it waits for the answer, which may have come before; throws `cancelled` when aborted. */
  async hasEnough(signal: AbortSignal): Promise<boolean> {
    this.#frames++;
    if (this.#everyFrames === null || this.#frames % this.#everyFrames !== 0) return false;
    const stop = () => this.#next.resolve(true);
    signal.addEventListener('abort', stop, { once: true });
    try {
      throwIfAborted(signal);
      const enough = await this.#next.promise;
      throwIfAborted(signal);
      return enough;
    } finally {
      signal.removeEventListener('abort', stop);
      this.#next = Promise.withResolvers();
    }
  }
}
