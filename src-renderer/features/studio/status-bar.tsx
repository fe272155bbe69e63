import type { ReactElement } from 'react';
import { useStudioState } from '../../state/use-studio.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';

export function StatusBar(): ReactElement {
  const t = useTranslate();
  const session = useStudioState((state) => state.session);
  const millis = useStudioState((state) => state.lastAnswerMillis);
  const video = session?.state.video;
  return (
    <footer className="status-bar">
      {video !== undefined && (
        <span>
          {video.width} × {video.height} · {t('status.fps', { fps: video.averageFps.toFixed(2) })}
        </span>
      )}
      {session !== null && (
        <span>
          {t('status.tracked', { done: session.state.trackedFrameCount, total: session.state.video.frameCount })}
        </span>
      )}
      {millis !== null && <span>{t('status.answer', { millis: Math.round(millis) })}</span>}
      <span className="bar-stretch" />
      <span className="offline">{t('status.local')}</span>
    </footer>
  );
}
