import type { ReactElement } from 'react';
import { useCommand } from '../../commands/use-command.ts';
import { nameOf } from '../../state/name-of.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { deviceName } from '../../ui/device-name.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';
import { JobChip } from './job-chip.tsx';

export function TopBar(): ReactElement {
  const t = useTranslate();
  const exportCommand = useCommand('export');
  return (
    <header className="top-bar">
      <IconButton icon="home" {...useCommand('home')} />
      <SessionName />
      <span className="bar-gap" />
      <IconButton icon="undo" {...useCommand('undo')} />
      <IconButton icon="redo" {...useCommand('redo')} />
      <span className="bar-stretch" />
      <JobChip />
      <ModelChip />
      <IconButton icon="panel-left" {...useCommand('toggle-rail')} />
      <IconButton icon="panel-right" {...useCommand('toggle-details')} />
      <IconButton icon="command" {...useCommand('palette')} />
      <IconButton icon="keyboard" {...useCommand('shortcuts')} />
      <IconButton icon="settings" {...useCommand('settings')} />
      <Tooltip text={exportCommand.label} keys={exportCommand.keys}>
        <Button
          look="primary"
          icon="export"
          label={t('top.export')}
          disabled={exportCommand.disabled}
          onClick={exportCommand.onClick}
        />
      </Tooltip>
    </header>
  );
}

/** Everything is saved as it is made, so the dot only tells whether the line to the engine stands. */
function SessionName(): ReactElement {
  const t = useTranslate();
  const path = useStudioState((state) => state.session?.state.video.path ?? '');
  const connected = useStudioState((state) => state.connection === 'open');
  return (
    <div className="session-name">
      <Tooltip text={t(connected ? 'top.saved' : 'top.notConnected')}>
        <span
          className={`save-dot ${connected ? '' : 'lost'}`}
          role="img"
          aria-label={t(connected ? 'top.saved' : 'top.notConnected')}
        />
      </Tooltip>
      <h1 title={path}>{nameOf(path)}</h1>
    </div>
  );
}

function ModelChip(): ReactElement {
  const t = useTranslate();
  const { store } = useStudio();
  const model = useStudioState((state) => state.model);
  // A wished-for device that was refused stays in sight for as long as another one is used.
  const refusal =
    model === null || model.notes.length === 0
      ? null
      : model.notes.map(({ code, values }) => t(`note.${code}`, values)).join(' ');
  return (
    <Tooltip text={refusal ?? t('top.model')}>
      <button
        type="button"
        className={`chip ${refusal === null ? '' : 'chip-warned'}`}
        onClick={() => store.patch({ dialog: 'settings' })}
      >
        <Icon name={refusal === null ? 'chip' : 'warning'} size={16} />
        {model === null ? (
          <span className="chip-faint">{t('top.modelLoading')}</span>
        ) : (
          <>
            <span>{model.packId}</span>
            <span className="chip-faint">{deviceName(model.provider, t)}</span>
          </>
        )}
      </button>
    </Tooltip>
  );
}
