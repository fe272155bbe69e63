import type { ReactElement } from 'react';
import type { FrameSpan, RedactedObject, RedactionReport } from '../../../src-shared/contract/redaction-report.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';

const MOST_SPANS = 8;
const STATES = ['uncertain', 'held', 'absent', 'untracked'] as const satisfies readonly (keyof RedactedObject)[];

/** Coverage of a redaction: green when every mask was trusted, else the frames that someone must look at. A frame is a click away. */
export function RedactionSummary({ report }: { readonly report: RedactionReport }): ReactElement {
  const t = useTranslate();
  const check = report.verdict === 'check';
  return (
    <section className={`redaction ${check ? 'redaction-check' : 'redaction-covered'}`}>
      <header>
        <Icon name={check ? 'warning' : 'check'} />
        <strong>{t(`redaction.${report.verdict}`)}</strong>
        <span className="field-help">{t('redaction.frames', { frames: report.frames })}</span>
      </header>
      {report.whole.length > 0 && <SpanRow name={t('redaction.whole')} spans={report.whole} />}
      {report.objects.map((object) => (
        <div key={object.objectId} className="redaction-object">
          <h4>{object.name === '' ? `#${object.objectId}` : object.name}</h4>
          <p>{t('redaction.tracked', { frames: object.tracked })}</p>
          {STATES.filter((state) => object[state].length > 0).map((state) => (
            <SpanRow key={state} name={t(`redaction.${state}`)} spans={object[state]} />
          ))}
        </div>
      ))}
    </section>
  );
}

function SpanRow({ name, spans }: { readonly name: string; readonly spans: readonly FrameSpan[] }): ReactElement {
  const t = useTranslate();
  const { player, store } = useStudio();
  const firstNumber = useStudioState((state) => state.settings.firstFrameNumber);
  const go = (frame: number) => {
    store.patch({ dialog: null });
    player.seek(frame);
  };
  const rest = spans.length - MOST_SPANS;
  return (
    <div className="span-row">
      <span>{name}</span>
      <span className="span-buttons">
        {spans.slice(0, MOST_SPANS).map(([first, last]) => (
          <button key={first} type="button" className="span-button" onClick={() => go(first)}>
            {first === last ? first + firstNumber : `${first + firstNumber}–${last + firstNumber}`}
          </button>
        ))}
        {rest > 0 && <span className="field-help">{t('redaction.more', { count: rest })}</span>}
      </span>
    </div>
  );
}
