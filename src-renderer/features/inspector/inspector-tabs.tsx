import { type KeyboardEvent, type ReactElement, useRef } from 'react';
import { stopState } from '../../../src-shared/domain/review.ts';
import { reachedByKeyboard } from '../../commands/focus-way.ts';
import type { InspectorTab } from '../../state/review-state.ts';
import type { StudioState } from '../../state/studio-state.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';

const TABS = [
  { tab: 'object', label: 'inspector.object' },
  { tab: 'review', label: 'review.title' },
  { tab: 'frame', label: 'inspector.frame' },
] as const;

/** Object, review, frame: one tab stop, arrows move. */
export function InspectorTabs(): ReactElement {
  const t = useTranslate();
  const { store } = useStudio();
  const current = useStudioState((state) => state.inspectorTab);
  const open = useStudioState(openStops);
  const list = useRef<HTMLDivElement>(null);
  const choose = (inspectorTab: InspectorTab) => store.patch({ inspectorTab });
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    // A tab that was only clicked leaves the arrows to the clip.
    if (by === 0 || !reachedByKeyboard() || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const next = (TABS.findIndex(({ tab }) => tab === current) + by + TABS.length) % TABS.length;
    choose(TABS[next].tab);
    list.current?.querySelectorAll<HTMLElement>('.inspector-tab')[next]?.focus();
  };
  return (
    <div ref={list} className="inspector-tabs" role="tablist" aria-label={t('inspector.tabs')} onKeyDown={onKeyDown}>
      {TABS.map(({ tab, label }) => (
        <button
          key={tab}
          type="button"
          id={`tab-${tab}`}
          className="inspector-tab"
          role="tab"
          aria-selected={tab === current}
          tabIndex={tab === current ? 0 : -1}
          onClick={() => choose(tab)}
        >
          {t(label)}
          {tab === 'review' && open > 0 && <span className="count">{open}</span>}
        </button>
      ))}
    </div>
  );
}

function openStops({ session, review }: StudioState): number {
  const reviews = session?.state.reviews ?? [];
  return (review.stops ?? []).filter((stop) => stopState(stop, reviews) === 'open').length;
}
