import type { ReactElement } from 'react';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';

/** Another tab edits this session: it is followed here, and can be taken over once that one is gone. */
export function PresenceBanner(): ReactElement | null {
  const t = useTranslate();
  const { sessions } = useStudio();
  const presence = useStudioState((state) => state.presence);
  if (presence?.role !== 'viewer') return null;
  return (
    <div className="presence-banner" role="status">
      <Icon name="eye" size={18} />
      <span>{t(presence.free ? 'presence.free' : 'presence.viewer')}</span>
      {presence.free && <Button look="primary" label={t('presence.take')} onClick={() => void sessions.takeOver()} />}
    </div>
  );
}
