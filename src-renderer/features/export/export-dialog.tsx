import { type ReactElement, useEffect, useState } from 'react';
import type { OutputCodecName } from '../../../src-shared/contract/render-look.ts';
import type { DatasetFormatFacts } from '../../../src-shared/contract/results.ts';
import { exportsShown } from '../../state/exporting.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { DatasetSheet } from './dataset-sheet.tsx';
import { RunSheet } from './run-sheet.tsx';
import { VideoSheet } from './video-sheet.tsx';

type ExportKind = 'video' | 'dataset';

/** What to take away: a video in one of the styles, or datasets; then how far it is, and what came of it. */
export function ExportDialog({ onClose }: { readonly onClose: () => void }): ReactElement | null {
  const t = useTranslate();
  const { exporting, notices } = useStudio();
  const session = useStudioState((state) => state.session);
  const outputs = useStudioState(exportsShown);
  const [kind, setKind] = useState<ExportKind>('video');
  const [codecs, setCodecs] = useState<readonly OutputCodecName[]>(['h264']);
  const [formats, setFormats] = useState<readonly DatasetFormatFacts[]>([]);
  useEffect(() => {
    void notices.guard(async () => setCodecs(await exporting.codecs()));
    void notices.guard(async () => setFormats(await exporting.formats()));
  }, [exporting, notices]);
  if (session === null) return null;
  return (
    <Dialog title={t(outputs.length > 0 ? 'export.runTitle' : 'export.title')} width={1160} onClose={onClose}>
      {outputs.length > 0 ? (
        <RunSheet outputs={outputs} onClose={onClose} />
      ) : (
        <>
          <ExportTabs kind={kind} onChange={setKind} />
          {kind === 'video' ? (
            <VideoSheet session={session.state} codecs={codecs} />
          ) : (
            <DatasetSheet session={session.state} formats={formats} />
          )}
        </>
      )}
    </Dialog>
  );
}

const KINDS: readonly ExportKind[] = ['video', 'dataset'];

function ExportTabs({
  kind,
  onChange,
}: {
  readonly kind: ExportKind;
  readonly onChange: (kind: ExportKind) => void;
}): ReactElement {
  const t = useTranslate();
  return (
    <fieldset className="export-tabs">
      <legend className="only-read">{t('export.what')}</legend>
      {KINDS.map((each) => (
        <label key={each} className={`export-tab ${each === kind ? 'chosen' : ''}`}>
          <input
            type="radio"
            name="export-kind"
            className="only-read"
            checked={each === kind}
            onChange={() => onChange(each)}
          />
          <strong>{t(`export.${each}`)}</strong>
        </label>
      ))}
      <span className="field-help">{t(`export.${kind}Help`)}</span>
    </fieldset>
  );
}
