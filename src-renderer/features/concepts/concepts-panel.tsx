import { type ReactElement, useState } from 'react';
import type { ConceptState } from '../../../src-shared/contract/results.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { IconButton } from '../../ui/button.tsx';
import { Slider } from '../../ui/choice.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';

const NO_CONCEPTS: readonly ConceptState[] = [];

/** Find things by name: type a phrase, see the instances of this frame, then search the clip. */
export function ConceptsPanel(): ReactElement {
  const t = useTranslate();
  const { concepts } = useStudio();
  const known = useStudioState((state) => state.session?.state.concepts ?? NO_CONCEPTS);
  const [phrase, setPhrase] = useState('');
  return (
    <section className="panel-section" aria-label={t('concepts.title')}>
      <header className="panel-head">
        <h2>{t('concepts.title')}</h2>
        {known.length > 0 && <span className="count">{known.length}</span>}
      </header>
      <form
        className="concept-form"
        onSubmit={(event) => {
          event.preventDefault();
          void concepts.add(phrase);
          setPhrase('');
        }}
      >
        <Tooltip text={t('command.findText')} keys="T">
          <label className="field with-icon">
            <Icon name="text" size={16} />
            <input
              data-focus="concept"
              value={phrase}
              maxLength={200}
              placeholder={t('concepts.placeholder')}
              aria-label={t('concepts.field')}
              onChange={(event) => setPhrase(event.target.value)}
              onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
            />
          </label>
        </Tooltip>
      </form>
      {known.length === 0 && <p className="field-help">{t('concepts.help')}</p>}
      {known.map((concept) => (
        <ConceptRow key={concept.conceptId} concept={concept} />
      ))}
    </section>
  );
}

function ConceptRow({ concept }: { readonly concept: ConceptState }): ReactElement {
  const t = useTranslate();
  const { concepts } = useStudio();
  const { conceptId, phrase, tracking } = concept;
  const view = useStudioState((state) => state.concepts.find((each) => each.conceptId === conceptId) ?? null);
  const found = useStudioState(
    (state) => state.session?.state.objects.filter((object) => object.conceptId === conceptId).length ?? 0,
  );
  const idle = useStudioState((state) => state.job === null);
  const shown = view?.instances?.filter(({ score }) => score >= view.threshold).length ?? 0;
  return (
    <article className="concept-row" aria-label={phrase}>
      <header>
        <strong>“{phrase}”</strong>
        <span className="bar-stretch" />
        <IconButton
          icon="search"
          size={16}
          label={t('concepts.look')}
          onClick={() => void concepts.lookAgain(conceptId)}
        />
        <IconButton
          icon="trash"
          size={16}
          label={t('concepts.remove')}
          disabled={!idle}
          onClick={() => void concepts.remove(conceptId)}
        />
      </header>
      {view === null ? (
        <p className="field-help">
          {tracking === 'tracked' ? t('concepts.found', { count: found }) : t('concepts.waiting')}
        </p>
      ) : view.instances === null ? (
        <p className="field-help">{t('concepts.looking')}</p>
      ) : (
        <>
          <p className="field-help">{t('concepts.seen', { shown, total: view.instances.length })}</p>
          <Slider
            label={t('concepts.threshold')}
            min={0}
            max={1}
            step={0.01}
            value={view.threshold}
            text={view.threshold.toFixed(2)}
            onChange={(threshold) => concepts.setThreshold(conceptId, threshold)}
          />
          <p className="field-help">{t('concepts.next')}</p>
        </>
      )}
    </article>
  );
}
