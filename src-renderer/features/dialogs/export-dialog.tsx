import { type ReactElement, useState } from 'react';
import type { DatasetFormatName } from '../../../src-shared/contract/dataset-schemas.ts';
import type { ExportWish } from '../../state/exporting.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { DATASET_NAMES } from './dataset-formats.ts';

type What = 'video' | 'dataset';
const FORMATS = Object.keys(DATASET_NAMES) as DatasetFormatName[];
type Style = 'overlay' | 'outline' | 'box';

/** What to take away. Files go beside the session; nothing is overwritten unless asked. */
export function ExportDialog({ onClose }: { readonly onClose: () => void }): ReactElement | null {
  const t = useTranslate();
  const { exporting } = useStudio();
  const session = useStudioState((state) => state.session);
  const marks = useStudioState((state) => state.marks);
  const [what, setWhat] = useState<What>('video');
  const [format, setFormat] = useState<DatasetFormatName>('davis');
  const [style, setStyle] = useState<Style>('overlay');
  const [onlyMarks, setOnlyMarks] = useState(true);
  const [overwrite, setOverwrite] = useState(false);
  if (session === null) return null;
  const { state } = session;
  const marked = marks.first !== null || marks.last !== null;
  const range = marked && onlyMarks ? marks : { first: null, last: null };
  const frames = (range.last ?? state.video.frameCount - 1) - (range.first ?? 0) + 1;
  const folder = `${state.sessionPath.replace(/\.masklet$/, '')}_${format}`;
  const wish: ExportWish =
    what === 'video'
      ? { kind: 'video', style, range, overwrite }
      : { kind: 'dataset', format, folder, range, overwrite };
  return (
    <Dialog
      title={t('export.title')}
      onClose={onClose}
      footer={
        <>
          <span className="field-help">{t('export.summary', { frames, objects: state.objects.length })}</span>
          <span className="bar-stretch" />
          <Button label={t('common.cancel')} onClick={onClose} />
          <Button look="primary" icon="export" label={t('export.start')} onClick={() => void exporting.start(wish)} />
        </>
      }
    >
      <Choice
        label={t('export.what')}
        value={what}
        onChange={setWhat}
        options={[
          { value: 'video', label: t('export.video') },
          { value: 'dataset', label: t('export.dataset') },
        ]}
      />
      <p className="field-help">{t(`export.${what}Help`)}</p>
      {what === 'dataset' && (
        <Choice
          label={t('export.format')}
          value={format}
          onChange={setFormat}
          options={FORMATS.map((value) => ({ value, label: DATASET_NAMES[value] }))}
        />
      )}
      {what === 'video' && (
        <Choice
          label={t('export.style')}
          value={style}
          onChange={setStyle}
          options={[
            { value: 'overlay', label: t('export.styleOverlay') },
            { value: 'outline', label: t('export.styleOutline') },
            { value: 'box', label: t('export.styleBox') },
          ]}
        />
      )}
      {marked && (
        <label className="check">
          <input type="checkbox" checked={onlyMarks} onChange={(event) => setOnlyMarks(event.target.checked)} />
          <span>{t('export.onlyMarks')}</span>
        </label>
      )}
      <label className="check">
        <input type="checkbox" checked={overwrite} onChange={(event) => setOverwrite(event.target.checked)} />
        <span>{t('export.overwrite')}</span>
      </label>
      {state.trackedFrameCount < frames && (
        <p className="inline-note">{t('export.partly', { done: state.trackedFrameCount, total: frames })}</p>
      )}
    </Dialog>
  );
}
