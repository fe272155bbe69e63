import { useStudio, useStudioState } from '../state/use-studio.ts';
import { useTranslate } from '../ui/i18n/use-translate.ts';
import { isMac, keyLabel } from '../ui/key-label.ts';
import { isOffered } from './command.ts';
import { commandById } from './commands.ts';
import { keysOf } from './keymap.ts';

/** What a button needs to offer a command: name, key, whether it can be used now, and what to do. */
export function useCommand(id: string): {
  readonly label: string;
  readonly keys: string;
  readonly disabled: boolean;
  readonly onClick: () => void;
} {
  const studio = useStudio();
  const t = useTranslate();
  const command = commandById(id);
  const enabled = useStudioState((state) => isOffered(command, state));
  const settings = useStudioState((state) => state.settings);
  const [first = ''] = keysOf(command, settings);
  return {
    label: t(command.title, { number: '' }),
    keys: first === '' ? '' : keyLabel(first, isMac),
    disabled: !enabled,
    onClick: () => void studio.notices.guard(async () => command.run(studio)),
  };
}
