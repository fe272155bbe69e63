import { readFileSync } from 'node:fs';
import { studioContract } from '../../../src-shared/contract/studio-contract.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { connectContract } from '../../../src-shared/rpc/client.ts';
import { createMemoryTransports } from '../../../src-shared/rpc/memory-transport.ts';
import { serveContract } from '../../../src-shared/rpc/server.ts';
import { createEngine } from '../../engine.ts';
import { ConsoleOutput } from './console-output.ts';
import { EXIT_OK, exitStatusOf } from './exit-status.ts';
import { Interrupt } from './interrupt.ts';
import { type ParsedCommand, parseCommandLine } from './program.ts';

/** The shell host: starts an engine, speaks the contract to it in memory, prints. Resolves to the exit status. */
export async function startShell(argv: readonly string[]): Promise<number> {
  using interrupt = new Interrupt();
  standWhereTheUserStands();
  return interrupt.statusOf(await runCommand(argv, interrupt));
}

async function runCommand(argv: readonly string[], interrupt: Interrupt): Promise<number> {
  const output = new ConsoleOutput(argv.includes('--json'));
  try {
    const command = parseCommandLine(argv, appVersion());
    return command.kind === 'shown' ? EXIT_OK : await runWithEngine(command, output, interrupt.signal);
  } catch (error) {
    const known = StudioError.from(error);
    if (known.kind !== 'cancelled' || !interrupt.isUnread) output.error(known);
    return exitStatusOf(known);
  }
}

async function runWithEngine(
  command: Extract<ParsedCommand, { kind: 'run' }>,
  output: ConsoleOutput,
  signal: AbortSignal,
): Promise<number> {
  await using engine = createEngine({});
  const [left, right] = createMemoryTransports();
  using _server = serveContract(studioContract, engine.handlers, left);
  using connection = connectContract(studioContract, right);
  return await command.run({ engine: connection.client, handlers: engine.handlers, output, signal });
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
