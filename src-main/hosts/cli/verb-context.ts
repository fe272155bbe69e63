import type { StudioContract } from '../../../src-shared/contract/studio-contract.ts';
import type { Client } from '../../../src-shared/rpc/contract-types.ts';
import type { ConsoleOutput } from './console-output.ts';

/** What every verb works with: the engine through its contract, the console, and Ctrl-C. */
export interface VerbContext {
  readonly engine: Client<StudioContract>;
  readonly output: ConsoleOutput;
  readonly signal: AbortSignal;
}

/** Takes the verb that was typed. */
export type Choose = (json: boolean | undefined, run: (context: VerbContext) => Promise<number>) => void;
