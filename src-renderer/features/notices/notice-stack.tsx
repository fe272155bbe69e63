import type { ReactElement } from 'react';
import type { Notice } from '../../state/studio-state.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { Remedies } from './remedies.tsx';

/** Messages at the lower right; read out by screen readers as they come. */
export function NoticeStack(): ReactElement {
  const t = useTranslate();
  const notices = useStudioState((state) => state.notices);
  return (
    <section className="notices" aria-live="polite" aria-label={t('notices.title')}>
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

const ICONS: Readonly<Record<Notice['tone'], IconName>> = {
  info: 'info',
  success: 'check',
  warning: 'warning',
  error: 'warning',
};

function NoticeCard({ notice }: { readonly notice: Notice }): ReactElement {
  const t = useTranslate();
  const { notices } = useStudio();
  const { id, tone, title, values, detail, error, path, action } = notice;
  const copied = path ?? (error === undefined ? undefined : JSON.stringify(error, null, 2));
  return (
    <article className={`notice notice-${tone}`} role={tone === 'error' ? 'alert' : undefined}>
      <Icon name={ICONS[tone]} size={18} />
      <div className="notice-text">
        <strong>{t(title, values)}</strong>
        {detail !== undefined && <p>{detail}</p>}
        {path !== undefined && <p className="path">{path}</p>}
        {action !== undefined && (
          <Button
            look="ghost"
            icon="undo"
            label={t(action.label)}
            onClick={() => {
              notices.dismiss(id);
              void action.run();
            }}
          />
        )}
        {error !== undefined && <Remedies error={error} onDone={() => notices.dismiss(id)} />}
        {copied !== undefined && (
          <Button
            look="ghost"
            icon="copy"
            label={t(path === undefined ? 'notice.copyDetails' : 'notice.copyPath')}
            onClick={() => void navigator.clipboard?.writeText(copied)}
          />
        )}
      </div>
      <IconButton icon="close" size={16} label={t('common.close')} onClick={() => notices.dismiss(id)} />
    </article>
  );
}
