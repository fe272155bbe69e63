import type { ReactElement } from 'react';
import { useStudioState } from '../../state/use-studio.ts';
import { IconButton } from '../../ui/button.tsx';
import type { MessageKey } from '../../ui/i18n/messages.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';

const FOLDERS: Readonly<Record<string, MessageKey>> = {
  sessions: 'folder.sessions',
  models: 'folder.models',
  cache: 'folder.cache',
  config: 'folder.config',
  logs: 'folder.logs',
};

/** Where things live on the engine's machine. */
export function FolderList(): ReactElement {
  const t = useTranslate();
  const doctor = useStudioState((state) => state.doctor);
  const folders = doctor?.lines.filter(({ group, name }) => group === 'folders' && FOLDERS[name] !== undefined) ?? [];
  return (
    <dl className="facts wide folder-list">
      {folders.map(({ name, text }) => (
        <div key={name} className="fact-row">
          <dt>{t(FOLDERS[name])}</dt>
          <dd className="path">{text}</dd>
          <dd>
            <IconButton
              icon="copy"
              size={16}
              label={t('notice.copyPath')}
              onClick={() => void navigator.clipboard?.writeText(text)}
            />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What `masklet doctor` says, for a person who has to tell somebody. */
export function MachineReport(): ReactElement | null {
  const t = useTranslate();
  const doctor = useStudioState((state) => state.doctor);
  if (doctor === null) return null;
  return (
    <details className="machine">
      <summary>{t('settings.machine')}</summary>
      <dl className="facts wide">
        {doctor.lines.map(({ group, name, state, text }) => (
          <div key={`${group}:${name}`} className={`fact-row fact-${state}`}>
            <dt>{`${group} · ${name}`}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
