import { type ReactElement, useState } from 'react';
import type { ConceptState } from '../../../src-shared/contract/results.ts';
import { weakObjects } from '../../state/concepts.ts';
import { isBusy, isViewer } from '../../state/edit-rules.ts';
import type { ConceptView } from '../../state/studio-state.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Slider } from '../../ui/choice.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';
import { conceptColour } from '../studio/scene-of.ts';

const NO_CONCEPTS: readonly ConceptState[] = [];

/** Find things by name: type a phrase, see the instances of this frame, then search the clip. */
export function ConceptsPanel(): ReactElement {
  const t = useTranslate();
  const { concepts } = useStudio();
  const known = useStudioState((state) => state.session?.state.concepts ?? NO_CONCEPTS);
  const viewer = useStudioState(isViewer);
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
              disabled={viewer}
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
  const { store, concepts, tracking } = useStudio();
  const { conceptId, phrase, threshold } = concept;
  const view = useStudioState((state) => state.concepts.find((each) => each.conceptId === conceptId) ?? null);
  const chosen = useStudioState((state) => state.selectedConcept === conceptId);
  const viewer = useStudioState(isViewer);
  const fixed = useStudioState((state) => isBusy(state) || isViewer(state));
  return (
    <article className={`concept-row ${chosen ? 'chosen' : ''}`} aria-label={phrase}>
      <header>
        <span className="swatch" style={{ background: conceptColour(conceptId) }} />
        <button type="button" className="concept-name" onClick={() => store.patch({ selectedConcept: conceptId })}>
          “{phrase}”
        </button>
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
          disabled={fixed}
          onClick={() => void concepts.remove(conceptId)}
        />
      </header>
      <ConceptSummary concept={concept} view={view} />
      <Slider
        label={t('concepts.threshold')}
        min={0}
        max={1}
        step={0.01}
        value={threshold}
        text={threshold.toFixed(2)}
        disabled={viewer}
        onChange={(value) => concepts.setThreshold(conceptId, value)}
      />
      {view !== null && <Candidates view={view} />}
      <div className="concept-actions">
        {view !== null && <AcceptAll view={view} />}
        <Button
          label={t('concepts.search')}
          title={t('concepts.next')}
          disabled={fixed}
          onClick={() => void tracking.search(conceptId)}
        />
      </div>
    </article>
  );
}

function ConceptSummary({
  concept: { conceptId, tracking },
  view,
}: {
  readonly concept: ConceptState;
  readonly view: ConceptView | null;
}): ReactElement {
  const t = useTranslate();
  const counts = useStudioState(({ session }) => {
    const found = session?.state.objects.filter((object) => object.conceptId === conceptId) ?? [];
    const weak = weakObjects(session?.state.objects ?? [], session?.state.concepts ?? []);
    return `${found.length} ${found.filter(({ objectId }) => !weak.has(objectId)).length}`;
  });
  const [found, kept] = counts.split(' ').map(Number);
  if (view !== null && view.instances === null) return <p className="field-help">{t('concepts.looking')}</p>;
  if (view?.instances != null) {
    const shown = openPlaces(view).length;
    return <p className="field-help">{t('concepts.seen', { shown, total: view.instances.length })}</p>;
  }
  if (tracking === 'new' && found === 0) return <p className="field-help">{t('concepts.waiting')}</p>;
  return (
    <p className="field-help">{t(kept < found ? 'concepts.foundSome' : 'concepts.found', { count: found, kept })}</p>
  );
}

/** Instances that pass the threshold and were neither accepted nor turned down, best first. */
function Candidates({ view }: { readonly view: ConceptView }): ReactElement | null {
  const t = useTranslate();
  const { concepts } = useStudio();
  const viewer = useStudioState(isViewer);
  const places = openPlaces(view);
  if (places.length === 0) return null;
  return (
    <ul className="candidates">
      {places.map((place, index) => (
        <li key={place}>
          <span>{t('concepts.candidate', { number: index + 1 })}</span>
          <span className="candidate-score">{view.instances?.[place].score.toFixed(2)}</span>
          <IconButton
            icon="check"
            size={14}
            label={t('concepts.accept')}
            disabled={viewer}
            onClick={(event) => {
              stayIn(event.currentTarget, index);
              void concepts.accept(view.conceptId, [place]);
            }}
          />
          <IconButton
            icon="close"
            size={14}
            label={t('concepts.reject')}
            onClick={(event) => {
              stayIn(event.currentTarget, index);
              concepts.settle(view.conceptId, [place]);
            }}
          />
        </li>
      ))}
    </ul>
  );
}

function AcceptAll({ view }: { readonly view: ConceptView }): ReactElement | null {
  const t = useTranslate();
  const { concepts } = useStudio();
  const viewer = useStudioState(isViewer);
  const places = openPlaces(view);
  if (places.length === 0) return null;
  return (
    <Button
      look="primary"
      label={t('concepts.acceptAll', { count: places.length })}
      disabled={viewer}
      onClick={(event) => {
        stayIn(event.currentTarget, 0);
        void concepts.accept(view.conceptId, places);
      }}
    />
  );
}

/** Whoever works with the keyboard goes on with the next candidate, or with the search, when the pressed button is gone. */
function stayIn(button: HTMLElement, index: number): void {
  const row = button.closest('.concept-row');
  requestAnimationFrame(() => {
    if (button.isConnected || row === null) return;
    const left = row.querySelectorAll<HTMLElement>('.candidates li');
    const next = left[Math.min(index, left.length - 1)] ?? row.querySelector('.concept-actions');
    next?.querySelector('button')?.focus();
  });
}

function openPlaces({ instances, threshold, settled }: ConceptView): number[] {
  return (instances ?? []).flatMap(({ score }, place) => (score >= threshold && !settled.has(place) ? [place] : []));
}
