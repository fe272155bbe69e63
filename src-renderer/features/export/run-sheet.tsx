import type { ReactElement } from 'react';
import type { ExportOutput } from '../../state/export-output.ts';
import { sentenceOf } from '../../state/notices.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import { bytesText, secsText } from '../../ui/duration.ts';
import type { Translate } from '../../ui/i18n/messages.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { DATASET_NAMES } from './dataset-names.ts';
import { RedactionSummary } from './redaction-summary.tsx';

/** A batch: how far it is, then where everything lies and what there is to know about it. */
export function RunSheet({
  outputs,
  onClose,
}: {
  readonly outputs: readonly ExportOutput[];
  readonly onClose: () => void;
}): ReactElement {
  const t = useTranslate();
  const { exporting } = useStudio();
  const running = outputs.some(({ state }) => state === 'running' || state === 'waiting');
  return (
    <>
      <div className="export-runs" aria-live="polite">
        {outputs.map((output) => (
          <OutputCard key={output.id} output={output} />
        ))}
      </div>
      <footer className="export-foot">
        <span className="field-help">{running ? t('export.mayClose') : t('export.ended')}</span>
        <span className="bar-stretch" />
        {running ? (
          <Button look="danger" icon="stop" label={t('job.cancel')} onClick={() => exporting.cancel()} />
        ) : (
          <>
            <Button label={t('export.another')} onClick={() => exporting.forget()} />
            <Button look="primary" label={t('common.close')} onClick={onClose} />
          </>
        )}
      </footer>
    </>
  );
}

const ICONS: Readonly<Record<ExportOutput['state'], IconName>> = {
  waiting: 'dots',
  running: 'export',
  done: 'check',
  failed: 'warning',
  cancelled: 'stop',
};

function OutputCard({ output }: { readonly output: ExportOutput }): ReactElement {
  const t = useTranslate();
  const { exporting } = useStudio();
  const language = useStudioState(({ settings }) => settings.language);
  const { state, wish, error, result, losses } = output;
  const notes = [...losses, ...(result?.notes ?? [])];
  const title = wish.kind === 'dataset' ? DATASET_NAMES[wish.format] : t(`style.${wish.look.style}`);
  const path = result?.path ?? (wish.kind === 'dataset' ? wish.outFolder : wish.outPath);
  return (
    <article className={`export-run run-${state}`}>
      <header>
        <Icon name={ICONS[state]} />
        <h3>{title}</h3>
        <span className="run-state">{stateText(output, t)}</span>
      </header>
      <p className="path-line">
        <span className="path">{path}</span>
        {state === 'done' && (
          <Button
            look="ghost"
            icon="copy"
            label={t('notice.copyPath')}
            onClick={() => void navigator.clipboard?.writeText(path)}
          />
        )}
      </p>
      {state === 'running' && (
        <progress value={output.total === 0 ? undefined : output.done / output.total} max={1} aria-label={title} />
      )}
      {result !== null && <ResultFacts output={output} />}
      {error !== null && (
        <div className="run-error" role="alert">
          <p>{sentenceOf(error, language)}</p>
          {error.code === 'output-exists' && (
            <Button label={t('export.replace')} onClick={() => void exporting.replace(output.id)} />
          )}
        </div>
      )}
      {state === 'done' && notes.length > 0 && (
        <ul className="run-notes">
          {notes.map(({ code, values, text }) => (
            <li key={text}>{t(`note.${code}`, values)}</li>
          ))}
        </ul>
      )}
      {result !== null && 'redaction' in result && result.redaction !== null && (
        <RedactionSummary report={result.redaction} />
      )}
    </article>
  );
}

/** Counts, and what the check after writing found. */
function ResultFacts({ output: { result } }: { readonly output: ExportOutput }): ReactElement | null {
  const t = useTranslate();
  if (result === null) return null;
  const iou = 'checked' in result ? result.checked.lowestIou : null;
  return (
    <dl className="run-facts">
      <Fact name={t('export.files')} value={t('export.number', { value: result.files })} />
      {'frames' in result && <Fact name={t('export.frames')} value={t('export.number', { value: result.frames })} />}
      {'masks' in result && <Fact name={t('export.masks')} value={t('export.number', { value: result.masks })} />}
      {'checked' in result && (
        <Fact name={t('export.readBack')} value={t('export.number', { value: result.checked.masks })} />
      )}
      {iou !== null && <Fact name={t('export.lowestIou')} value={iou === 1 ? '1.0' : iou.toFixed(4)} />}
    </dl>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function stateText(output: ExportOutput, t: Translate): string {
  const { state, phase, done, total, bytes, startedAtMillis, endedAtMillis } = output;
  if (state === 'done') return t('export.doneIn', { time: secsText((endedAtMillis - startedAtMillis) / 1000) });
  if (state !== 'running') return t(`export.state.${state}`);
  const parts = [t(`export.phase.${phase}`, { done, total })];
  if (bytes !== null && bytes > 0) parts.push(bytesText(bytes));
  const elapsed = (performance.now() - startedAtMillis) / 1000;
  if (done > 0 && done < total) parts.push(t('job.left', { time: secsText((elapsed / done) * (total - done)) }));
  return parts.join(' · ');
}
