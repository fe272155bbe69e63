import { readFileSync } from 'node:fs';
import { studioContract } from '../../../src-shared/contract/studio-contract.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { connectContract } from '../../../src-shared/rpc/client.ts';
import { createMemoryTransports } from '../../../src-shared/rpc/memory-transport.ts';
import { serveContract } from '../../../src-shared/rpc/server.ts';
import { createEngine, type Engine } from '../../engine.ts';
import { ConsoleOutput } from './console-output.ts';
import { EXIT_OK, exitStatusOf } from './exit-status.ts';
import { Interrupt } from './interrupt.ts';
import { type ParsedCommand, parseCommandLine } from './program.ts';

/** The shell host: starts an engine, speaks the contract to it in memory, prints. Resolves to the exit status. */
export async function startShell(argv: readonly string[]): Promise<number> {
  using interrupt = new Interrupt();
  standWhereTheUserStands();
  const withEngine: WithEngine = async (work) => {
    await using engine = createEngine({});
    return await work(engine);
  };
  const output = new ConsoleOutput(argv.includes('--json'));
  return interrupt.statusOf(await runCommand(argv, output, interrupt, withEngine));
}

/** Lends an engine for the time of one command that needs one. */
export type WithEngine = (work: (engine: Engine) => Promise<number>) => Promise<number>;

/** One command line from its words to its exit status; what goes wrong is said through `output`. */
export async function runCommand(
  argv: readonly string[],
  output: ConsoleOutput,
  interrupt: Pick<Interrupt, 'signal' | 'isUnread'>,
  withEngine: WithEngine,
): Promise<number> {
  try {
    const command = parseCommandLine(argv, appVersion());
    if (command.kind === 'shown') return EXIT_OK;
    return await withEngine(({ handlers }) => speakTo(handlers, command, output, interrupt.signal));
  } catch (error) {
    const known = StudioError.from(error);
    if (known.kind !== 'cancelled' || !interrupt.isUnread) output.error(known);
    return exitStatusOf(known);
  }
}

async function speakTo(
  handlers: Engine['handlers'],
  command: Extract<ParsedCommand, { kind: 'run' }>,
  output: ConsoleOutput,
  signal: AbortSignal,
): Promise<number> {
  const [left, right] = createMemoryTransports();
  using _server = serveContract(studioContract, handlers, left);
  using connection = connectContract(studioContract, right);
  return await command.run({ engine: connection.client, handlers, output, signal });
}

function appVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** `npm run` starts us in the package folder; paths are meant from where the person stands. */
function standWhereTheUserStands(): void {
  const { INIT_CWD: asked, npm_lifecycle_event: script } = process.env;
  if (asked !== undefined && (script === 'masklet' || script === 'demo')) process.chdir(asked);
}
