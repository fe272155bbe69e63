import { type ReactElement, useState } from 'react';
import { useCommand } from '../../commands/use-command.ts';
import { nameOf } from '../../state/name-of.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';
import { Logo } from '../../ui/logo.tsx';
import { JobChip } from '../studio/job-chip.tsx';
import { OpeningCard } from './opening-card.tsx';
import { QueuePanel } from './queue-panel.tsx';
import { ReadyCard } from './ready-card.tsx';
import { SessionGrid } from './session-grid.tsx';

/** The empty desk: open something, go on with something, or see what is in line. */
export function HomeScreen(): ReactElement {
  const t = useTranslate();
  const [over, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: shows where a file may be dropped; the page takes it (app.tsx).
    <div
      className={`home ${over ? 'drop-over' : ''}`}
      onDragOver={() => setOver(true)}
      onDragLeave={(event) => event.currentTarget === event.target && setOver(false)}
      onDrop={() => setOver(false)}
    >
      <HomeBar />
      <main className="home-body">
        <div className="home-open">
          <h1>{t('home.title')}</h1>
          <p className="home-lead">{t('home.lead')}</p>
          <DropZone />
          <SampleCard />
          <RecentList />
          <ReadyCard />
        </div>
        <SessionGrid />
        <QueuePanel />
      </main>
      <footer className="home-foot">
        <Icon name="info" size={16} />
        {t('home.privacy')}
      </footer>
    </div>
  );
}

function HomeBar(): ReactElement {
  const t = useTranslate();
  return (
    <header className="home-bar">
      <Logo />
      <span className="product-name">{t('app.name')}</span>
      <span className="bar-stretch" />
      <JobChip />
      <IconButton icon="command" {...useCommand('palette')} />
      <IconButton icon="keyboard" {...useCommand('shortcuts')} />
      <IconButton icon="settings" {...useCommand('settings')} />
    </header>
  );
}

function DropZone(): ReactElement {
  const t = useTranslate();
  const open = useCommand('open');
  const opening = useStudioState((state) => state.opening);
  if (opening !== null) return <OpeningCard opening={opening} />;
  return (
    <div className="drop-zone">
      <Icon name="film" size={40} />
      <p>
        <strong>{t('home.drop')}</strong>
      </p>
      <p className="field-help">{t('home.dropHelp')}</p>
      <Button look="primary" icon="folder" label={t('home.openVideo')} onClick={open.onClick} title={open.keys} />
    </div>
  );
}

function SampleCard(): ReactElement | null {
  const t = useTranslate();
  const { sessions } = useStudio();
  const samplePath = useStudioState((state) => state.about?.samplePath ?? null);
  if (samplePath === null) return null;
  return (
    <button
      type="button"
      className="sample-card"
      onClick={() => void sessions.open({ videoPath: samplePath, sessionPath: null })}
    >
      <span className="sample-icon">
        <Icon name="sparkle" size={20} />
      </span>
      <span>
        <strong>{t('home.sample')}</strong>
        <span className="field-help">{t('home.sampleHelp')}</span>
      </span>
      <span className="bar-stretch" />
      <Icon name="play" size={16} />
    </button>
  );
}

function RecentList(): ReactElement | null {
  const t = useTranslate();
  const { sessions } = useStudio();
  const recent = useStudioState((state) => state.settings.recent);
  const sample = useStudioState((state) => state.about?.samplePath ?? null);
  const shown = recent.filter((path) => path !== sample).slice(0, 5);
  if (shown.length === 0) return null;
  return (
    <section className="recent" aria-label={t('home.recent')}>
      <h2>{t('home.recent')}</h2>
      <ul>
        {shown.map((path) => (
          <li key={path}>
            <button
              type="button"
              title={path}
              onClick={() => void sessions.open({ videoPath: path, sessionPath: null })}
            >
              <Icon name="film" size={16} />
              <span className="recent-name">{nameOf(path)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
