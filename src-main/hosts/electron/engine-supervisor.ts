import type { MessagePortMain, UtilityProcess } from 'electron';

export interface EngineParts {
  readonly fork: () => UtilityProcess;
  readonly channel: () => { readonly port1: MessagePortMain; readonly port2: MessagePortMain };
  /** The engine is gone; `retryMillis` until it is started again. */
  readonly onStopped: (reason: string, retryMillis: number) => void;
}

/** The first crash is mended at once, further ones ever later. */
const RETRY_MILLIS = [0, 1000, 4000, 15_000] as const;
/** An engine that lived so long is no longer the one that keeps crashing. */
const HEALTHY_MILLIS = 60_000;
const STOP_MILLIS = 5000;

/** Keeps one engine process alive and hands out lines to it. */
export class EngineSupervisor {
  readonly #parts: EngineParts;
  #engine: UtilityProcess | null = null;
  #ready = Promise.withResolvers<UtilityProcess>();
  #crashes = 0;
  #startedAt = 0;
  #timer: NodeJS.Timeout | null = null;
  #stopping = false;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#start();
  }

  /** The page's end of a new line; waits while the engine is starting. Rejects when it stops meanwhile. */
  async openLine(): Promise<MessagePortMain> {
    const engine = await this.#ready.promise;
    const { port1, port2 } = this.#parts.channel();
    engine.postMessage('line', [port1]);
    return port2;
  }

  /** Asks the engine to finish; after five seconds it is ended, which loses nothing that was committed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const engine = this.#engine;
    if (engine === null) return;
    await new Promise<void>((resolve) => {
      const limit = setTimeout(() => engine.kill(), STOP_MILLIS);
      engine.once('exit', () => {
        clearTimeout(limit);
        resolve();
      });
      engine.postMessage('stop');
    });
  }

  #start(): void {
    const engine = this.#parts.fork();
    this.#engine = engine;
    this.#startedAt = Date.now();
    engine.on('message', (message) => message === 'ready' && this.#ready.resolve(engine));
    engine.on('exit', (code) => this.#exited(engine, code));
  }

  #exited(engine: UtilityProcess, code: number): void {
    if (this.#engine !== engine) return;
    this.#engine = null;
    const waiting = this.#ready;
    this.#ready = Promise.withResolvers();
    for (const { promise } of [waiting, this.#ready]) promise.catch(() => {});
    waiting.reject(new Error('The engine stopped.'));
    if (this.#stopping) return;
    if (Date.now() - this.#startedAt > HEALTHY_MILLIS) this.#crashes = 0;
    const retryMillis = RETRY_MILLIS[Math.min(this.#crashes++, RETRY_MILLIS.length - 1)];
    this.#parts.onStopped(`exit ${code}`, retryMillis);
    this.#timer = setTimeout(() => this.#start(), retryMillis);
  }
}
