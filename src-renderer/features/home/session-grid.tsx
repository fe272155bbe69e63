import { type ReactElement, useState } from 'react';
import type { SessionListing } from '../../../src-shared/contract/results.ts';
import { nameOf } from '../../state/name-of.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';
import { RecoveredCard } from './recovered-card.tsx';
import { SessionCard } from './session-card.tsx';

/** Saved sessions, newest first, found by their name, their video's, an object's or a phrase's. */
export function SessionGrid(): ReactElement {
  const t = useTranslate();
  const sessions = useStudioState((state) => state.sessions);
  const [wanted, setWanted] = useState('');
  const shown = sessions?.filter((listing) => isWanted(wanted, listing)) ?? [];
  return (
    <section className="sessions" aria-label={t('sessions.title')}>
      <header className="panel-head">
        <h2>{t('sessions.title')}</h2>
        {sessions !== null && <span className="count">{sessions.length}</span>}
        <span className="bar-stretch" />
        <TrashButton />
        {sessions !== null && sessions.length > 1 && (
          <label className="field with-icon small">
            <Icon name="search" size={16} />
            <input
              value={wanted}
              placeholder={t('sessions.search')}
              aria-label={t('sessions.search')}
              onChange={(event) => setWanted(event.target.value)}
            />
          </label>
        )}
      </header>
      <RecoveredCard />
      {sessions === null ? (
        <Skeleton />
      ) : sessions.length === 0 ? (
        <NoSessions />
      ) : shown.length === 0 ? (
        <div className="empty roomy">
          <p className="empty-title">{t('sessions.nothingFound', { wanted })}</p>
          <Button label={t('sessions.showAll')} onClick={() => setWanted('')} />
        </div>
      ) : (
        <div className="session-grid">
          {shown.map((listing) => (
            <SessionCard key={listing.sessionPath} listing={listing} />
          ))}
        </div>
      )}
    </section>
  );
}

function Skeleton(): ReactElement {
  return (
    <div className="session-grid" aria-busy="true">
      {['a', 'b', 'c'].map((key) => (
        <div key={key} className="session-item skeleton" />
      ))}
    </div>
  );
}

function NoSessions(): ReactElement {
  const t = useTranslate();
  const folder = useStudioState(
    ({ doctor }) => doctor?.lines.find(({ group, name }) => group === 'folders' && name === 'sessions')?.text ?? null,
  );
  return (
    <div className="empty roomy">
      <Icon name="film" size={36} />
      <p className="empty-title">{t('sessions.emptyTitle')}</p>
      <p>{t('sessions.emptyText')}</p>
      {folder !== null && <p className="path">{folder}</p>}
    </div>
  );
}

function TrashButton(): ReactElement | null {
  const t = useTranslate();
  const { store } = useStudio();
  const count = useStudioState((state) => state.trash.length);
  if (count === 0) return null;
  return (
    <Button
      look="ghost"
      icon="trash"
      label={t('sessions.trashed', { count })}
      onClick={() => store.patch({ dialog: 'trash' })}
    />
  );
}

/** Every word typed occurs somewhere in what a session is known by. */
export function isWanted(wanted: string, { sessionPath, videoPath, words }: SessionListing): boolean {
  const text = [nameOf(sessionPath), nameOf(videoPath ?? ''), ...words].join('\n').toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
