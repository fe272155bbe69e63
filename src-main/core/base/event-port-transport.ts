import type { Transport } from '../../../src-shared/rpc/wire.ts';

/** What Electron's ports have in common, in the main process and in a process of its own. */
export interface EventPort {
  on(event: 'close', listener: () => void): unknown;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
}

/** A transport over such a port. It copies: these ports move nothing but ports. */
export function transportOverEventPort(port: EventPort): Transport {
  let closed = false;
  let closeListener: (() => void) | null = null;
  const shut = () => {
    if (closed) return;
    closed = true;
    closeListener?.();
  };
  port.on('close', shut);
  return {
    post: (message) => {
      if (!closed) port.postMessage(message);
    },
    onMessage: (listener) => {
      port.on('message', ({ data }) => listener(data));
      port.start();
    },
    onClose: (listener) => {
      closeListener = listener;
      if (closed) listener();
    },
    close: () => {
      port.close();
      shut();
    },
  };
}
