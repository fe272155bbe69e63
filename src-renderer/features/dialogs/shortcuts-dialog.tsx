import { type ReactElement, useState } from 'react';
import type { Command } from '../../commands/command.ts';
import { commandGroups, commands } from '../../commands/commands.ts';
import { keysOf, remapped } from '../../commands/keymap.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';
import { isMac, keyLabel } from '../../ui/key-label.ts';
import { KeyRecorder } from './key-recorder.tsx';

/** Commands that are one line for several keys, which stay as they are. */
const GATHERED: Readonly<Record<string, string>> = {
  'object-1': '1 … 0',
  'pointer-ArrowLeft': '← → ↑ ↓',
  'pointer-fine-ArrowLeft': 'Shift ← → ↑ ↓',
};
const LEFT_OUT = /^object-([2-9]|10)$|^pointer-(fine-)?Arrow(Right|Up|Down)$/;

/** Every command and its keys, from the one list; each can be given another one. */
export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const t = useTranslate();
  const { changeSettings } = useStudio();
  const settings = useStudioState((state) => state.settings);
  const [wanted, setWanted] = useState('');
  const isChanged = Object.keys(settings.keymap[settings.preset] ?? {}).length > 0;
  const shown = commands.filter(
    (command) => !LEFT_OUT.test(command.id) && isWanted(wanted, titleOf(command, t), keysOf(command, settings)),
  );
  return (
    <Dialog
      title={t('shortcuts.title')}
      width={900}
      onClose={onClose}
      footer={
        <>
          <Button
            look="ghost"
            icon="sparkle"
            label={t('settings.coach')}
            onClick={() => {
              changeSettings({ coachDone: false });
              onClose();
            }}
          />
          <span className="bar-stretch" />
          <Button
            label={t('shortcuts.resetAll')}
            disabled={!isChanged}
            onClick={() => changeSettings({ keymap: { ...settings.keymap, [settings.preset]: {} } })}
          />
        </>
      }
    >
      <div className="shortcut-tools">
        <Choice
          label={t('settings.preset')}
          hideLabel
          value={settings.preset}
          onChange={(preset) => changeSettings({ preset })}
          options={[
            { value: 'editor', label: t('settings.editor') },
            { value: 'annotator', label: t('settings.annotator') },
          ]}
        />
        <label className="field with-icon">
          <Icon name="search" size={16} />
          <input
            value={wanted}
            placeholder={t('shortcuts.search')}
            aria-label={t('shortcuts.search')}
            onChange={(event) => setWanted(event.target.value)}
          />
        </label>
      </div>
      <p className="field-help">{t('shortcuts.help')}</p>
      <div className="shortcut-columns">
        {commandGroups.map((group) => (
          <Group key={group} title={t(`group.${group}`)} commands={shown.filter((each) => each.group === group)} />
        ))}
        {wanted === '' && <MouseGroup />}
        {shown.length === 0 && <p className="field-help pad">{t('shortcuts.nothing')}</p>}
      </div>
    </Dialog>
  );
}

function Group({
  title,
  commands: rows,
}: {
  readonly title: string;
  readonly commands: readonly Command[];
}): ReactElement | null {
  if (rows.length === 0) return null;
  return (
    <section className="shortcut-group">
      <h3>{title}</h3>
      <ul>
        {rows.map((command) => (
          <Row key={command.id} command={command} />
        ))}
      </ul>
    </section>
  );
}

function Row({ command }: { readonly command: Command }): ReactElement {
  const t = useTranslate();
  const { changeSettings } = useStudio();
  const settings = useStudioState((state) => state.settings);
  const [recording, setRecording] = useState(false);
  const keys = keysOf(command, settings);
  const title = titleOf(command, t);
  const gathered = GATHERED[command.id];
  const isOwn = settings.keymap[settings.preset]?.[command.id] === undefined;
  if (recording) return <KeyRecorder command={command} title={title} onDone={() => setRecording(false)} />;
  return (
    <li className="shortcut-row">
      <span className="shortcut-title">{title}</span>
      {!isOwn && (
        <IconButton
          icon="undo"
          size={14}
          label={t('shortcuts.reset', { title })}
          onClick={() => changeSettings({ keymap: remapped(settings, command.id, null) })}
        />
      )}
      {gathered !== undefined ? (
        <kbd>{gathered}</kbd>
      ) : (
        <button
          type="button"
          className="key-button"
          aria-label={t('shortcuts.change', { title, keys: keys.map((key) => keyLabel(key, isMac)).join(', ') })}
          onClick={() => setRecording(true)}
        >
          {keys.length === 0 ? (
            <span className="no-key">{t('shortcuts.none')}</span>
          ) : (
            keys.map((key) => <kbd key={key}>{keyLabel(key, isMac)}</kbd>)
          )}
        </button>
      )}
    </li>
  );
}

function MouseGroup(): ReactElement {
  const t = useTranslate();
  return (
    <section className="shortcut-group">
      <h3>{t('group.mouse')}</h3>
      <ul>
        {(['include', 'exclude', 'zoom', 'pan', 'brush', 'timelineZoom'] as const).map((name) => (
          <li key={name} className="shortcut-row">
            <span className="shortcut-title">{t(`mouse.${name}`)}</span>
            <kbd>{t(`mouse.${name}Key`)}</kbd>
          </li>
        ))}
      </ul>
    </section>
  );
}

function titleOf({ title }: Command, t: ReturnType<typeof useTranslate>): string {
  return t(title, { number: '1–10' });
}

/** Found by words of the title, or by a key as it is written. */
function isWanted(wanted: string, title: string, keys: readonly string[]): boolean {
  const text = [title, ...keys.map((key) => keyLabel(key, isMac))].join('\n').toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
