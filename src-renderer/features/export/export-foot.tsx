import { type ReactElement, useEffect } from 'react';
import type { SessionState } from '../../../src-shared/contract/results.ts';
import { folderOf } from '../../state/path-names.ts';
import { useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { isMac } from '../../ui/key-label.ts';
import { Tooltip } from '../../ui/tooltip.tsx';

/** Where it goes, how much it is, and the button that starts it; Ctrl+Enter does too. */
export function ExportFoot({
  session,
  frames,
  objects,
  name,
  ready = true,
  onStart,
}: {
  readonly session: SessionState;
  readonly frames: number;
  readonly objects: number;
  readonly name: { readonly label: string; readonly value: string; readonly onChange: (name: string) => void };
  readonly ready?: boolean;
  readonly onStart: () => void;
}): ReactElement {
  const t = useTranslate();
  const busy = useStudioState(({ job, writing }) => job !== null || writing !== null);
  const can = ready && !busy && name.value.trim() !== '' && !/[\\/]/.test(name.value);
  useEffect(() => {
    const start = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || !can) return;
      event.preventDefault();
      onStart();
    };
    document.addEventListener('keydown', start);
    return () => document.removeEventListener('keydown', start);
  });
  return (
    <footer className="export-foot">
      <label className="export-name">
        <span className="field-label">{name.label}</span>
        <span className="field">
          <input value={name.value} spellCheck={false} onChange={(event) => name.onChange(event.target.value)} />
        </span>
        <span className="field-help export-folder">
          {t('export.inFolder', { folder: folderOf(session.sessionPath) })}
        </span>
      </label>
      <span className="export-sum">
        <span>{t('export.summary', { frames, objects })}</span>
        {session.trackedFrameCount < session.video.frameCount && (
          <span className="export-partly">
            {t('export.partly', { done: session.trackedFrameCount, total: session.video.frameCount })}
          </span>
        )}
      </span>
      <Tooltip text={t('export.start')} keys={isMac ? '⌘↵' : 'Ctrl+Enter'}>
        <Button look="primary" icon="export" label={t('export.start')} disabled={!can} onClick={onStart} />
      </Tooltip>
    </footer>
  );
}
