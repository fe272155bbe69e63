import type { ReactElement } from 'react';
import type { PackListing } from '../../../src-shared/contract/report-results.ts';
import type { Settings } from '../../state/studio-state.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Choice } from '../../ui/choice.tsx';
import { deviceName } from '../../ui/device-name.ts';
import type { MessageKey } from '../../ui/i18n/messages.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';

/** The device and the pack, each with what it can do or why it cannot be used. */
export function ModelSettings(): ReactElement {
  const choose = useChoose();
  return (
    <>
      <DeviceChoice choose={choose} />
      <SelfTest />
      <PackList choose={choose} />
    </>
  );
}

type Choose = (change: Partial<Pick<Settings, 'device' | 'packId'>>) => void;

/** A choice is tried at once, so that a refusal is read where it was made. */
function useChoose(): Choose {
  const { changeSettings, machine, sessions, store } = useStudio();
  return (change) => {
    changeSettings(change);
    void machine.test();
    if (store.value.session !== null) void sessions.warmUp();
  };
}

function DeviceChoice({ choose }: { readonly choose: Choose }): ReactElement {
  const t = useTranslate();
  const device = useStudioState((state) => state.settings.device);
  const doctor = useStudioState((state) => state.doctor);
  const lines = (doctor?.lines ?? []).filter(({ group }) => group === 'device');
  const works = lines.filter(({ state }) => state === 'ok').map(({ name }) => name);
  const names = new Set(['cpu', ...works, 'auto', device]);
  return (
    <div>
      <Choice
        label={t('settings.device')}
        value={device}
        onChange={(next) => choose({ device: next })}
        options={[...names].map((value) => ({
          value,
          label: value === 'auto' ? t('settings.auto') : value.toUpperCase(),
        }))}
      />
      {lines
        .filter(({ state }) => state !== 'ok')
        .map(({ name, text, reason }) => (
          <p key={name} className="refusal">
            <strong>{name.toUpperCase()}</strong>{' '}
            {reason === undefined ? text : t('settings.deviceRefused', { reason })}
          </p>
        ))}
    </div>
  );
}

function SelfTest(): ReactElement {
  const t = useTranslate();
  const test = useStudioState((state) => state.selfTest);
  return (
    <div role="status">
      <span className="field-label">{t('settings.selfTest')}</span>
      {test?.kind === 'passed' && (
        <>
          <p className="self-test">
            <Icon name="check" size={16} />
            {t('settings.selfTestPassed', {
              provider: deviceName(test.provider, t),
              millis: Math.max(1, Math.round(test.millisPerFrame)),
            })}
          </p>
          {test.notes.map(({ code, values, text }) => (
            <p key={text} className="refusal">
              {t(`note.${code}`, values)}
            </p>
          ))}
        </>
      )}
      {test?.kind === 'failed' && <p className="refusal">{test.reason}</p>}
      {test?.kind !== 'passed' && test?.kind !== 'failed' && <p className="field-help">{t('ready.checking')}</p>}
    </div>
  );
}

const FINDS = {
  nothing: 'packs.findsNothing',
  words: 'packs.findsWords',
  phrases: 'packs.findsPhrases',
} as const satisfies Record<PackListing['finds'], MessageKey>;

const BUILT_IN = 'pebble';

function PackList({ choose }: { readonly choose: Choose }): ReactElement {
  const t = useTranslate();
  const packs = useStudioState((state) => state.packs);
  const chosen = useStudioState((state) => state.settings.packId ?? BUILT_IN);
  return (
    <fieldset className="pack-list">
      <legend className="field-label">{t('settings.pack')}</legend>
      {packs.map((pack) => (
        <label key={pack.folder} className={`pack-row ${pack.id === chosen ? 'chosen' : ''}`}>
          <input
            type="radio"
            name="pack"
            checked={pack.id === chosen}
            disabled={pack.problem !== null}
            onChange={() => choose({ packId: pack.id === BUILT_IN ? null : pack.id })}
          />
          <span className="pack-facts">
            <strong>{pack.id}</strong>
            {pack.problem === null ? (
              <span className="field-help">
                {t(pack.tracks ? 'packs.tracks' : 'packs.stills')} · {t(FINDS[pack.finds])} ·{' '}
                {t('packs.size', { size: pack.imageSize })}
              </span>
            ) : (
              <span className="refusal">{pack.problem}</span>
            )}
            {pack.words.length > 0 && (
              <span className="field-help">{t('packs.words', { words: pack.words.join(', ') })}</span>
            )}
          </span>
        </label>
      ))}
      <p className="field-help">{t('packs.more')}</p>
    </fieldset>
  );
}
