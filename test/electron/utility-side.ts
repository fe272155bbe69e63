/** Loaded into the stand-in's utility process before its entry: gives it `process.parentPort`. */
import { EventEmitter } from 'node:events';

type Heard =
  | { readonly type: 'message'; readonly data: unknown; readonly ports: readonly number[] }
  | { readonly type: 'port'; readonly id: number; readonly data: unknown }
  | { readonly type: 'port-closed'; readonly id: number };

const held = new Map<number, SidePort>();
const say = (message: object) => process.connected && process.send?.(message);

class SidePort extends EventEmitter {
  readonly #id: number;
  #started = false;
  #inbox: unknown[] = [];

  constructor(id: number) {
    super();
    this.#id = id;
    held.set(id, this);
  }

  postMessage(data: unknown): void {
    say({ type: 'port', id: this.#id, data });
  }

  start(): void {
    this.#started = true;
    for (const data of this.#inbox.splice(0)) this.emit('message', { data, ports: [] });
  }

  hear(data: unknown): void {
    if (this.#started) this.emit('message', { data, ports: [] });
    else this.#inbox.push(data);
  }

  close(): void {
    held.delete(this.#id);
    say({ type: 'port-closed', id: this.#id });
  }
}

const parentPort = Object.assign(new EventEmitter(), {
  postMessage: (data: unknown) => say({ type: 'message', data }),
});
Object.defineProperty(process, 'parentPort', { value: parentPort });
process.on('message', (heard: Heard) => {
  if (heard.type === 'message') {
    parentPort.emit('message', { data: heard.data, ports: heard.ports.map((id) => new SidePort(id)) });
  } else if (heard.type === 'port') held.get(heard.id)?.hear(heard.data);
  else {
    held.get(heard.id)?.emit('close');
    held.delete(heard.id);
  }
});
process.on('disconnect', () => process.exit(1));
