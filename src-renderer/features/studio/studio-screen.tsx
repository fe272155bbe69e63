import { type CSSProperties, type ReactElement, useEffect, useState } from 'react';
import { withPanel } from '../../state/panels.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { pageZoom } from '../../ui/page-zoom.ts';
import { Splitter } from '../../ui/splitter.tsx';
import { ConceptsPanel } from '../concepts/concepts-panel.tsx';
import { Inspector } from '../inspector/inspector.tsx';
import { ObjectsPanel } from '../objects/objects-panel.tsx';
import { TimelinePanel } from '../timeline-panel/timeline-panel.tsx';
import { Transport } from '../transport/transport.tsx';
import { ViewerPanel } from '../viewer/viewer-panel.tsx';
import { PresenceBanner } from './presence-banner.tsx';
import { StatusBar } from './status-bar.tsx';
import { TopBar } from './top-bar.tsx';

const LEAST = 120;
const USUAL = 232;
const MOST_SHARE = 0.6;
const USUAL_SHARE = 0.4;

/** Height of the window in lengths of the enlarged page. */
const pageHeight = () => Math.round(innerHeight / pageZoom());

/** The desk with one session on it. */
export function StudioScreen(): ReactElement {
  const t = useTranslate();
  const [height, setHeight] = useState(() => Math.min(USUAL, Math.round(USUAL_SHARE * pageHeight())));
  const panels = useStudioState((state) => state.panels);
  useAskedDetails();
  return (
    <div
      className="studio"
      data-panels={panels.join(' ')}
      data-top={panels.at(-1) ?? 'none'}
      style={{ '--timeline-height': `${height}px` } as CSSProperties}
    >
      <TopBar />
      <PresenceBanner />
      <nav className="left-rail" data-panel="rail" aria-label={t('studio.rail')}>
        <ObjectsPanel />
        <ConceptsPanel />
      </nav>
      <main className="centre">
        <ViewerPanel />
      </main>
      <Inspector />
      <section className="bottom" aria-label={t('timeline.title')}>
        <Splitter
          label={t('studio.splitter')}
          value={height}
          min={LEAST}
          max={Math.round(pageHeight() * MOST_SHARE)}
          onChange={setHeight}
        />
        <Transport />
        <TimelinePanel />
      </section>
      <StatusBar />
    </div>
  );
}

/** Who visits a stop or begins to change who is who wants to read about it. */
function useAskedDetails(): void {
  const { store } = useStudio();
  const asked = useStudioState(({ inspectorTab, identity }) => inspectorTab === 'review' || identity !== null);
  useEffect(() => {
    if (asked) store.patch({ panels: withPanel(store.value.panels, 'details') });
  }, [asked, store]);
}
