import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UtilityProcess } from './utility-process.ts';

const INBOX_MILLIS = 100;

/** `app` of the stand-in: one process, its folder given on the command line. */
class App extends EventEmitter {
  readonly isPackaged = false;
  readonly #switches = new Map<string, string>();
  readonly commandLine = {
    appendSwitch: (name: string, value = '') => void this.#switches.set(name, value),
    getSwitchValue: (name: string) => this.#switches.get(name) ?? '',
  };
  readonly #paths = new Map<string, string>();
  #name = 'app';
  #quitting = false;
  #windows: () => readonly { close(): void }[] = () => [];
  #lockFile: string | null = null;

  /** Told by the window class, which knows them. */
  setWindows(windows: () => readonly { close(): void }[]): void {
    this.#windows = windows;
  }

  setName(name: string): void {
    this.#name = name;
  }
  getName(): string {
    return this.#name;
  }
  setPath(name: string, path: string): void {
    this.#paths.set(name, path);
  }
  getPath(name: string): string {
    return this.#paths.get(name) ?? '';
  }
  getAppPath(): string {
    return process.argv[1];
  }
  getVersion(): string {
    return (JSON.parse(readFileSync(join(this.getAppPath(), 'package.json'), 'utf8')) as { version: string }).version;
  }
  enableSandbox(): void {}
  async whenReady(): Promise<void> {
    await new Promise((done) => setImmediate(done));
  }
  addRecentDocument(_path: string): void {}
  getAppMetrics(): { pid: number; type: string; name: string }[] {
    return [...UtilityProcess.running].map(([{ pid = 0 }, name]) => ({ pid, type: 'Utility', name }));
  }

  /** A second start leaves its command line in the first one's inbox. */
  requestSingleInstanceLock(): boolean {
    const folder = this.getPath('userData');
    const inbox = join(folder, 'inbox');
    mkdirSync(inbox, { recursive: true });
    const lock = join(folder, 'lock');
    if (existsSync(lock) && isAlive(Number(readFileSync(lock, 'utf8')))) {
      writeFileSync(join(inbox, `${process.pid}.json`), JSON.stringify([process.argv, process.cwd()]));
      return false;
    }
    writeFileSync(lock, String(process.pid));
    this.#lockFile = lock;
    setInterval(() => {
      for (const name of readdirSync(inbox)) {
        const [argv, folder] = JSON.parse(readFileSync(join(inbox, name), 'utf8')) as [string[], string];
        rmSync(join(inbox, name));
        this.emit('second-instance', {}, argv, folder, undefined);
      }
    }, INBOX_MILLIS).unref();
    return true;
  }

  quit(): void {
    if (!this.#quitting) {
      if (this.#asks('before-quit')) return;
      this.#quitting = true;
    }
    const windows = this.#windows();
    if (windows.length > 0) for (const window of windows) window.close();
    else this.#end();
  }

  windowsAreClosed(): void {
    if (this.#quitting) this.#end();
    else if (this.listenerCount('window-all-closed') > 0) this.emit('window-all-closed');
    else this.quit();
  }

  #end(): void {
    if (this.#asks('will-quit')) return;
    if (this.#lockFile !== null) rmSync(this.#lockFile, { force: true });
    process.exit(0);
  }

  /** True when a listener held it back. */
  #asks(event: string): boolean {
    let stopped = false;
    this.emit(event, { preventDefault: () => (stopped = true) });
    return stopped;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export const app = new App();
