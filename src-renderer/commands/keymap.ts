import type { Settings } from '../state/studio-state.ts';
import { type Command, isModal } from './command.ts';

/** What decides which keys a command has. */
export type Keys = Pick<Settings, 'preset' | 'keymap'>;

/** Those a person gave it, else those of the preset. */
export function keysOf({ id, keys }: Pick<Command, 'id' | 'keys'>, { preset, keymap }: Keys): readonly string[] {
  return keymap[preset]?.[id] ?? keys[preset];
}

/** Commands that would answer the same press. The crosshair and the brush take their keys only while they are in
 * use, so they share them with the others. */
export function commandsWithKey(
  combination: string,
  asking: Command,
  commands: readonly Command[],
  keys: Keys,
): readonly Command[] {
  const inMode = (command: Command) => isModal(command) === isModal(asking);
  return commands.filter(
    (command) => command.id !== asking.id && inMode(command) && keysOf(command, keys).includes(combination),
  );
}

/** The key map in which a command has other keys; `null`: its own again. */
export function remapped({ preset, keymap }: Keys, id: string, keys: readonly string[] | null): Settings['keymap'] {
  const { [id]: _, ...others } = keymap[preset] ?? {};
  return { ...keymap, [preset]: keys === null ? others : { ...others, [id]: keys } };
}
