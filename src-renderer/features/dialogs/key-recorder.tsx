import { type ReactElement, useEffect, useState } from 'react';
import type { Command } from '../../commands/command.ts';
import { commands } from '../../commands/commands.ts';
import { combinationOf } from '../../commands/keyboard.ts';
import { commandsWithKey, keysOf, remapped } from '../../commands/keymap.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { isMac, keyLabel } from '../../ui/key-label.ts';

const MODIFIERS = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process']);

/** Waits for the new key of a command. A key that another command has is given over only when that is said. */
export function KeyRecorder({
  command,
  title,
  onDone,
}: {
  readonly command: Command;
  readonly title: string;
  readonly onDone: () => void;
}): ReactElement {
  const t = useTranslate();
  const { changeSettings, store } = useStudio();
  const settings = useStudioState((state) => state.settings);
  const [pressed, setPressed] = useState<string | null>(null);
  const rivals = pressed === null ? [] : commandsWithKey(pressed, command, commands, settings);
  const give = (combination: string) => {
    const { preset, keymap } = store.value.settings;
    let next = keymap;
    for (const rival of commandsWithKey(combination, command, commands, { preset, keymap })) {
      const left = keysOf(rival, { preset, keymap: next }).filter((key) => key !== combination);
      next = remapped({ preset, keymap: next }, rival.id, left);
    }
    changeSettings({ keymap: remapped({ preset, keymap: next }, command.id, [combination]) });
    onDone();
  };
  useEffect(() => {
    if (pressed !== null) return;
    const onKey = (event: KeyboardEvent) => {
      if (MODIFIERS.has(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === 'Escape') onDone();
      else if (commandsWithKey(combinationOf(event), command, commands, store.value.settings).length > 0) {
        setPressed(combinationOf(event));
      } else give(combinationOf(event));
    };
    addEventListener('keydown', onKey, { capture: true });
    return () => removeEventListener('keydown', onKey, { capture: true });
  });
  return (
    <li className="shortcut-row recording" role="status">
      <span className="shortcut-title">{title}</span>
      {pressed === null ? (
        <span className="recorder">{t('shortcuts.press')}</span>
      ) : (
        <span className="conflict">
          <span>
            {t('shortcuts.taken', {
              key: keyLabel(pressed, isMac),
              title: rivals.map((rival) => t(rival.title, { number: '' })).join(', '),
            })}
          </span>
          <Button look="primary" label={t('shortcuts.takeKey')} autoFocus onClick={() => give(pressed)} />
          <Button label={t('common.cancel')} onClick={onDone} />
        </span>
      )}
    </li>
  );
}
