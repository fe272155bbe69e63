import type { ReactElement } from 'react';
import { useStudioState } from '../../state/use-studio.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';

/** Whether this machine can do the work: one sentence when it can, the reasons and remedies when it cannot. */
export function ReadyCard(): ReactElement {
  const t = useTranslate();
  const doctor = useStudioState((state) => state.doctor);
  if (doctor === null) return <p className="ready-card field-help">{t('ready.checking')}</p>;
  const missing = doctor.lines.filter(({ state }) => state === 'missing');
  if (missing.length > 0) {
    return (
      <section className="ready-card warn">
        <h2>
          <Icon name="warning" size={18} />
          {t('ready.notReady')}
        </h2>
        <ul>
          {missing.map(({ group, name, text }) => (
            <li key={`${group}:${name}`}>{text}</li>
          ))}
        </ul>
      </section>
    );
  }
  const devices = doctor.lines
    .filter(({ group, state }) => group === 'device' && state === 'ok')
    .map(({ name }) => name);
  const packs = doctor.lines.filter(({ group, state }) => group === 'packs' && state === 'ok').map(({ name }) => name);
  return (
    <p className="ready-card">
      <Icon name="check" size={18} />
      <span>{t('ready.ready', { devices: devices.join(', ').toUpperCase(), packs: packs.join(', ') })}</span>
    </p>
  );
}
