import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { ModelPack } from '../model-pack.ts';
import { openPackRuntime } from './open-pack-runtime.ts';
import type { PackRuntime } from './pack-runtime.ts';

interface Opened {
  readonly runtime: PackRuntime;
  uses: number;
}

/** Packs that stay open though nothing uses them: the one a person clicks with and the one the next run asks for. */
const mostIdle = 2;

/** The opened packs of a thread, by key. A pack in use is never closed; opening another closes those that have been idle longest. */
export class OpenPacks implements AsyncDisposable {
  readonly #opened = new Map<string, Opened>();
  #last: Promise<unknown> = Promise.resolve();

  /** Opens a pack, or finds it open; opening is one at a time. Errors: those of `openPackRuntime`. */
  open(pack: ModelPack, device: string, signal?: AbortSignal): Promise<{ key: string; runtime: PackRuntime }> {
    const key = JSON.stringify([pack.folder, pack.hash, device]);
    const result = this.#last.then(async () => {
      const known = this.#opened.get(key);
      const opened = known ?? {
        runtime: await openPackRuntime(pack, { device, ...(signal === undefined ? {} : { signal }) }),
        uses: 0,
      };
      this.#opened.delete(key);
      this.#opened.set(key, opened);
      await this.#closeIdle();
      return { key, runtime: opened.runtime };
    });
    this.#last = result.catch(() => {});
    return result;
  }

  has(key: string): boolean {
    return this.#opened.has(key);
  }

  /** An open pack, kept open until the lease is disposed. */
  use(key: string): Disposable & { readonly runtime: PackRuntime } {
    const opened = this.#opened.get(key);
    if (opened === undefined) {
      throw new StudioError('pack-missing', 'bug', 'That model pack is not open any more; open it again.');
    }
    opened.uses++;
    return {
      runtime: opened.runtime,
      [Symbol.dispose]: () => {
        opened.uses--;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { runtime } of this.#opened.values()) await runtime[Symbol.asyncDispose]();
    this.#opened.clear();
  }

  async #closeIdle(): Promise<void> {
    const idle = [...this.#opened].filter(([, { uses }]) => uses === 0);
    for (const [key, { runtime }] of idle.slice(0, Math.max(0, idle.length - mostIdle))) {
      this.#opened.delete(key);
      await runtime[Symbol.asyncDispose]();
    }
  }
}
