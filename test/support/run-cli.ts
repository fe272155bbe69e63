import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const repositoryRoot = resolve(import.meta.dirname, '../..');
const ENTRY = join(repositoryRoot, 'src-main/hosts/cli/main.ts');
export const LAUNCHER = join(repositoryRoot, 'src-main/hosts/cli/bin.js');
const OUT = join(repositoryRoot, 'test/out');

export interface CliResult {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout parsed as JSON lines (lines that are not JSON are left out). */
  readonly lines: readonly Record<string, unknown>[];
}

/** A folder under test/out that is removed on disposal, with its own MASKLET_HOME inside. */
export class Workspace implements Disposable {
  readonly folder: string;

  constructor(name: string) {
    mkdirSync(OUT, { recursive: true });
    this.folder = mkdtempSync(join(OUT, `${name}-`));
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** `uid`: run as another user (root only), to meet permissions. `entry`: the launcher instead of the shell itself. */
  start(args: readonly string[], env: NodeJS.ProcessEnv = {}, uid?: number, entry = ENTRY): ChildProcess {
    return spawn('node', [entry, ...args], {
      ...(uid === undefined ? {} : { uid, gid: uid }),
      cwd: this.folder,
      env: { ...process.env, MASKLET_HOME: join(this.folder, 'home'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Runs `masklet ARGS` as its own process to its end. */
  async run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> {
    return finished(this.start(args, env));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Collects a started process to its end. */
export async function finished(child: ChildProcess): Promise<CliResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, by) => done([code, by]));
  });
  return { status, signal, stdout, stderr, lines: linesOf(stdout) };
}

/** JSON lines as values; lines that are not JSON are left out. */
export function linesOf(stdout: string): Record<string, unknown>[] {
  return stdout.split('\n').flatMap((line) => {
    try {
      return line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : [];
    } catch {
      return [];
    }
  });
}
