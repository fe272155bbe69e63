import type { MessagePort, Transferable, Worker } from 'node:worker_threads';
import type { Transport, WireMessage } from '../../../src-shared/rpc/wire.ts';

/** A transport over a MessagePort or over a Worker's own port; a worker's exit or crash closes it. */
export function transportOverPort(port: MessagePort | Worker): Transport {
  let closeListener: (() => void) | null = null;
  let closed = false;
  const shut = () => {
    if (closed) return;
    closed = true;
    closeListener?.();
  };
  port.on('close', shut);
  port.on('exit', shut);
  return {
    post: (message: WireMessage, transfer: readonly object[] = []) => {
      if (!closed) port.postMessage(message, transfer as Transferable[]);
    },
    onMessage: (listener) => {
      port.on('message', listener);
    },
    onClose: (listener) => {
      closeListener = listener;
      if (closed) listener();
    },
    close: () => {
      if ('close' in port) port.close();
      shut();
    },
  };
}
