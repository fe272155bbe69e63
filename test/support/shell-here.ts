import { appPaths } from '../../src-main/core/studio/index.ts';
import { createEngine } from '../../src-main/engine.ts';
import { ConsoleOutput } from '../../src-main/hosts/cli/console-output.ts';
import { runCommand } from '../../src-main/hosts/cli/shell.ts';
import { type CliResult, linesOf, Workspace } from './run-cli.ts';

/**
 * A workspace whose commands run in this process, one after the other on one engine: the same words, engine, sentences and exit status
 * without starting Node and five threads for each. What a process is itself (its end, its signals, its user) needs `runApart` or `start`.
 */
export class ShellHere extends Workspace implements AsyncDisposable {
  readonly #engine = createEngine({ paths: appPaths({ MASKLET_HOME: this.path('home') }) });

  override async run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<CliResult> {
    // Variables are a process's.
    if (env !== undefined) return this.runApart(args, env);
    const written = { stdout: '', stderr: '' };
    const into = (name: 'stdout' | 'stderr') => ({
      write: (text: string | Uint8Array) => {
        written[name] += text;
        return true;
      },
    });
    const output = new ConsoleOutput(args.includes('--json'), into('stdout'), into('stderr'));
    const interrupt = { signal: new AbortController().signal, isUnread: false };
    const stoodIn = process.cwd();
    process.chdir(this.folder);
    const status = await runCommand(args, output, interrupt, (work) => work(this.#engine)).finally(() =>
      process.chdir(stoodIn),
    );
    return { status, signal: null, ...written, lines: linesOf(written.stdout) };
  }

  /** As a process of its own. */
  runApart(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> {
    return super.run(args, env);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine[Symbol.asyncDispose]();
    this[Symbol.dispose]();
  }
}
