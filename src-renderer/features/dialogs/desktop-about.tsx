import { type ReactElement, useEffect, useState } from 'react';
import type { DesktopAbout as About } from '../../../src-shared/contract/desktop-bridge.ts';
import { useStudio } from '../../state/use-studio.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';

/** What runs in this window, and whether it may use the network; nothing in a browser. */
export function DesktopAbout(): ReactElement | null {
  const t = useTranslate();
  const { host } = useStudio();
  const [about, setAbout] = useState<About | null>(null);
  useEffect(() => {
    host.about().then(
      (now) => setAbout(now.kind === 'desktop' ? now : null),
      () => {},
    );
  }, [host]);
  if (about === null) return null;
  const { app, electron, chrome, node } = about.versions;
  return (
    <section className="settings-section" aria-label={t('about.title')}>
      <h3>{t('about.title')}</h3>
      <p>{t('about.versions', { app, electron, chrome, node })}</p>
      <p role="status">{t(about.offline ? 'about.offline' : 'about.network', { count: about.blockedRequests })}</p>
    </section>
  );
}
