import { type KeyboardEvent, type ReactElement, useState } from 'react';
import { flushSync } from 'react-dom';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';
import { isMac, keyLabel } from '../../ui/key-label.ts';
import { fits, type PaletteEntry, paletteEntries } from './palette-entries.ts';

/** Type a few letters of what you want; only what can be done now is listed. */
export function PaletteDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const t = useTranslate();
  const studio = useStudio();
  const state = useStudioState((whole) => whole);
  const [wanted, setWanted] = useState('');
  const [at, setAt] = useState(0);
  const shown = paletteEntries(state, t).filter((entry) => fits(wanted, entry));
  const chosen = Math.min(at, shown.length - 1);
  const run = (entry: PaletteEntry) => {
    // What it puts the focus on is inert while the sheet stands over the page, and the closing sheet hands the focus back.
    flushSync(onClose);
    void studio.notices.guard(async () => entry.run(studio));
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(shown.length - 1, chosen + 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(0, chosen - 1));
    else if (event.key === 'Enter' && shown[chosen] !== undefined) run(shown[chosen]);
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
          aria-activedescendant={shown[chosen] === undefined ? undefined : `palette-${chosen}`}
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
        {shown.map((entry, index) => (
          <div
            key={entry.id}
            id={`palette-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            className={`palette-item ${index === chosen ? 'chosen' : ''}`}
            ref={(element) => {
              if (index === chosen) element?.scrollIntoView({ block: 'nearest' });
            }}
            onPointerMove={() => setAt(index)}
            onClick={() => run(entry)}
            onKeyDown={onKey}
          >
            {entry.colour !== null && <span className="swatch" style={{ background: entry.colour }} />}
            <span className="palette-title">{entry.title}</span>
            <span className="field-help">{entry.detail}</span>
            <span className="bar-stretch" />
            {entry.key !== null && <kbd>{keyLabel(entry.key, isMac)}</kbd>}
          </div>
        ))}
      </div>
      {shown.length === 0 && state.sessions !== null && <p className="field-help">{t('palette.nothing')}</p>}
    </Dialog>
  );
}
