import { parentPort, Worker } from 'node:worker_threads';
import { connectContract } from '../../../src-shared/rpc/client.ts';
import type { Client, Contract, Handlers } from '../../../src-shared/rpc/contract-types.ts';
import { serveContract } from '../../../src-shared/rpc/server.ts';
import type { Transport } from '../../../src-shared/rpc/wire.ts';
import { transportOverPort } from './port-transport.ts';

const STOP = 'stop';
/** V8 lets the nursery of a busy thread grow for minutes; a small one keeps memory flat from the first thousand frames on. */
const YOUNG_GENERATION_MB = 16;

/** One worker thread that serves a contract. Disposing asks it to stop and waits until it has. */
export interface Thread<C extends Contract> extends AsyncDisposable {
  readonly client: Client<C>;
}

/**
 * Starts `entry` as a thread. It is stopped by message and never terminated: terminating a thread inside
 * `session.run` aborts the whole process (measured). A crash fails every open call with `thread-died`.
 */
export function startThread<C extends Contract>(contract: C, entry: URL, name: string): Thread<C> {
  const worker = new Worker(entry, { name, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB } });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  // Without a listener an error in the thread would end the process; the closed transport tells the callers.
  worker.on('error', () => {});
  const connection = connectContract(contract, transportOverPort(worker));
  return {
    client: connection.client,
    [Symbol.asyncDispose]: async () => {
      worker.postMessage(STOP);
      await exited;
      connection[Symbol.dispose]();
    },
  };
}

/**
 * The thread's side: serves `handlers` until asked to stop, then cancels open calls, waits for them, runs `onStop`
 * and lets the thread end by itself.
 */
export function serveThread<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  onStop: () => Promise<void> | void,
): void {
  const port = parentPort;
  if (port === null) throw new Error('This file is the entry of a worker thread.');
  const server = serveContract(contract, handlers, withoutStop(transportOverPort(port)));
  port.on('message', async (message) => {
    if (message !== STOP) return;
    await server.drain();
    await onStop();
    port.close();
  });
}

/** The same transport, with the stop message kept from the contract's reader. */
function withoutStop(transport: Transport): Transport {
  return {
    ...transport,
    onMessage: (listener) => transport.onMessage((message) => message !== STOP && listener(message)),
  };
}
