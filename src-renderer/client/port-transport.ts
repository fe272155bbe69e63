import type { Transport, WireMessage } from '../../src-shared/rpc/wire.ts';

/**
 * A transport over a MessagePort that is still on its way. Messages posted before it is here wait for it. `drop` ends it when the
 * other side is known to be gone: a port does not always tell.
 */
export function portTransport(
  arriving: Promise<MessagePort>,
  onOpen: () => void,
  onClose: () => void,
): { readonly transport: Transport; readonly drop: () => void } {
  let port: MessagePort | null = null;
  let closed = false;
  let listener: (message: unknown) => void = () => {};
  const closeListeners = [onClose];
  const early: WireMessage[] = [];
  const drop = () => {
    if (closed) return;
    closed = true;
    port?.close();
    for (const tell of closeListeners) tell();
  };
  arriving.then((arrived) => {
    if (closed) return arrived.close();
    port = arrived;
    port.addEventListener('message', ({ data }) => listener(data));
    port.addEventListener('close', drop);
    port.start();
    for (const message of early.splice(0)) port.postMessage(message);
    onOpen();
  }, drop);
  const transport: Transport = {
    post: (message) => {
      if (closed) return;
      if (port === null) early.push(message);
      else port.postMessage(message);
    },
    onMessage: (next) => {
      listener = next;
    },
    onClose: (tell) => closeListeners.push(tell),
    close: drop,
  };
  return { transport, drop };
}
