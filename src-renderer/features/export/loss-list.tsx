import { type ReactElement, useEffect, useState } from 'react';
import type { EngineNote } from '../../../src-shared/domain/engine-note.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { sentenceOf } from '../../state/notices.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';
import type { DatasetWish } from './dataset-form.ts';
import { DATASET_NAMES } from './dataset-names.ts';

const SETTLE_MILLIS = 500;

interface Finding {
  readonly format: DatasetWish['format'];
  readonly losses: readonly EngineNote[];
  /** Why it would be refused as things stand. */
  readonly problem: StudioError | null;
}

/** What each chosen layout cannot hold, asked of the engine before anything is written. */
export function LossList({ wishes }: { readonly wishes: readonly DatasetWish[] }): ReactElement {
  const t = useTranslate();
  const { exporting } = useStudio();
  const [found, setFound] = useState<readonly Finding[]>([]);
  const [looking, setLooking] = useState(true);
  // The wishes are made anew with every drawing of the sheet; their content is what counts.
  const asked = JSON.stringify(wishes);
  useEffect(() => {
    const stop = new AbortController();
    const look = async () => {
      const findings: Finding[] = [];
      for (const wish of JSON.parse(asked) as DatasetWish[]) {
        try {
          findings.push({ format: wish.format, losses: await exporting.losses(wish, stop.signal), problem: null });
        } catch (error) {
          findings.push({ format: wish.format, losses: [], problem: StudioError.from(error) });
        }
        if (stop.signal.aborted) return;
        setFound([...findings]);
      }
      setFound(findings);
      setLooking(false);
    };
    setLooking(true);
    const timer = setTimeout(() => void look(), SETTLE_MILLIS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [exporting, asked]);
  return (
    <section className="loss-list" aria-label={t('export.losses')} aria-busy={looking}>
      <h3>{t('export.losses')}</h3>
      {wishes.length === 0 && <p className="field-help">{t('export.noFormat')}</p>}
      {wishes.map(({ format }) => (
        <FindingRow key={format} format={format} finding={found.find((each) => each.format === format)} />
      ))}
    </section>
  );
}

function FindingRow({
  format,
  finding,
}: {
  readonly format: DatasetWish['format'];
  readonly finding: Finding | undefined;
}): ReactElement {
  const t = useTranslate();
  const language = useStudioState(({ settings }) => settings.language);
  const tone = finding?.problem != null ? 'problem' : (finding?.losses.length ?? 0) > 0 ? 'lossy' : 'whole';
  return (
    <div className={`loss-row loss-${finding === undefined ? 'open' : tone}`}>
      <Icon name={finding === undefined ? 'dots' : tone === 'whole' ? 'check' : 'warning'} size={16} />
      <strong>{DATASET_NAMES[format]}</strong>
      <ul>
        {finding === undefined && <li>{t('export.looking')}</li>}
        {finding?.problem != null && <li>{sentenceOf(finding.problem, language)}</li>}
        {finding !== undefined && tone === 'whole' && <li>{t('export.noLoss')}</li>}
        {finding?.losses.map(({ code, values, text }) => (
          <li key={text}>{t(`note.${code}`, values)}</li>
        ))}
      </ul>
    </div>
  );
}
