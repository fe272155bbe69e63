import type { ReactElement } from 'react';
import { useCommand } from '../../commands/use-command.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';

/** The tools that say who is who, for the selected object. */
export function IdentityTools(): ReactElement {
  const t = useTranslate();
  return (
    <section className="panel-section identity-tools">
      <header className="panel-head">
        <h2>{t('identity.title')}</h2>
      </header>
      <div className="identity-grid">
        <Tool id="identity-split" icon="split" label={t('identity.short.split')} />
        <Tool id="identity-swap" icon="swap" label={t('identity.short.swap')} />
        <Tool id="identity-join" icon="join" label={t('identity.short.join')} />
        <Tool id="identity-reassign" icon="hand-over" label={t('identity.short.reassign')} />
        <Tool id="identity-absent" icon="eye-off" label={t('identity.short.absent')} />
      </div>
    </section>
  );
}

function Tool({
  id,
  icon,
  label,
}: {
  readonly id: string;
  readonly icon: IconName;
  readonly label: string;
}): ReactElement {
  const command = useCommand(id);
  return (
    <Tooltip text={command.label} keys={command.keys}>
      <button type="button" className="identity-tool" disabled={command.disabled} onClick={command.onClick}>
        <Icon name={icon} size={17} />
        <span>{label}</span>
      </button>
    </Tooltip>
  );
}
