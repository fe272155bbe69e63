import { type ReactElement, useEffect, useState } from 'react';
import type { SessionListing } from '../../../src-shared/contract/results.ts';
import { shownName } from '../../state/default-names.ts';
import { sessionName } from '../../state/library.ts';
import { posters } from '../../state/posters.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { agoText, bytesText } from '../../ui/duration.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';
import { MenuButton } from '../../ui/menu.tsx';

/** One saved session: what it shows, how far it is, and what can be done with it. */
export function SessionCard({ listing }: { readonly listing: SessionListing }): ReactElement {
  const t = useTranslate();
  const [renaming, setRenaming] = useState(false);
  const { sessionPath, state, problem } = listing;
  if (state === 'unreadable') {
    return (
      <article className="session-item broken">
        <span className="poster">
          <Icon name="warning" size={28} />
        </span>
        <div className="session-facts">
          <strong title={sessionPath}>{sessionName(sessionPath)}</strong>
          <p className="session-line faint">{problem}</p>
        </div>
      </article>
    );
  }
  return (
    <article className="session-item">
      <OpenButton listing={listing} />
      {renaming ? (
        <NameField sessionPath={sessionPath} onDone={() => setRenaming(false)} />
      ) : (
        <SessionMenu listing={listing} onRename={() => setRenaming(true)} />
      )}
      {listing.videoMissing && <LocateButton listing={listing} />}
      <span className="only-read">{t('sessions.place', { path: sessionPath })}</span>
    </article>
  );
}

function OpenButton({ listing }: { readonly listing: SessionListing }): ReactElement {
  const t = useTranslate();
  const { sessions, store } = useStudio();
  const { sessionPath, videoMissing, state, sessionId, objectCount, frameCount, trackedFrameCount } = listing;
  const share = frameCount === 0 ? 0 : trackedFrameCount / frameCount;
  const open = () => {
    if (videoMissing) store.patch({ locating: listing, dialog: 'locate' });
    else void sessions.open({ videoPath: null, sessionPath });
  };
  return (
    <button type="button" className="session-card" title={sessionPath} onClick={open}>
      <span className="poster">
        <PosterPicture listing={listing} />
        <span className="poster-badges">
          {videoMissing && <span className="badge warn">{t('sessions.videoMissing')}</span>}
          {state === 'busy' && (
            <span className="badge">{t(sessionId === null ? 'sessions.openElsewhere' : 'sessions.open')}</span>
          )}
          {listing.lastRun?.state === 'interrupted' && <span className="badge warn">{t('sessions.interrupted')}</span>}
        </span>
      </span>
      <span className="session-facts">
        <strong>{sessionName(sessionPath)}</strong>
        <span className="session-line">
          {t('sessions.facts', { objects: objectCount, percent: Math.floor(share * 100) })}
          {listing.reviewedShare > 0 &&
            ` · ${t('sessions.reviewed', { percent: Math.floor(listing.reviewedShare * 100) })}`}
        </span>
        <span className="bar" aria-hidden="true">
          <span style={{ inlineSize: `${share * 100}%` }} />
        </span>
        <ObjectChips listing={listing} />
        <ChangedLine listing={listing} />
      </span>
    </button>
  );
}

/** What was on screen when it was last put away, or a frame that is drawn now. */
function PosterPicture({ listing }: { readonly listing: SessionListing }): ReactElement {
  const { posterMaker } = useStudio();
  const [, setMade] = useState(0);
  useEffect(() => {
    let isHere = true;
    void posterMaker.make(listing).then((made) => made && isHere && setMade((count) => count + 1));
    return () => {
      isHere = false;
    };
  }, [posterMaker, listing]);
  const url = posters.get(listing.sessionPath);
  return url === null ? <Icon name="film" size={32} /> : <img src={url} alt="" />;
}

/** More than two are cut to single letters on a narrow card. */
const MOST_CHIPS = 2;

function ObjectChips({ listing: { objects, objectCount } }: { readonly listing: SessionListing }): ReactElement {
  const t = useTranslate();
  const shown = objects.slice(0, MOST_CHIPS);
  const more = objectCount - shown.length;
  return (
    <span className="card-objects">
      {shown.map(({ name, colour }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: names repeat, and the list is drawn anew whenever it changes.
        <span key={index} className="card-object">
          <span className="swatch" style={{ background: colour }} />
          <span>{shownName(t, name)}</span>
        </span>
      ))}
      {more > 0 && <span className="card-object more">{t('sessions.more', { count: more })}</span>}
    </span>
  );
}

function ChangedLine({ listing: { changedAtMillis, sizeBytes } }: { readonly listing: SessionListing }): ReactElement {
  const t = useTranslate();
  const language = useStudioState((state) => state.settings.language);
  return (
    <span className="session-line faint">
      {t('sessions.changed', { ago: agoText(changedAtMillis, Date.now(), language) })} · {bytesText(sizeBytes)}
    </span>
  );
}

function SessionMenu({
  listing,
  onRename,
}: {
  readonly listing: SessionListing;
  readonly onRename: () => void;
}): ReactElement {
  const t = useTranslate();
  const { library, queue, store } = useStudio();
  const { sessionPath, promptCount, videoMissing } = listing;
  // Open in this studio, it may still be a tab that is gone: the engine knows.
  const isElsewhere = listing.state === 'busy' && listing.sessionId === null;
  return (
    <MenuButton
      label={t('sessions.menu', { name: sessionName(sessionPath) })}
      items={[
        { label: t('sessions.rename'), icon: 'pencil', disabled: isElsewhere, onChoose: onRename },
        { label: t('sessions.duplicate'), icon: 'copy', onChoose: () => void library.duplicate(sessionPath) },
        {
          label: t('sessions.queueTrack'),
          icon: 'track-both',
          disabled: promptCount === 0 || videoMissing,
          onChoose: () => void queue.track(sessionPath),
        },
        {
          label: t('sessions.queueRender'),
          icon: 'export',
          disabled: listing.trackedFrameCount === 0 || videoMissing,
          onChoose: () => void queue.render(sessionPath),
        },
        {
          label: t('sessions.locate'),
          icon: 'search',
          disabled: isElsewhere,
          onChoose: () => store.patch({ locating: listing, dialog: 'locate' }),
        },
        {
          label: t('sessions.trash'),
          icon: 'trash',
          disabled: isElsewhere,
          onChoose: () => void library.trash(sessionPath),
        },
      ]}
    />
  );
}

function LocateButton({ listing }: { readonly listing: SessionListing }): ReactElement {
  const t = useTranslate();
  const { store } = useStudio();
  return (
    <button type="button" className="locate-link" onClick={() => store.patch({ locating: listing, dialog: 'locate' })}>
      <Icon name="search" size={16} />
      {t('sessions.locate')}
    </button>
  );
}

/** Enter keeps the new name, Escape the old one. */
function NameField({
  sessionPath,
  onDone,
}: {
  readonly sessionPath: string;
  readonly onDone: () => void;
}): ReactElement {
  const t = useTranslate();
  const { library } = useStudio();
  const [name, setName] = useState(sessionName(sessionPath));
  const keep = () => {
    onDone();
    void library.rename(sessionPath, name);
  };
  return (
    <label className="field session-name-field">
      <input
        // biome-ignore lint/a11y/noAutofocus: it takes the place of what a person has just chosen to change.
        autoFocus
        value={name}
        maxLength={120}
        aria-label={t('sessions.name')}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setName(event.target.value)}
        onBlur={keep}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.currentTarget.blur();
          else if (event.key === 'Escape') onDone();
        }}
      />
    </label>
  );
}
