import type { KeyboardEvent, ReactElement } from 'react';
import type { ObjectState } from '../../../src-shared/contract/results.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';

const NO_OBJECTS: readonly ObjectState[] = [];

/** The lanes for keyboard and screen readers: one tab stop over the names that the canvas draws; arrows choose, Enter unfolds. */
export function LaneList(): ReactElement | null {
  const t = useTranslate();
  const { store } = useStudio();
  const objects = useStudioState((state) => state.session?.state.objects ?? NO_OBJECTS);
  const selected = useStudioState((state) => state.selectedObject);
  if (objects.length === 0) return null;
  const onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const at = objects.findIndex(({ objectId }) => objectId === selected);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: objects.length - 1 }[event.key];
    if (event.key === 'Enter') store.patch({ lanesUnfolded: !store.value.lanesUnfolded });
    else if (next === undefined) return;
    else {
      const object = objects[Math.min(objects.length - 1, Math.max(0, next))];
      store.patch({ selectedObject: object.objectId, selectedPrompt: null });
    }
    event.preventDefault();
  };
  return (
    <div
      className="lane-list"
      role="listbox"
      tabIndex={0}
      aria-label={t('timeline.lanes')}
      aria-activedescendant={selected === null ? undefined : `lane-${selected}`}
      onKeyDown={onKey}
    >
      {objects.map(({ objectId, name }) => (
        <div key={objectId} id={`lane-${objectId}`} role="option" tabIndex={-1} aria-selected={objectId === selected}>
          {name}
        </div>
      ))}
    </div>
  );
}
