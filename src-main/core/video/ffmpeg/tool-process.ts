import { type ChildProcess, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { Readable, type Writable } from 'node:stream';
import { cancelled, StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { ToolOutput } from './tool-output.ts';

/** One run of ffmpeg or ffprobe: pure data, built by the files beside this one. */
export interface ToolCommand {
  readonly path: string;
  readonly args: readonly string[];
  /** Working directory; filters name their data files relative to it, so nothing needs escaping. */
  readonly cwd?: string | undefined;
  readonly stdin: 'ignore' | 'pipe';
}

export interface ToolExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Last 4 KB of what the tool said. */
  readonly stderrTail: string;
}

export interface ToolProcessOptions {
  readonly signal?: AbortSignal | undefined;
  /** Kills the tool after this long; absent: as long as it takes. */
  readonly timeoutMillis?: number | undefined;
  /** Gives way to everything else on the machine. */
  readonly background?: boolean | undefined;
  /** Where its stdout goes instead of the stream `stdout`; owned from now on. */
  readonly output?: ToolOutput | null | undefined;
  /** Every line of stderr as it comes. */
  readonly onStderrLine?: ((line: string) => void) | undefined;
}

const TAIL_BYTES = 4096;
/**
 * The static ffprobe of the npm package loads the character tables of the system's C library, which crashes it on every MPEG
 * transport stream (their service names are converted); finding none, it leaves the names alone.
 */
const TOOL_ENVIRONMENT = { GCONV_PATH: '/nonexistent' };
const running = new Set<ChildProcess>();
let exitHookInstalled = false;

/**
 * A running tool. Disposing kills it and waits. It dies with this process: on a normal exit by a hook, on a kill because
 * its stdin or stdout breaks (every command here reads from or writes to one of ours; a broken stderr ends none).
 */
export class ToolProcess implements AsyncDisposable {
  readonly commandLine: string;
  /** Empty when there is an output of its own. */
  readonly stdout: Readable;
  /** null when the command takes no input. */
  readonly stdin: Writable | null;
  /** Settles when the tool has ended and its pipes are drained or closed; never rejects. */
  readonly ended: Promise<ToolExit>;
  readonly #child: ChildProcess;
  readonly #signal: AbortSignal | undefined;
  readonly #output: ToolOutput | null;
  #timedOut = false;
  #tail = '';
  #pendingLine = '';

  constructor(command: ToolCommand, options: ToolProcessOptions = {}) {
    this.#output = options.output ?? null;
    if (options.signal?.aborted) this.#closeOutput();
    options.signal?.throwIfAborted();
    this.commandLine = [command.path, ...command.args].map(shellWord).join(' ');
    this.#signal = options.signal;
    const child = spawn(command.path, command.args, {
      cwd: command.cwd,
      env: { ...process.env, ...TOOL_ENVIRONMENT },
      stdio: [command.stdin, this.#output?.toolEnd ?? 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.#child = child;
    this.#output?.toolEnd.destroy();
    if (options.background === true) giveWay(child);
    this.stdout = child.stdout ?? Readable.from([]);
    this.stdin = child.stdin;
    this.#readStderr(options.onStderrLine);
    this.ended = this.#watch(options);
  }

  /** Ends the tool at once; `ended` settles soon after. */
  kill(): void {
    this.#child.kill('SIGKILL');
    this.stdout.destroy();
    this.#closeOutput();
  }

  #closeOutput(): void {
    this.#output?.toolEnd.destroy();
    this.#output?.close();
  }

  /** Everything on stdout as text; refuses more than `limitBytes`. Throws `cancelled`. */
  async readText(limitBytes: number): Promise<string> {
    const chunks: Buffer[] = [];
    let length = 0;
    try {
      for await (const chunk of this.stdout as AsyncIterable<Buffer>) {
        length += chunk.length;
        if (length > limitBytes) {
          this.kill();
          throw this.failure('media-refused', 'The description of this file is absurdly long; it was not opened.');
        }
        chunks.push(chunk);
      }
    } catch (error) {
      // A tool that is stopped closes its output early.
      throw this.#signal?.aborted ? cancelled(this.#signal.reason) : error;
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  /** `cancelled` when our signal fired, the time limit when that struck, else the given error with everything needed to copy. */
  failure(code: StudioError['code'], message: string, exit?: ToolExit): StudioError {
    if (this.#signal?.aborted) return cancelled(this.#signal.reason);
    const sentence = this.#timedOut ? 'Reading this file took too long and was stopped; it may be damaged.' : message;
    return new StudioError(code, code === 'ffmpeg-failed' ? 'environment' : 'user', sentence, {
      details: {
        command: this.commandLine,
        exitCode: exit?.code ?? null,
        stderr: exit?.stderrTail ?? this.#tail,
      },
    });
  }

  /**
   * Throws `ffmpeg-failed` when the tool was ended from outside (a system short of memory does that), crashed or never ran: what it said is
   * then not all there is.
   */
  refuseUnfinished(exit: ToolExit, mediaPath: string): void {
    if (exit.code !== null) return;
    const message = `The reading of ${mediaPath} was ended from outside${exit.signal === null ? '' : ` (${exit.signal})`}, perhaps because memory ran out; nothing was kept of it. Close other programs and try again.`;
    throw this.failure('ffmpeg-failed', message, exit);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.ended;
  }

  #readStderr(onLine: ((line: string) => void) | undefined): void {
    this.#child.stderr!.setEncoding('utf8');
    this.#child.stderr!.on('data', (text: string) => {
      this.#tail = (this.#tail + text).slice(-TAIL_BYTES);
      if (onLine === undefined) return;
      const lines = (this.#pendingLine + text).split(/\r\n|\n|\r/);
      this.#pendingLine = lines.pop()!.slice(-TAIL_BYTES);
      for (const line of lines) onLine(line);
    });
    this.#child.stderr!.on('end', () => {
      if (this.#pendingLine !== '') onLine?.(this.#pendingLine);
    });
  }

  #watch(options: ToolProcessOptions): Promise<ToolExit> {
    const child = this.#child;
    trackUntilClosed(child);
    const kill = () => this.kill();
    options.signal?.addEventListener('abort', kill, { once: true });
    const timer =
      options.timeoutMillis === undefined
        ? undefined
        : setTimeout(() => {
            this.#timedOut = true;
            this.kill();
          }, options.timeoutMillis);
    // A broken pipe to a dying tool is told by its exit, not by an unhandled stream error.
    child.stdin?.on('error', () => {});
    child.stdout?.on('error', () => {});
    const { promise, resolve } = Promise.withResolvers<ToolExit>();
    const finish = (code: number | null, signal: string | null) => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', kill);
      resolve({ code, signal, stderrTail: this.#tail });
    };
    child.once('error', (error) => {
      this.#tail = (this.#tail + error.message).slice(-TAIL_BYTES);
      finish(null, null);
    });
    // 'close' comes after the last line of stderr; `kill` destroys stdout, so an unread pipe cannot hold it back.
    child.once('close', finish);
    return promise;
  }
}

/** Not every system lets us: then it runs as everything else does. */
function giveWay({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {}
}

function trackUntilClosed(child: ChildProcess): void {
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  if (exitHookInstalled) return;
  exitHookInstalled = true;
  process.once('exit', () => {
    for (const each of running) each.kill('SIGKILL');
  });
}

/** Quotes one argument so that the printed command can be pasted into a POSIX shell. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
