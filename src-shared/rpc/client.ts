import { type ErrorData, StudioError } from '../errors/studio-error.ts';
import type { CallOptions, Client, Contract } from './contract-types.ts';
import { PROTOCOL_VERSION, parseWireMessage, type Transport, type WireMessage } from './wire.ts';

interface Waiting {
  readonly onMessage: (message: WireMessage) => void;
  readonly onClosed: () => void;
}

/** Calls the other side of a transport. Closing fails every open call with `thread-died`. */
export interface RpcConnection<C extends Contract> extends Disposable {
  readonly client: Client<C>;
}

export function connectContract<C extends Contract>(contract: C, transport: Transport): RpcConnection<C> {
  const calls = new Calls(transport);
  const client: Record<string, unknown> = {};
  for (const [name, procedure] of Object.entries(contract)) {
    client[name] =
      procedure.kind === 'query'
        ? (input: unknown, options?: CallOptions) => calls.query(name, input, options)
        : (input: unknown, options?: CallOptions) => calls.stream(name, input, options);
  }
  return { client: client as Client<C>, [Symbol.dispose]: () => calls.close() };
}

class Calls {
  readonly #transport: Transport;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #closed = false;

  constructor(transport: Transport) {
    this.#transport = transport;
    transport.onMessage((raw) => {
      const message = parseWireMessage(raw);
      if (message !== null && message.type !== 'hello') this.#waiting.get(message.id)?.onMessage(message);
    });
    transport.onClose(() => this.#fail());
    transport.post({ type: 'hello', version: PROTOCOL_VERSION });
  }

  close(): void {
    this.#fail();
    this.#transport.close();
  }

  query(name: string, input: unknown, options: CallOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#open(name, input, options, {
        onMessage: (message) => {
          this.#waiting.delete(id);
          if (message.type === 'answer') resolve(message.output);
          else reject(errorOf(message));
        },
        onClosed: () => reject(gone()),
      });
    });
  }

  /** Events in order; leaving the loop early cancels the call. Credit is given back as events are taken. */
  async *stream(name: string, input: unknown, options: CallOptions = {}): AsyncIterableIterator<unknown> {
    const inbox: WireMessage[] = [];
    let wake: (() => void) | null = null;
    let closed = false;
    const id = this.#open(name, input, options, {
      onMessage: (message) => {
        inbox.push(message);
        wake?.();
      },
      onClosed: () => {
        closed = true;
        wake?.();
      },
    });
    let ended = false;
    try {
      for (;;) {
        const message = inbox.shift();
        if (message === undefined) {
          if (closed) throw gone();
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = null;
        } else if (message.type === 'event') {
          this.#transport.post({ type: 'credit', id, count: 1 });
          yield message.event;
        } else {
          ended = true;
          if (message.type === 'end') return;
          throw errorOf(message);
        }
      }
    } finally {
      this.#waiting.delete(id);
      if (!ended && !this.#closed) this.#transport.post({ type: 'cancel', id });
    }
  }

  #open(name: string, input: unknown, options: CallOptions, waiting: Waiting): number {
    const id = this.#nextId++;
    if (this.#closed) {
      queueMicrotask(waiting.onClosed);
      return id;
    }
    this.#waiting.set(id, waiting);
    this.#transport.post({ type: 'call', id, name, input }, options.transfer);
    const cancel = () => this.#waiting.has(id) && !this.#closed && this.#transport.post({ type: 'cancel', id });
    if (options.signal?.aborted) cancel();
    else options.signal?.addEventListener('abort', cancel, { once: true });
    return id;
  }

  #fail(): void {
    this.#closed = true;
    const open = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of open) waiting.onClosed();
  }
}

function errorOf(message: WireMessage): StudioError {
  if (message.type === 'error') return StudioError.fromData(message.error as ErrorData);
  return new StudioError('protocol-invalid', 'bug', `The other side answered with an unexpected "${message.type}".`);
}

function gone(): StudioError {
  return new StudioError(
    'thread-died',
    'bug',
    'A part of Masklet Studio stopped; everything committed is kept. Try again.',
  );
}
