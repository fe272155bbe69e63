import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { transportOverPort } from '../../src-main/core/base/port-transport.ts';
import { StudioError, throwIfAborted } from '../../src-shared/errors/studio-error.ts';
import { decodeMessage, encodeMessage } from '../../src-shared/rpc/binary-codec.ts';
import { connectContract } from '../../src-shared/rpc/client.ts';
import { type Contract, type Handlers, Moved } from '../../src-shared/rpc/contract-types.ts';
import { createMemoryTransports } from '../../src-shared/rpc/memory-transport.ts';
import { serveContract } from '../../src-shared/rpc/server.ts';
import { INITIAL_CREDIT, type Transport } from '../../src-shared/rpc/wire.ts';

const contract = {
  add: { kind: 'query', input: z.object({ a: z.number(), b: z.number() }), output: z.number() },
  fail: { kind: 'query', input: z.object({}), output: z.null() },
  count: { kind: 'stream', input: z.object({ to: z.number() }), event: z.number() },
  buffer: { kind: 'query', input: z.object({}), output: z.instanceof(Uint8Array) },
} as const satisfies Contract;

let produced = 0;
let cancelledAt: number | null = null;
const handlers: Handlers<typeof contract> = {
  add: async ({ a, b }) => a + b,
  fail: async () => {
    throw new StudioError('range-invalid', 'user', 'No such range.', { details: { first: 3 } });
  },
  count: async function* ({ to }, { signal }) {
    try {
      for (let i = 0; i < to; i++) {
        throwIfAborted(signal);
        produced = i + 1;
        yield i;
      }
    } finally {
      if (signal.aborted) cancelledAt = produced;
    }
  },
  buffer: async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    return new Moved(bytes, [bytes.buffer]);
  },
};

const pipes: Record<string, () => readonly [Transport, Transport]> = {
  'in memory': createMemoryTransports,
  'as bytes': () => {
    const [left, right] = createMemoryTransports();
    return [asBytes(left), asBytes(right)];
  },
  'over a MessagePort': () => {
    const { port1, port2 } = new MessageChannel();
    return [transportOverPort(port1), transportOverPort(port2)];
  },
};

/** What a WebSocket does to messages. */
function asBytes(transport: Transport): Transport {
  return {
    ...transport,
    post: (message) => transport.post(encodeMessage(message) as never),
    onMessage: (listener) => transport.onMessage((bytes) => listener(decodeMessage(bytes as Uint8Array))),
    onClose: (listener) => transport.onClose(listener),
    close: () => transport.close(),
  };
}

describe.each(Object.entries(pipes))('rpc %s', (_name, makePipe) => {
  const open: Disposable[] = [];
  const connect = () => {
    const [left, right] = makePipe();
    const server = serveContract(contract, handlers, left);
    const connection = connectContract(contract, right);
    open.push(connection, server);
    return { client: connection.client, server, raw: right };
  };
  afterEach(() => {
    for (const each of open.splice(0)) each[Symbol.dispose]();
    cancelledAt = null;
  });

  it('answers a query', async () => {
    await expect(connect().client.add({ a: 2, b: 3 })).resolves.toBe(5);
  });

  it('refuses an input that breaks the schema, naming the field', async () => {
    const call = connect().client.add({ a: 2, b: 'x' as unknown as number });
    await expect(call).rejects.toMatchObject({ code: 'protocol-invalid', message: expect.stringContaining('"b"') });
  });

  it('carries typed errors', async () => {
    await expect(connect().client.fail({})).rejects.toMatchObject({
      code: 'range-invalid',
      kind: 'user',
      details: { first: 3 },
    });
  });

  it('streams in order and ends', async () => {
    const seen: number[] = [];
    for await (const value of connect().client.count({ to: 40 })) seen.push(value);
    expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  it('never runs further ahead than its credit', async () => {
    const stream = connect().client.count({ to: 1000 });
    await stream.next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(produced).toBeLessThanOrEqual(INITIAL_CREDIT + 2);
    await stream.return?.();
  });

  it('cancels the handler when the reader leaves', async () => {
    for await (const value of connect().client.count({ to: 1000 })) if (value === 3) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(cancelledAt).not.toBeNull();
    expect(produced).toBeLessThan(1000);
  });

  it('moves buffers', async () => {
    expect([...(await connect().client.buffer({}))]).toEqual([1, 2, 3]);
  });

  it('drops malformed messages and goes on', async () => {
    const { client, server, raw } = connect();
    for (const junk of [
      null,
      7,
      'x',
      {},
      { type: 'call' },
      { type: 'call', id: 1.5, name: 'add' },
      { type: 'nonsense', id: 1 },
    ]) {
      raw.post(junk as never);
    }
    await expect(client.add({ a: 1, b: 1 })).resolves.toBe(2);
    expect(server.refusedCount).toBe(7);
  });

  it('refuses procedures that are not in the contract, prototype names included', async () => {
    const { raw, client } = connect();
    raw.post({ type: 'call', id: 99, name: 'constructor', input: {} });
    await expect(client.add({ a: 1, b: 1 })).resolves.toBe(2);
  });

  it('fails open calls when the other side goes away', async () => {
    const { client, server } = connect();
    const stream = client.count({ to: 1000 });
    await stream.next();
    server[Symbol.dispose]();
    await expect(
      (async () => {
        for await (const _ of stream) await new Promise((resolve) => setTimeout(resolve, 1));
      })(),
    ).rejects.toBeInstanceOf(StudioError);
  });
});
