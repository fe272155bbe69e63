import type { ReactElement } from 'react';
import { commandGroups, commands } from '../../commands/commands.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Choice } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { isMac, keyLabel } from '../../ui/key-label.ts';

/** Commands that are one line for several keys. */
const GATHERED: Readonly<Record<string, string>> = {
  'object-1': '1 … 0',
  'pointer-ArrowLeft': '← → ↑ ↓',
  'pointer-fine-ArrowLeft': 'Shift ← → ↑ ↓',
};

/** Every key, from the one command list. */
export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const t = useTranslate();
  const { changeSettings } = useStudio();
  const preset = useStudioState((state) => state.settings.preset);
  const shown = commands.filter(
    ({ id, keys }) => keys[preset].length > 0 && !/^object-([2-9]|10)$|^pointer-(fine-)?Arrow(Right|Up|Down)$/.test(id),
  );
  return (
    <Dialog title={t('shortcuts.title')} width={860} onClose={onClose}>
      <Choice
        label={t('settings.preset')}
        value={preset}
        onChange={(next) => changeSettings({ preset: next })}
        options={[
          { value: 'editor', label: t('settings.editor') },
          { value: 'annotator', label: t('settings.annotator') },
        ]}
      />
      <div className="shortcut-columns">
        {commandGroups.map((group) => (
          <section key={group} className="shortcut-group">
            <h3>{t(`group.${group}`)}</h3>
            <dl>
              {shown
                .filter((command) => command.group === group)
                .map((command) => (
                  <div key={command.id} className="shortcut-row">
                    <dt>{t(command.title, { number: '1–10' })}</dt>
                    <dd>
                      {GATHERED[command.id] !== undefined ? (
                        <kbd>{GATHERED[command.id]}</kbd>
                      ) : (
                        command.keys[preset].map((key) => <kbd key={key}>{keyLabel(key, isMac)}</kbd>)
                      )}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
        <section className="shortcut-group">
          <h3>{t('group.mouse')}</h3>
          <dl>
            {(['include', 'exclude', 'zoom', 'pan', 'timelineZoom'] as const).map((name) => (
              <div key={name} className="shortcut-row">
                <dt>{t(`mouse.${name}`)}</dt>
                <dd>
                  <kbd>{t(`mouse.${name}Key`)}</kbd>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}
