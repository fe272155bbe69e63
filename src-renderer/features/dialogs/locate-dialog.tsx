import { type ReactElement, useState } from 'react';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { sessionName } from '../../state/library.ts';
import { nameOf } from '../../state/name-of.ts';
import { sentenceOf } from '../../state/notices.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { FileBrowser } from './file-browser.tsx';

/** Where the video of a session is now. A file is taken only when its content is the one that the session was made from. */
export function LocateDialog({ onClose }: { readonly onClose: () => void }): ReactElement | null {
  const t = useTranslate();
  const { sessions } = useStudio();
  const language = useStudioState(({ settings }) => settings.language);
  const listing = useStudioState((state) => state.locating);
  const [path, setPath] = useState<string | null>(null);
  const [checking, setChecking] = useState<string | null>(null);
  const [problem, setProblem] = useState<StudioError | null>(null);
  if (listing === null) return null;
  const { sessionPath, videoPath } = listing;
  const take = async (path: string) => {
    setChecking(nameOf(path));
    setProblem(null);
    try {
      await sessions.relink(sessionPath, path);
      onClose();
    } catch (error) {
      setProblem(StudioError.from(error));
    } finally {
      setChecking(null);
    }
  };
  return (
    <Dialog
      title={t('locate.title', { name: sessionName(sessionPath) })}
      width={680}
      onClose={onClose}
      footer={
        <>
          <p className="field-help" role="status">
            {checking === null ? t('locate.help') : t('locate.checking', { name: checking })}
          </p>
          <span className="bar-stretch" />
          <Button
            label={t('open.imageFolder')}
            disabled={path === null || checking !== null}
            onClick={() => path !== null && void take(path)}
          />
        </>
      }
    >
      <p>
        {t('locate.was')} <span className="path">{videoPath}</span>
      </p>
      {problem !== null && (
        <p className="inline-error" role="alert">
          {sentenceOf(problem, language)}
        </p>
      )}
      <FileBrowser
        start={sessionPath.replace(/[\\/][^\\/]*$/, '')}
        takes={VIDEOS}
        onPath={setPath}
        onTake={({ path }) => void take(path)}
      />
    </Dialog>
  );
}

const VIDEOS = new Set(['video'] as const);
