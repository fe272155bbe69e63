import type { StudioContract } from '../../../src-shared/contract/studio-contract.ts';
import type { Client, Handlers } from '../../../src-shared/rpc/contract-types.ts';
import type { ConsoleOutput } from './console-output.ts';

/** What every verb works with: the engine through its contract, the console, and Ctrl-C. */
export interface VerbContext {
  readonly engine: Client<StudioContract>;
  /** The engine itself, for a verb that serves it to others. */
  readonly handlers: Handlers<StudioContract>;
  readonly output: ConsoleOutput;
  readonly signal: AbortSignal;
}

/** Takes the verb that was typed. */
export type Choose = (json: boolean | undefined, run: (context: VerbContext) => Promise<number>) => void;
