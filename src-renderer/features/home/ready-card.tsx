import type { ReactElement } from 'react';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import { deviceName } from '../../ui/device-name.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';

/** Whether this machine can do the work: one sentence with what was measured, or the reasons and the way out. */
export function ReadyCard(): ReactElement {
  const t = useTranslate();
  const doctor = useStudioState((state) => state.doctor);
  const test = useStudioState((state) => state.selfTest);
  const missing = doctor?.lines.filter(({ state }) => state === 'missing') ?? [];
  if (missing.length > 0 || test?.kind === 'failed') {
    return (
      <NotReady reasons={[...missing.map(({ text }) => text), ...(test?.kind === 'failed' ? [test.reason] : [])]} />
    );
  }
  if (test?.kind !== 'passed') {
    return (
      <p className="ready-card" role="status">
        <span className="spinner" />
        {t('ready.checking')}
      </p>
    );
  }
  const { provider, packId, millisPerFrame } = test;
  return (
    <p className="ready-card" role="status">
      <Icon name="check" size={18} />
      <span>
        <strong>{t('ready.ready', { device: deviceName(provider, t) })}</strong>
        {t('ready.measured', { pack: packId, millis: Math.max(1, Math.round(millisPerFrame)) })}
      </span>
    </p>
  );
}

function NotReady({ reasons }: { readonly reasons: readonly string[] }): ReactElement {
  const t = useTranslate();
  const { changeSettings, machine, store } = useStudio();
  const device = useStudioState((state) => state.settings.device);
  return (
    <section className="ready-card warn" aria-label={t('ready.notReady')}>
      <h2>
        <Icon name="warning" size={18} />
        {t('ready.notReady')}
      </h2>
      <ul>
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <div className="ready-actions">
        {device !== 'cpu' && (
          <Button
            label={t('ready.useCpu')}
            onClick={() => {
              changeSettings({ device: 'cpu' });
              void machine.test();
            }}
          />
        )}
        <Button label={t('command.settings')} onClick={() => store.patch({ dialog: 'settings' })} />
      </div>
    </section>
  );
}
