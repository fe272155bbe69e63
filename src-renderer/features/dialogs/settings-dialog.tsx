import type { ReactElement } from 'react';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import { Choice, Slider } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { DesktopAbout } from './desktop-about.tsx';

export function SettingsDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const t = useTranslate();
  const { changeSettings } = useStudio();
  const settings = useStudioState((state) => state.settings);
  return (
    <Dialog title={t('settings.title')} onClose={onClose}>
      <div className="settings-grid">
        <Choice
          label={t('settings.language')}
          value={settings.language}
          onChange={(language) => changeSettings({ language })}
          options={[
            { value: 'en', label: 'English' },
            { value: 'zh-CN', label: '简体中文' },
          ]}
        />
        <Choice
          label={t('settings.theme')}
          value={settings.theme}
          onChange={(theme) => changeSettings({ theme })}
          options={[
            { value: 'dark', label: t('settings.dark') },
            { value: 'light', label: t('settings.light') },
            { value: 'system', label: t('settings.system') },
          ]}
        />
        <Slider
          label={t('settings.scale')}
          min={80}
          max={200}
          step={10}
          value={settings.scale}
          text={`${settings.scale} %`}
          onChange={(scale) => changeSettings({ scale })}
        />
        <Choice
          label={t('settings.preset')}
          value={settings.preset}
          onChange={(preset) => changeSettings({ preset })}
          options={[
            { value: 'editor', label: t('settings.editor') },
            { value: 'annotator', label: t('settings.annotator') },
          ]}
        />
        <Choice
          label={t('settings.firstFrame')}
          value={String(settings.firstFrameNumber)}
          onChange={(value) => changeSettings({ firstFrameNumber: value === '1' ? 1 : 0 })}
          options={[
            { value: '0', label: '0' },
            { value: '1', label: '1' },
          ]}
        />
        <DeviceChoice />
      </div>
      <MachineReport />
      <DesktopAbout />
      <Button look="ghost" label={t('settings.coach')} onClick={() => changeSettings({ coachDone: false })} />
    </Dialog>
  );
}

function DeviceChoice(): ReactElement {
  const t = useTranslate();
  const { changeSettings, sessions, store } = useStudio();
  const device = useStudioState((state) => state.settings.device);
  const doctor = useStudioState((state) => state.doctor);
  const known = (doctor?.lines ?? []).filter(({ group, state }) => group === 'device' && state === 'ok');
  const names = new Set(['cpu', ...known.map(({ name }) => name), 'auto', device]);
  return (
    <Choice
      label={t('settings.device')}
      value={device}
      onChange={(next) => {
        changeSettings({ device: next });
        if (store.value.session !== null) void sessions.warmUp();
      }}
      options={[...names].map((value) => ({
        value,
        label: value === 'auto' ? t('settings.auto') : value.toUpperCase(),
      }))}
    />
  );
}

/** What `masklet doctor` says, for a person who has to tell somebody. */
function MachineReport(): ReactElement | null {
  const t = useTranslate();
  const doctor = useStudioState((state) => state.doctor);
  if (doctor === null) return null;
  return (
    <details className="machine">
      <summary>{t('settings.machine')}</summary>
      <dl className="facts wide">
        {doctor.lines.map(({ group, name, state, text }) => (
          <div key={`${group}:${name}`} className={`fact-row fact-${state}`}>
            <dt>
              {group} · {name}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
