import { type ReactElement, useEffect, useMemo } from 'react';
import { listenToKeys } from '../../commands/keyboard.ts';
import type { Studio } from '../../state/studio.ts';
import { StudioContext, useStudio, useStudioState } from '../../state/use-studio.ts';
import { createTranslate } from '../../ui/i18n/messages.ts';
import { TranslateContext, useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';
import { Dialogs } from '../dialogs/dialogs.tsx';
import { HomeScreen } from '../home/home-screen.tsx';
import { OpeningCard } from '../home/opening-card.tsx';
import { NoticeStack } from '../notices/notice-stack.tsx';
import { StudioScreen } from '../studio/studio-screen.tsx';

export function App({ studio }: { readonly studio: Studio }): ReactElement {
  return (
    <StudioContext value={studio}>
      <Page />
    </StudioContext>
  );
}

function Page(): ReactElement {
  const studio = useStudio();
  const language = useStudioState((state) => state.settings.language);
  const translate = useMemo(() => createTranslate(language), [language]);
  const hasSession = useStudioState((state) => state.session !== null);
  useAppearance();
  useEffect(() => listenToKeys(studio, document), [studio]);
  useDroppedFiles(studio);
  return (
    <TranslateContext value={translate}>
      <ConnectionBanner />
      {hasSession ? <StudioScreen /> : <HomeScreen />}
      <OpeningOverStudio />
      <Dialogs />
      <NoticeStack />
    </TranslateContext>
  );
}

/** What is opened while a session is on the desk; that one can be worked on meanwhile. */
export function OpeningOverStudio(): ReactElement | null {
  const t = useTranslate();
  const opening = useStudioState((state) => (state.session === null ? null : state.opening));
  if (opening === null || opening.again) return null;
  return (
    <aside className="opening-over" aria-label={t('home.opening', { name: opening.name })}>
      <OpeningCard opening={opening} />
    </aside>
  );
}

/** Files dropped anywhere are opened: left to itself a browser would go to them, and away from the page. */
function useDroppedFiles({ sessions }: Studio): void {
  useEffect(() => {
    const listeners = new AbortController();
    const take = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      if (event.type === 'drop') void sessions.openFiles([...event.dataTransfer.files]);
    };
    for (const type of ['dragover', 'drop'] as const)
      document.addEventListener(type, take, { signal: listeners.signal });
    return () => listeners.abort();
  }, [sessions]);
}

/** Theme, language and size as attributes of the document, which the style sheet reads. */
function useAppearance(): void {
  const { theme, language, scale } = useStudioState((state) => state.settings);
  useEffect(() => {
    const light = matchMedia('(prefers-color-scheme: light)');
    const apply = () => {
      const { documentElement } = document;
      documentElement.dataset.theme = theme === 'system' ? (light.matches ? 'light' : 'dark') : theme;
      documentElement.lang = language;
      documentElement.style.setProperty('zoom', String(scale / 100));
    };
    apply();
    light.addEventListener('change', apply);
    return () => light.removeEventListener('change', apply);
  }, [theme, language, scale]);
}

/** The line to the engine is down: what that means, and that it is being mended. */
function ConnectionBanner(): ReactElement | null {
  const t = useTranslate();
  const lost = useStudioState((state) => state.connection === 'lost');
  const reason = useStudioState((state) => state.lostReason);
  if (!lost) return null;
  return (
    <div className="connection-banner" role="alert">
      <Icon name="warning" size={18} />
      {t('connection.lost')}
      {reason !== null && <span>{t('connection.reason', { reason })}</span>}
    </div>
  );
}
