import { appCommands } from './app-commands.ts';
import type { Command, CommandGroup } from './command.ts';
import { correctionCommands } from './correction-commands.ts';
import { editCommands } from './edit-commands.ts';
import { type Keys, keysOf } from './keymap.ts';
import { playCommands } from './play-commands.ts';
import { pointerCommands } from './pointer-commands.ts';
import { reviewCommands } from './review-commands.ts';
import { toolCommands } from './tool-commands.ts';

/** Everything the page can be told to do. */
export const commands: readonly Command[] = [
  ...pointerCommands,
  ...toolCommands,
  ...reviewCommands,
  ...playCommands,
  ...editCommands,
  ...correctionCommands,
  ...appCommands,
];

export const commandGroups: readonly CommandGroup[] = [
  'play',
  'mark',
  'prompt',
  'pointer',
  'objects',
  'identity',
  'review',
  'track',
  'view',
  'app',
];

export function commandById(id: string): Command {
  const command = commands.find((each) => each.id === id);
  if (command === undefined) throw new Error(`No command is called ${id}.`);
  return command;
}

/** The commands a key asks for, in list order; the first whose `when` holds is meant. */
export function commandsForKey(combination: string, keys: Keys): readonly Command[] {
  return commands.filter((command) => keysOf(command, keys).includes(combination));
}
