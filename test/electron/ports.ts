import { EventEmitter } from 'node:events';

/** Carries what is said to a port that lives in another process or page. */
export interface Tunnel {
  readonly send: (data: unknown) => void;
  readonly close: () => void;
}

/** One end of a channel in the main process, as `MessagePortMain`; handed to another process it becomes a tunnel. */
export class Port extends EventEmitter {
  peer!: Port;
  #tunnel: Tunnel | null = null;
  #started = false;
  #closed = false;
  #inbox: unknown[] = [];

  postMessage(data: unknown): void {
    this.peer.deliver(structuredClone(data));
  }

  start(): void {
    this.#started = true;
    for (const data of this.#inbox.splice(0)) this.emit('message', { data, ports: [] });
  }

  close(): void {
    this.#shut();
    this.peer.#shut();
  }

  deliver(data: unknown): void {
    if (this.#closed) return;
    if (this.#tunnel !== null) this.#tunnel.send(data);
    else if (this.#started) setImmediate(() => this.emit('message', { data, ports: [] }));
    else this.#inbox.push(data);
  }

  /** From now on this end lives elsewhere. */
  moveTo(tunnel: Tunnel): void {
    this.#tunnel = tunnel;
    for (const data of this.#inbox.splice(0)) tunnel.send(data);
    if (this.#closed) tunnel.close();
  }

  #shut(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#tunnel?.close();
    setImmediate(() => this.emit('close'));
  }
}

export class MessageChannelMain {
  readonly port1 = new Port();
  readonly port2 = new Port();

  constructor() {
    this.port1.peer = this.port2;
    this.port2.peer = this.port1;
  }
}

/** The ends that one process or page holds, by number. */
export class HeldPorts {
  readonly #ports = new Map<number, Port>();
  static #lastId = 0;

  /** Moves ports there; returns the numbers they have on that side. */
  hold(ports: readonly Port[], post: (message: object) => void): number[] {
    return ports.map((port) => {
      const id = ++HeldPorts.#lastId;
      this.#ports.set(id, port);
      port.moveTo({
        send: (data) => post({ type: 'port', id, data }),
        close: () => post({ type: 'port-closed', id }),
      });
      return id;
    });
  }

  said(id: number, data: unknown): void {
    this.#ports.get(id)?.peer.deliver(data);
  }

  closed(id: number): void {
    const port = this.#ports.get(id);
    this.#ports.delete(id);
    port?.close();
  }

  /** The process or page is gone. */
  closeAll(): void {
    for (const id of [...this.#ports.keys()]) this.closed(id);
  }
}
