import { MessageChannel } from 'node:worker_threads';
import manifest from '../package.json' with { type: 'json' };
import type { StudioContract } from '../src-shared/contract/studio-contract.ts';
import type { Contract, Handlers } from '../src-shared/rpc/contract-types.ts';
import { entryBeside } from './core/base/entry-beside.ts';
import { startThread, type Thread } from './core/base/thread.ts';
import { builtinModelsFolder } from './core/models/index.ts';
import { type AppPaths, appPaths, createStudio } from './core/studio/index.ts';
import {
  decodeContract,
  exportContract,
  inferenceContract,
  reportThreadContract,
  storeContract,
} from './core/studio/threads/index.ts';
import { findMediaTools, type MediaToolSettings, type MediaTools } from './core/video/index.ts';

export interface EngineOptions {
  readonly paths?: AppPaths;
  readonly mediaTools?: MediaToolSettings;
}

/** The engine: contract handlers over five threads. Disposing stops the threads; nothing committed is ever lost. */
export interface Engine extends AsyncDisposable {
  readonly handlers: Handlers<StudioContract>;
}

/** Composes the engine. Every thread starts when it is first needed, so cheap questions stay cheap. */
export function createEngine(options: EngineOptions): Engine {
  const threads = new AsyncDisposableStack();
  const endings = new DisposableStack();
  const paths = options.paths ?? appPaths();
  const decode = lazily(async () => startWorker(threads, decodeContract, 'decode'));
  const store = lazily(async () => startWorker(threads, storeContract, 'store'));
  const exporter = lazily(async () => startWorker(threads, exportContract, 'export'));
  const reports = lazily(async () => startWorker(threads, reportThreadContract, 'report'));
  const inference = lazily(async () => {
    const started = startWorker(threads, inferenceContract, 'inference');
    const { port1, port2 } = new MessageChannel();
    await (await decode()).client.serve({ port: port1 }, { transfer: [port1] });
    await started.client.connect({ decodePort: port2 }, { transfer: [port2] });
    return started;
  });
  let inferenceStarted = false;
  const handlers = createStudio({
    appVersion: manifest.version,
    endings,
    paths,
    packFolders: [builtinModelsFolder(), paths.models],
    tools: lazily((): Promise<MediaTools> => findMediaTools(options.mediaTools, process.env, paths.cache)),
    decode: async () => (await decode()).client,
    store: async () => (await store()).client,
    inference: async () => {
      inferenceStarted = true;
      return (await inference()).client;
    },
    inferenceStarted: () => inferenceStarted,
    exporter: async () => (await exporter()).client,
    reports: async () => (await reports()).client,
  });
  return {
    handlers,
    [Symbol.asyncDispose]: async () => {
      endings.dispose();
      await threads.disposeAsync();
    },
  };
}

function startWorker<C extends Contract>(threads: AsyncDisposableStack, contract: C, name: string): Thread<C> {
  return threads.use(startThread(contract, entryBeside(import.meta.url, `workers/${name}-worker`), name));
}

/** Makes a value once, when first asked for; a failure is not remembered. */
function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error) => {
      made = null;
      throw error;
    });
    return made;
  };
}
