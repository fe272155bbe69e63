import { StudioError, throwIfAborted } from '../errors/studio-error.ts';
import { type CallContext, type Caller, type Contract, type Handlers, Moved } from './contract-types.ts';
import { INITIAL_CREDIT, PROTOCOL_VERSION, parseWireMessage, type Transport, type WireMessage } from './wire.ts';

type AnyHandler = (input: unknown, context: CallContext) => unknown;

interface OpenCall {
  readonly controller: AbortController;
  credit: number;
  /** Wakes a stream that waits for credit. */
  wake: (() => void) | null;
}

/**
 * Answers calls of one connection. Inputs are checked against the contract before a handler sees them; a malformed
 * message is dropped and counted, never fatal. Closing the transport cancels every open call.
 */
export function serveContract<C extends Contract>(contract: C, handlers: Handlers<C>, transport: Transport): RpcServer {
  return new RpcServer(contract, handlers as unknown as Readonly<Record<string, AnyHandler>>, transport);
}

export class RpcServer implements Disposable {
  readonly #contract: Contract;
  readonly #handlers: Readonly<Record<string, AnyHandler>>;
  readonly #transport: Transport;
  readonly #calls = new Map<number, OpenCall>();
  readonly #running = new Set<Promise<void>>();
  readonly #end = new AbortController();
  readonly #caller: Caller = { closed: this.#end.signal };
  #greeted = false;
  #refused = 0;

  constructor(contract: Contract, handlers: Readonly<Record<string, AnyHandler>>, transport: Transport) {
    this.#contract = contract;
    this.#handlers = handlers;
    this.#transport = transport;
    transport.onMessage((raw) => this.#receive(raw));
    transport.onClose(() => this.#closed());
    transport.post({ type: 'hello', version: PROTOCOL_VERSION });
  }

  /** Messages dropped because they were not of the wire's shape. */
  get refusedCount(): number {
    return this.#refused;
  }

  /** Cancels every open call and resolves when their handlers have finished. */
  async drain(): Promise<void> {
    this.#cancelAll();
    await Promise.allSettled([...this.#running]);
  }

  [Symbol.dispose](): void {
    this.#closed();
    this.#transport.close();
  }

  #receive(raw: unknown): void {
    const message = parseWireMessage(raw);
    if (message === null) this.#refused++;
    else if (message.type === 'hello') this.#greeted = message.version === PROTOCOL_VERSION;
    else if (message.type === 'call') this.#start(message);
    else if (message.type === 'cancel') this.#calls.get(message.id)?.controller.abort();
    else if (message.type === 'credit') this.#grant(message.id, message.count);
    else this.#refused++;
  }

  #grant(id: number, count: number): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    call.credit += count;
    call.wake?.();
  }

  #start(message: Extract<WireMessage, { type: 'call' }>): void {
    const running = this.#call(message).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #call(message: Extract<WireMessage, { type: 'call' }>): Promise<void> {
    const { id } = message;
    if (this.#calls.has(id)) {
      this.#refused++;
      return;
    }
    const call: OpenCall = { controller: new AbortController(), credit: INITIAL_CREDIT, wake: null };
    this.#calls.set(id, call);
    call.controller.signal.addEventListener('abort', () => call.wake?.());
    try {
      const procedure = this.#procedure(message.name);
      const input = parseInput(procedure.input, message.input, message.name);
      const result = this.#handlers[message.name](input, { signal: call.controller.signal, caller: this.#caller });
      if (procedure.kind === 'query') this.#post('answer', id, await result);
      else await this.#stream(id, call, result as AsyncIterable<unknown>);
    } catch (error) {
      this.#transport.post({ type: 'error', id, error: StudioError.from(error).toData() });
    } finally {
      this.#calls.delete(id);
    }
  }

  #procedure(name: string) {
    if (!this.#greeted) {
      throw new StudioError(
        'protocol-version',
        'conflict',
        'The two sides speak different versions; restart Masklet Studio.',
      );
    }
    if (!Object.hasOwn(this.#contract, name)) {
      throw new StudioError('protocol-invalid', 'bug', `There is no procedure called "${name}".`);
    }
    return this.#contract[name];
  }

  async #stream(id: number, call: OpenCall, events: AsyncIterable<unknown>): Promise<void> {
    const { signal } = call.controller;
    for await (const event of events) {
      while (call.credit === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          call.wake = resolve;
        });
        call.wake = null;
      }
      throwIfAborted(signal);
      call.credit--;
      this.#post('event', id, event);
    }
    this.#transport.post({ type: 'end', id });
  }

  #post(type: 'answer' | 'event', id: number, value: unknown): void {
    const moved = value instanceof Moved ? value : null;
    const payload = moved === null ? value : moved.value;
    const message: WireMessage = type === 'answer' ? { type, id, output: payload } : { type, id, event: payload };
    this.#transport.post(message, moved?.transfer);
  }

  #closed(): void {
    this.#cancelAll();
    this.#end.abort();
  }

  #cancelAll(): void {
    for (const call of this.#calls.values()) call.controller.abort();
  }
}

function parseInput(schema: Contract[string]['input'], input: unknown, name: string): unknown {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue.path.length === 0 ? 'its input' : `"${issue.path.join('.')}"`;
  throw new StudioError('protocol-invalid', 'user', `The call "${name}" was refused: ${where}: ${issue.message}.`);
}
