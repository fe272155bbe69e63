import type { MessageEvent } from 'electron';
import { studioContract } from '../../../src-shared/contract/studio-contract.ts';
import { type RpcServer, serveContract } from '../../../src-shared/rpc/server.ts';
import { transportOverEventPort } from '../../core/base/event-port-transport.ts';
import { createEngine } from '../../engine.ts';

/** The engine's own process: each message of the main process brings the port of one page, or asks it to stop. */
const engine = createEngine({});
const pages = new Set<RpcServer>();

process.parentPort.on('message', ({ data, ports }: MessageEvent) => {
  if (data === 'stop') void stop();
  else for (const port of ports) serve(port);
});
process.parentPort.postMessage('ready');

function serve(port: MessageEvent['ports'][number]): void {
  const transport = transportOverEventPort(port);
  const server = serveContract(studioContract, engine.handlers, {
    ...transport,
    onClose: (listener) =>
      transport.onClose(() => {
        pages.delete(server);
        listener();
      }),
  });
  pages.add(server);
}

async function stop(): Promise<void> {
  await Promise.all([...pages].map((page) => page.drain()));
  await engine[Symbol.asyncDispose]();
  process.exit(0);
}
