import { type ReactElement, useState } from 'react';
import type { SessionListing } from '../../../src-shared/contract/results.ts';
import { posters } from '../../state/posters.ts';
import { nameOf } from '../../state/sessions.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { bytesText } from '../../ui/duration.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';

/** Saved sessions, newest first. */
export function SessionGrid(): ReactElement {
  const t = useTranslate();
  const sessions = useStudioState((state) => state.sessions);
  const [wanted, setWanted] = useState('');
  const shown = sessions?.filter(({ sessionPath, videoPath }) => matches(wanted, sessionPath, videoPath)) ?? [];
  return (
    <section className="sessions" aria-label={t('sessions.title')}>
      <header className="panel-head">
        <h2>{t('sessions.title')}</h2>
        {sessions !== null && <span className="count">{sessions.length}</span>}
        <span className="bar-stretch" />
        {sessions !== null && sessions.length > 3 && (
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
      {sessions === null ? (
        <div className="session-grid" aria-busy="true">
          {['a', 'b', 'c'].map((key) => (
            <div key={key} className="session-card skeleton" />
          ))}
        </div>
      ) : sessions.length === 0 ? (
        <div className="empty roomy">
          <Icon name="film" size={36} />
          <p className="empty-title">{t('sessions.emptyTitle')}</p>
          <p>{t('sessions.emptyText')}</p>
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

function SessionCard({ listing }: { readonly listing: SessionListing }): ReactElement {
  const t = useTranslate();
  const { sessions } = useStudio();
  const language = useStudioState((state) => state.settings.language);
  const { sessionPath, state, problem, videoMissing, objectCount, frameCount, trackedFrameCount, sizeBytes } = listing;
  const share = frameCount === 0 ? 0 : trackedFrameCount / frameCount;
  const poster = posters.get(sessionPath);
  const changed = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <button
      type="button"
      className="session-card"
      disabled={state === 'unreadable'}
      title={problem ?? sessionPath}
      onClick={() => void sessions.open({ videoPath: null, sessionPath })}
    >
      <span className="poster">
        {poster === null ? <Icon name="film" size={32} /> : <img src={poster} alt="" />}
        {videoMissing && <span className="badge warn">{t('sessions.videoMissing')}</span>}
        {state === 'unreadable' && <span className="badge warn">{t('sessions.unreadable')}</span>}
      </span>
      <span className="session-facts">
        <strong>{nameOf(sessionPath).replace(/\.masklet$/, '')}</strong>
        <span className="session-line">
          {t('sessions.facts', { objects: objectCount, percent: Math.floor(share * 100) })}
        </span>
        <span className="bar" aria-hidden="true">
          <span style={{ width: `${share * 100}%` }} />
        </span>
        <span className="session-line faint">
          {changed.format(listing.changedAtMillis)} · {bytesText(sizeBytes)}
        </span>
      </span>
    </button>
  );
}

function matches(wanted: string, ...texts: readonly (string | null)[]): boolean {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => texts.some((text) => text?.toLowerCase().includes(word)));
}
