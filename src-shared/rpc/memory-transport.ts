import type { Transport, WireMessage } from './wire.ts';

/** Two ends of one in-memory pipe; delivery is asynchronous, in order, without copying. */
export function createMemoryTransports(): readonly [Transport, Transport] {
  const left = new End();
  const right = new End();
  left.peer = right;
  right.peer = left;
  return [left, right];
}

class End implements Transport {
  peer: End | null = null;
  #listener: ((message: unknown) => void) | null = null;
  #closeListener: (() => void) | null = null;
  #inbox: unknown[] = [];
  #closed = false;

  post(message: WireMessage): void {
    const { peer } = this;
    if (!this.#closed && peer !== null) queueMicrotask(() => peer.#deliver(message));
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#listener = listener;
    for (const message of this.#inbox.splice(0)) listener(message);
  }

  onClose(listener: () => void): void {
    this.#closeListener = listener;
  }

  close(): void {
    const { peer } = this;
    this.#shut();
    if (peer !== null) queueMicrotask(() => peer.#shut());
  }

  #deliver(message: unknown): void {
    if (this.#closed) return;
    if (this.#listener === null) this.#inbox.push(message);
    else this.#listener(message);
  }

  #shut(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#closeListener?.();
  }
}
