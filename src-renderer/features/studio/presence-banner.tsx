import type { ReactElement } from 'react';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';

/** Why this session can only be looked at: another tab edits it, or its video is another one by now; and the way out. */
export function PresenceBanner(): ReactElement | null {
  const t = useTranslate();
  const { sessions } = useStudio();
  const presence = useStudioState((state) => state.presence);
  if (presence?.role !== 'viewer') return null;
  if (presence.mediaChanged) return <ChangedBanner />;
  return (
    <div className="presence-banner" role="status">
      <Icon name="eye" size={18} />
      <span>{t(presence.free ? 'presence.free' : 'presence.viewer')}</span>
      {presence.free && <Button look="primary" label={t('presence.take')} onClick={() => void sessions.takeOver()} />}
    </div>
  );
}

function ChangedBanner(): ReactElement {
  const t = useTranslate();
  return (
    <div className="presence-banner" role="status">
      <Icon name="warning" size={18} />
      <span>{t('presence.changed')}</span>
      <Button {...useLocate()} />
    </div>
  );
}

/** Leads to the sheet that looks for the video of the session on the desk. */
function useLocate() {
  const t = useTranslate();
  const { store, sessions } = useStudio();
  const onClick = async () => {
    const path = store.value.session?.state.sessionPath;
    await sessions.close();
    const listing = store.value.sessions?.find(({ sessionPath }) => sessionPath === path) ?? null;
    store.patch({ locating: listing, dialog: listing === null ? null : 'locate' });
  };
  return { label: t('sessions.locate'), onClick: () => void onClick() };
}
