import { type KeyboardEvent, type ReactElement, useEffect, useRef } from 'react';
import { parseStopQuery } from '../../../src-shared/domain/stop-query.ts';
import { useCommand } from '../../commands/use-command.ts';
import { stopKey } from '../../state/review-state.ts';
import { type QueuedStop, queueOf, secsLeft } from '../../state/reviewing.ts';
import type { StudioState } from '../../state/studio-state.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button } from '../../ui/button.tsx';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon } from '../../ui/icon.tsx';
import { StopCard } from './stop-card.tsx';

/** Rows in the page at once; the rest are counted. */
const MOST_ROWS = 100;

/** The worst-first queue with its filter, progress and what can be done at its end. */
export function ReviewPanel(): ReactElement {
  useFreshStops();
  const queue = useQueue();
  const open = queue.filter(({ said }) => said === 'open').length;
  return (
    <section className="panel-section review-panel" aria-labelledby="tab-review" role="tabpanel">
      <Filter />
      <Progress done={queue.length - open} total={queue.length} />
      <StopList queue={queue} />
      {open === 0 && <NothingLeft any={queue.length > 0} />}
    </section>
  );
}

/** Stops are looked for when the tab opens and whenever stored masks have changed, but not while a run changes them all the time. */
function useFreshStops(): void {
  const { reviewing } = useStudio();
  const masksVersion = useStudioState((state) => state.masksVersion);
  const busy = useStudioState((state) => state.job !== null);
  const sessionId = useStudioState((state) => state.session?.sessionId);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says that masks changed, its value does not matter.
  useEffect(() => {
    if (!busy && sessionId !== undefined) void reviewing.look();
  }, [reviewing, masksVersion, busy, sessionId]);
}

function useQueue(): readonly QueuedStop[] {
  const last = useRef<{ readonly key: readonly unknown[]; readonly queue: readonly QueuedStop[] } | null>(null);
  return useStudioState((state: StudioState) => {
    const key = [state.session?.state, state.review.stops, state.review.filter];
    if (last.current === null || key.some((part, index) => part !== last.current?.key[index])) {
      last.current = { key, queue: queueOf(state) };
    }
    return last.current.queue;
  });
}

function Filter(): ReactElement {
  const t = useTranslate();
  const { reviewing } = useStudio();
  const filter = useStudioState((state) => state.review.filter);
  const query = parseStopQuery(filter);
  const problem = query.kind === 'problem' ? query.problem : null;
  return (
    <div className="stop-filter">
      <label className={`field small ${problem === null ? '' : 'wrong'}`}>
        <Icon name="search" size={16} />
        <input
          data-focus="stop-filter"
          type="text"
          aria-label={t('review.filter')}
          placeholder={t('review.filterExample')}
          aria-invalid={problem !== null}
          aria-describedby="stop-filter-problem"
          spellCheck={false}
          value={filter}
          onChange={(event) => reviewing.filter(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            if (filter === '') event.currentTarget.blur();
            else reviewing.filter('');
          }}
        />
      </label>
      <p id="stop-filter-problem" className="field-problem" role="status">
        {problem !== null &&
          t(`review.problem.${problem.kind}`, { text: problem.text, allowed: problem.allowed.join(', ') })}
      </p>
    </div>
  );
}

function Progress({ done, total }: { readonly done: number; readonly total: number }): ReactElement | null {
  const t = useTranslate();
  const looking = useStudioState((state) => state.review.looking);
  const review = useStudioState((state) => state.review);
  if (looking !== null && total === 0) {
    return (
      <p className="review-progress" role="status">
        {t('review.looking', { percent: Math.floor(looking * 100) })}
      </p>
    );
  }
  if (total === 0) return null;
  const minutes = Math.ceil(secsLeft(review, total - done) / 60);
  return (
    <div className="review-progress">
      <progress max={total} value={done} aria-label={t('review.progressLabel')} />
      <p role="status">
        {done === total ? t('review.progressDone', { total }) : t('review.progress', { done, total, minutes })}
      </p>
    </div>
  );
}

function StopList({ queue }: { readonly queue: readonly QueuedStop[] }): ReactElement | null {
  const t = useTranslate();
  const { reviewing } = useStudio();
  const current = useStudioState((state) => state.review.current);
  const looking = useStudioState((state) => state.review.looking !== null);
  const list = useRef<HTMLUListElement>(null);
  const chosen = queue.findIndex(({ stop }) => stopKey(stop) === current);
  useEffect(() => {
    if (chosen >= 0) list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  if (queue.length === 0) return null;
  const move = (event: KeyboardEvent, by: number) => {
    event.preventDefault();
    event.stopPropagation();
    const next = Math.min(queue.length - 1, Math.max(0, (chosen < 0 ? (by > 0 ? -1 : 0) : chosen) + by));
    reviewing.visit(queue[next].stop);
    list.current?.querySelectorAll<HTMLElement>('.stop-main')[next]?.focus();
  };
  return (
    <>
      <ul ref={list} className="stop-list" aria-label={t('review.title')} aria-busy={looking}>
        {queue.slice(0, Math.max(MOST_ROWS, chosen + 1)).map((each, index) => (
          <StopCard
            key={stopKey(each.stop)}
            queued={each}
            current={index === chosen}
            tabStop={chosen < 0 ? index === 0 : index === chosen}
            onArrow={move}
          />
        ))}
      </ul>
      {queue.length > MOST_ROWS && (
        <p className="field-help">{t('review.more', { count: queue.length - MOST_ROWS })}</p>
      )}
    </>
  );
}

/** Nothing is open: what no flag spoke against is still not proven. */
function NothingLeft({ any }: { readonly any: boolean }): ReactElement | null {
  const t = useTranslate();
  const { reviewing } = useStudio();
  const ready = useStudioState((state) => state.review.stops !== null && state.review.looking === null);
  const filtered = useStudioState((state) => state.review.filter !== '');
  const tracked = useStudioState((state) => (state.session?.state.trackedFrameCount ?? 0) > 0);
  const rest = useCommand('review-accept-rest');
  if (!ready) return null;
  if (!tracked) return <p className="empty">{t('review.untracked')}</p>;
  if (filtered) return <p className="empty">{t('review.nothingMatches')}</p>;
  return (
    <div className="review-end">
      <p className="empty-title">{t(any ? 'review.allDecided' : 'review.nothingStandsOut')}</p>
      <Button
        look="secondary"
        icon="sparkle"
        label={t('review.spotCheck')}
        onClick={() => void reviewing.spotCheck()}
      />
      <Button look="primary" icon="check" label={rest.label} disabled={rest.disabled} onClick={rest.onClick} />
    </div>
  );
}
