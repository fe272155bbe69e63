import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { HeldPorts, type Port } from './ports.ts';

type Said =
  | { readonly type: 'message'; readonly data: unknown }
  | { readonly type: 'port'; readonly id: number; readonly data: unknown }
  | { readonly type: 'port-closed'; readonly id: number };

/** A Node process in the place of Electron's utility process. */
export class UtilityProcess extends EventEmitter {
  static readonly running = new Map<UtilityProcess, string>();
  readonly #child: ChildProcess;
  readonly #ports = new HeldPorts();

  constructor(path: string, args: readonly string[], serviceName: string, env: NodeJS.ProcessEnv = process.env) {
    super();
    const side = join(import.meta.dirname, 'utility-side.ts');
    this.#child = fork(path, args, { serialization: 'advanced', execArgv: ['--import', side], stdio: 'inherit', env });
    UtilityProcess.running.set(this, serviceName);
    this.#child.on('message', (said: Said) => {
      if (said.type === 'message') this.emit('message', said.data);
      else if (said.type === 'port') this.#ports.said(said.id, said.data);
      else this.#ports.closed(said.id);
    });
    this.#child.on('exit', (code) => {
      UtilityProcess.running.delete(this);
      this.#ports.closeAll();
      this.emit('exit', code ?? 1);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  postMessage(data: unknown, ports: readonly Port[] = []): void {
    const post = (message: object) => this.#child.connected && this.#child.send(message);
    post({ type: 'message', data, ports: this.#ports.hold(ports, post) });
  }

  kill(): boolean {
    return this.#child.kill();
  }
}
