import { type KeyboardEvent, type ReactElement, useState } from 'react';
import type { Command } from '../../commands/command.ts';
import { commands } from '../../commands/commands.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';
import { isMac, keyLabel } from '../../ui/key-label.ts';

/** Type a few letters of what you want; only what can be done now is listed. */
export function PaletteDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const t = useTranslate();
  const studio = useStudio();
  const preset = useStudioState((state) => state.settings.preset);
  const [wanted, setWanted] = useState('');
  const [at, setAt] = useState(0);
  const titled = commands
    .filter(({ id, when }) => id !== 'palette' && when(studio.store.value))
    .map((command) => ({ command, title: t(command.title, { number: command.id.replace('object-', '') }) }))
    .filter(({ title }) => fits(wanted, title));
  const chosen = Math.min(at, titled.length - 1);
  const run = (command: Command) => {
    onClose();
    void studio.notices.guard(async () => command.run(studio));
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(titled.length - 1, chosen + 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(0, chosen - 1));
    else if (event.key === 'Enter' && titled[chosen] !== undefined) run(titled[chosen].command);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={t('command.palette')} width={560} onClose={onClose}>
      <label className="field with-icon">
        <Icon name="search" size={16} />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={titled[chosen] === undefined ? undefined : `palette-${titled[chosen].command.id}`}
          aria-label={t('palette.field')}
          placeholder={t('palette.field')}
          value={wanted}
          onChange={(event) => {
            setWanted(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKey}
        />
      </label>
      <div className="palette-list" id="palette-list" role="listbox" aria-label={t('command.palette')}>
        {titled.map(({ command, title }, index) => (
          <div
            key={command.id}
            id={`palette-${command.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            className={`palette-item ${index === chosen ? 'chosen' : ''}`}
            ref={(element) => {
              if (index === chosen) element?.scrollIntoView({ block: 'nearest' });
            }}
            onPointerMove={() => setAt(index)}
            onClick={() => run(command)}
            onKeyDown={onKey}
          >
            <span>{title}</span>
            <span className="field-help">{t(`group.${command.group}`)}</span>
            <span className="bar-stretch" />
            {command.keys[preset][0] !== undefined && <kbd>{keyLabel(command.keys[preset][0], isMac)}</kbd>}
          </div>
        ))}
        {titled.length === 0 && <p className="field-help pad">{t('palette.nothing')}</p>}
      </div>
    </Dialog>
  );
}

/** Every word typed occurs in the title. */
function fits(wanted: string, title: string): boolean {
  const text = title.toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
