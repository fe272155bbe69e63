import type { ReactElement } from 'react';
import { isBusy, isViewer } from '../../state/edit-rules.ts';
import type { StudioState } from '../../state/studio-state.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import type { MessageKey } from '../../ui/i18n/messages.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';

/** Three steps of a first start; the next one appears when the one before is done. Dismissed once, gone for good. */
export function CoachMark(): ReactElement | null {
  const t = useTranslate();
  const { changeSettings } = useStudio();
  const step = useStudioState(coachStep);
  const isSample = useStudioState(({ about, session }) => session?.state.video.path === about?.samplePath);
  if (step === null) return null;
  const first = isSample ? 'coach.clickSample' : 'coach.click';
  const texts: Readonly<Record<number, MessageKey>> = { 1: first, 2: 'coach.track', 3: 'coach.scrub' };
  return (
    <aside className="coach" role="note">
      <span className="coach-step">{t('coach.step', { step })}</span>
      <p>{t(texts[step])}</p>
      <Button
        look="ghost"
        label={t(step === 3 ? 'coach.done' : 'coach.skip')}
        onClick={() => changeSettings({ coachDone: true })}
      />
    </aside>
  );
}

function coachStep(state: StudioState): 1 | 2 | 3 | null {
  const { settings, session } = state;
  if (settings.coachDone || session === null || isBusy(state) || isViewer(state)) return null;
  const { objects, runs } = session.state;
  if (objects.length === 0) return 1;
  return runs.some(({ state }) => state === 'done') ? 3 : 2;
}
