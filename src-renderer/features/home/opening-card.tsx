import type { ReactElement } from 'react';
import type { Opening } from '../../state/studio-state.ts';
import { useStudio } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import { secsText } from '../../ui/duration.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';

/** The clip's first picture, and how far its frame table is read: frames can be asked for once each has its number. */
export function OpeningCard({ opening }: { readonly opening: Opening }): ReactElement {
  const t = useTranslate();
  const { sessions } = useStudio();
  const { name, framesDone, framesExpected, picture } = opening;
  const share = framesExpected === null || framesExpected === 0 ? null : Math.min(1, framesDone / framesExpected);
  const secsLeft = share === null ? null : secsUntil(share, (Date.now() - opening.startedAtMillis) / 1000);
  return (
    <div className="drop-zone opening" role="status">
      {picture !== null && <img src={picture} alt={t('home.firstPicture', { name })} data-testid="first-picture" />}
      <p>
        <strong>{t('home.opening', { name })}</strong>
      </p>
      <progress value={share ?? undefined} max={1} aria-label={t('home.opening', { name })} />
      <p className="field-help">
        {share === null ? t('home.indexing', { frames: framesDone }) : t('home.indexingShare', { share })}
        {secsLeft !== null && ` ${t('home.indexingLeft', { time: secsText(secsLeft) })}`}
      </p>
      <Button look="ghost" icon="close" label={t('common.cancel')} onClick={() => sessions.cancelOpening()} />
    </div>
  );
}

/** null: too early to tell, or nearly there. */
function secsUntil(share: number, secsSoFar: number): number | null {
  const left = (secsSoFar * (1 - share)) / share;
  return secsSoFar < 3 || left < 3 ? null : Math.round(left);
}
