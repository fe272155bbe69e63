import type { DesktopMenu } from '../../src-shared/contract/desktop-messages.ts';
import type { StudioState } from '../state/studio-state.ts';
import type { Translate } from '../ui/i18n/messages.ts';
import { type CommandGroup, isOffered } from './command.ts';
import { commandGroups, commands } from './commands.ts';
import { keysOf } from './keymap.ts';

/** What works without a menu: the ten objects by number, and the keyboard's pointer. */
const KEYS_ONLY = /^object-\d+$|^pointer-/;
/** Where a person looks first in a menu bar. */
const ORDER: readonly CommandGroup[] = ['app', ...commandGroups.filter((group) => group !== 'app')];

/** The window's menu: every command of the one list, with its title, its key and whether it can be used now. */
export function desktopMenu(state: StudioState, t: Translate): DesktopMenu {
  return ORDER.map((group) => ({
    title: t(`group.${group}`),
    items: commands
      .filter((command) => command.group === group && !KEYS_ONLY.test(command.id))
      .map((command) => ({
        id: command.id,
        title: t(command.title, { number: '' }),
        keys: keysOf(command, state.settings)[0] ?? null,
        enabled: isOffered(command, state),
      })),
  })).filter(({ items }) => items.length > 0);
}
