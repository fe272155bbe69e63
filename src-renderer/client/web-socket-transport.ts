import { decodeMessage, encodeMessage } from '../../src-shared/rpc/binary-codec.ts';
import type { Transport, WireMessage } from '../../src-shared/rpc/wire.ts';

/** A transport over the page's WebSocket. Messages posted before it is open wait for it. */
export function webSocketTransport(socket: WebSocket): Transport {
  socket.binaryType = 'arraybuffer';
  const early: WireMessage[] = [];
  socket.addEventListener('open', () => {
    for (const message of early.splice(0)) socket.send(encodeMessage(message));
  });
  return {
    post: (message) => {
      if (socket.readyState === WebSocket.CONNECTING) early.push(message);
      else if (socket.readyState === WebSocket.OPEN) socket.send(encodeMessage(message));
    },
    onMessage: (listener) =>
      socket.addEventListener('message', ({ data }) =>
        listener(data instanceof ArrayBuffer ? decodeMessage(new Uint8Array(data)) : null),
      ),
    onClose: (listener) => socket.addEventListener('close', () => listener(), { once: true }),
    close: () => socket.close(),
  };
}
