import type { WebSocket } from 'ws';
import { decodeMessage, encodeMessage } from '../../../src-shared/rpc/binary-codec.ts';
import type { Transport } from '../../../src-shared/rpc/wire.ts';

/** A transport over one WebSocket. Text messages and anything that does not decode reach the listener as null and are dropped there. */
export function transportOverWebSocket(socket: WebSocket): Transport {
  socket.binaryType = 'nodebuffer';
  // A broken frame or a message over the limit closes the socket; the close tells the server, so the error need not.
  socket.on('error', () => {});
  return {
    post: (message) => {
      if (socket.readyState === socket.OPEN) socket.send(encodeMessage(message));
    },
    onMessage: (listener) => {
      socket.on('message', (data: Buffer, isBinary) => listener(isBinary ? decodeMessage(data) : null));
    },
    onClose: (listener) => {
      socket.once('close', () => listener());
    },
    close: () => socket.close(),
  };
}
