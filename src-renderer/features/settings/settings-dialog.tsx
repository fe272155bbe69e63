import type { ReactElement, ReactNode } from 'react';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import { Choice, Slider } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { DesktopAbout } from '../dialogs/desktop-about.tsx';
import { FolderList, MachineReport } from './machine-report.tsx';
import { ModelSettings } from './model-settings.tsx';

/** What a person can choose; every choice holds at once and is kept. */
export function SettingsDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const t = useTranslate();
  return (
    <Dialog title={t('settings.title')} width={720} onClose={onClose}>
      <Section title={t('settings.look')}>
        <Appearance />
      </Section>
      <Section title={t('settings.model')}>
        <ModelSettings />
      </Section>
      <Section title={t('settings.work')}>
        <Work />
      </Section>
      <Section title={t('settings.folders')}>
        <FolderList />
      </Section>
      <MachineReport />
      <DesktopAbout />
    </Dialog>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement {
  return (
    <section className="settings-section">
      <h3>{title}</h3>
      <div className="settings-grid">{children}</div>
    </section>
  );
}

function Appearance(): ReactElement {
  const t = useTranslate();
  const { changeSettings } = useStudio();
  const settings = useStudioState((state) => state.settings);
  return (
    <>
      <Choice
        label={t('settings.language')}
        value={settings.language}
        onChange={(language) => changeSettings({ language })}
        options={[
          { value: 'en', label: t('language.en') },
          { value: 'zh-CN', label: t('language.zhCn') },
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
        text={t('settings.percent', { percent: settings.scale })}
        onChange={(scale) => changeSettings({ scale })}
      />
      <label className="settings-field">
        <span className="field-label">{t('settings.reviewer')}</span>
        <span className="field">
          <input
            value={settings.reviewer}
            maxLength={100}
            autoComplete="name"
            onChange={(event) => changeSettings({ reviewer: event.target.value })}
          />
        </span>
      </label>
      <Choice
        label={t('settings.firstFrame')}
        value={String(settings.firstFrameNumber)}
        onChange={(value) => changeSettings({ firstFrameNumber: value === '1' ? 1 : 0 })}
        options={[
          { value: '0', label: '0' },
          { value: '1', label: '1' },
        ]}
      />
    </>
  );
}

function Work(): ReactElement {
  const t = useTranslate();
  const { changeSettings, store } = useStudio();
  const settings = useStudioState((state) => state.settings);
  return (
    <>
      <Choice
        label={t('settings.preset')}
        value={settings.preset}
        onChange={(preset) => changeSettings({ preset })}
        options={[
          { value: 'editor', label: t('settings.editor') },
          { value: 'annotator', label: t('settings.annotator') },
        ]}
      />
      <div className="settings-buttons">
        <Button icon="keyboard" label={t('settings.changeKeys')} onClick={() => store.patch({ dialog: 'shortcuts' })} />
        <Button
          look="ghost"
          label={t('settings.coach')}
          disabled={!settings.coachDone}
          onClick={() => changeSettings({ coachDone: false })}
        />
      </div>
    </>
  );
}
