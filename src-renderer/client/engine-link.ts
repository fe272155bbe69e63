import { type StudioContract, studioContract } from '../../src-shared/contract/studio-contract.ts';
import { connectContract, type RpcConnection } from '../../src-shared/rpc/client.ts';
import type { Client } from '../../src-shared/rpc/contract-types.ts';
import type { Transport } from '../../src-shared/rpc/wire.ts';
import type { ConnectionState } from '../state/studio-state.ts';

export type EngineClient = Client<StudioContract>;

/** A host's `openLine`. */
type OpenLine = (onOpen: () => void, onClose: () => void) => Transport;

const FIRST_RETRY_MILLIS = 400;
const LONGEST_RETRY_MILLIS = 5000;

/** The page's line to the engine: reconnects by itself, and tells in which state it is. */
export class EngineLink implements Disposable {
  readonly #openLine: OpenLine;
  readonly #onState: (state: ConnectionState) => void;
  #connection: RpcConnection<StudioContract> | null = null;
  #retryMillis = FIRST_RETRY_MILLIS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(openLine: OpenLine, onState: (state: ConnectionState) => void) {
    this.#openLine = openLine;
    this.#onState = onState;
    this.#connect();
  }

  /** Calls fail with `thread-died` while the line is down. */
  get client(): EngineClient {
    return this.#connection!.client;
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#connection?.[Symbol.dispose]();
  }

  #connect(): void {
    const onOpen = () => {
      this.#retryMillis = FIRST_RETRY_MILLIS;
      this.#onState('open');
    };
    const onClose = () => {
      if (this.#closed) return;
      this.#onState('lost');
      this.#timer = setTimeout(() => this.#connect(), this.#retryMillis);
      this.#retryMillis = Math.min(LONGEST_RETRY_MILLIS, this.#retryMillis * 2);
    };
    this.#connection = connectContract(studioContract, this.#openLine(onOpen, onClose));
  }
}
