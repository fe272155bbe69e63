import type { ReactElement } from 'react';
import { sessionName } from '../../state/library.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';

const MILLIS_A_DAY = 86_400_000;

/** After a crash: what is there of the run that it cut off, and the way to go on. */
export function RecoveredCard(): ReactElement | null {
  const t = useTranslate();
  const { sessions, tracking } = useStudio();
  const cut = useStudioState((state) =>
    state.sessions?.find(
      ({ lastRun, state: file, changedAtMillis, videoMissing }) =>
        lastRun?.state === 'interrupted' &&
        file !== 'unreadable' &&
        !videoMissing &&
        Date.now() - changedAtMillis < MILLIS_A_DAY,
    ),
  );
  if (cut?.lastRun == null) return null;
  const { sessionPath, trackedFrameCount, promptCount, lastRun } = cut;
  const resume = async () => {
    await sessions.open({ videoPath: null, sessionPath });
    await tracking.resumeOpened(sessionPath);
  };
  return (
    <section className="recovered" aria-label={t('recovered.title')}>
      <Icon name="check" size={20} />
      <div>
        <strong>{t('recovered.title')}</strong>
        <p>
          {t('recovered.text', {
            name: sessionName(sessionPath),
            done: Math.min(trackedFrameCount, lastRun.frameCount),
            total: lastRun.frameCount,
            prompts: promptCount,
          })}
        </p>
      </div>
      <Button look="primary" label={t('command.resumeTrack')} onClick={() => void resume()} />
    </section>
  );
}
