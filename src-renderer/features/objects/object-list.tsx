import {
  type DragEvent,
  type KeyboardEvent,
  type MouseEvent,
  type ReactElement,
  useEffect,
  useRef,
  useState,
} from 'react';
import type { ObjectState } from '../../../src-shared/contract/results.ts';
import type { ObjectId } from '../../../src-shared/domain/ids.ts';
import { chosenObjects } from '../../state/chosen-objects.ts';
import { isViewer } from '../../state/edit-rules.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { GroupHeader } from './group-header.tsx';
import { ObjectRow } from './object-row.tsx';

/** A group stands where its first object stands. */
function inGroups(objects: readonly ObjectState[]): ReadonlyMap<string, readonly ObjectState[]> {
  return Map.groupBy(objects, ({ objectId, groupName }) => (groupName === null ? `#${objectId}` : `=${groupName}`));
}

/** Rows that are mounted in one task; about what a list without scrolling shows. */
const ROWS_AT_ONCE = 16;

/** How many of the rows are there so far: a screen at once, the rest screen by screen, so that a long list stops nobody. */
function useGrowing(total: number): number {
  const [count, setCount] = useState(ROWS_AT_ONCE);
  useEffect(() => {
    if (count >= total) return;
    const timer = setTimeout(() => setCount(count + ROWS_AT_ONCE));
    return () => clearTimeout(timer);
  }, [count, total]);
  return count;
}

export function ObjectList({ objects }: { readonly objects: readonly ObjectState[] }): ReactElement {
  const studio = useStudio();
  const { store } = studio;
  const selected = useStudioState((state) => state.selectedObject);
  const chosen = useStudioState((state) => state.chosen);
  const folded = useStudioState((state) => state.foldedGroups);
  const [dropBefore, setDropBefore] = useState<ObjectId | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const sections = [...inGroups(objects.slice(0, useGrowing(objects.length))).values()];
  const rows = sections.flatMap((section) => (isFolded(section, folded) ? [] : section));
  // The list is entered by the selected row; where that is filtered out or folded away, by the first one.
  const entry = rows.find(({ objectId }) => objectId === selected) ?? rows[0];
  const select = (objectId: ObjectId) =>
    store.patch({ selectedObject: objectId, selectedPrompt: null, chosen: new Set([objectId]) });
  const move = (event: KeyboardEvent, by: number) => {
    event.preventDefault();
    const at = rows.findIndex(({ objectId }) => objectId === selected);
    const next = Math.min(rows.length - 1, Math.max(0, at + by));
    select(rows[next].objectId);
    list.current?.querySelectorAll<HTMLElement>('.object-main')[next]?.focus();
  };
  const click = (event: MouseEvent, objectId: ObjectId) => {
    if (event.ctrlKey || event.metaKey)
      store.patch({ chosen: toggled(chosenObjects(store.value), objectId), selectedObject: objectId });
    else if (event.shiftKey) store.patch({ chosen: between(rows, selected, objectId) });
    else select(objectId);
  };
  const drop = (event: DragEvent, target: ObjectState) => {
    event.preventDefault();
    setDropBefore(null);
    const moved = chosenObjects(store.value);
    if (moved.size > 0 && !moved.has(target.objectId) && !isViewer(store.value)) {
      void studio.objects.move([...moved], target.objectId, target.groupName);
    }
  };
  const row = (object: ObjectState) => (
    <ObjectRow
      key={object.objectId}
      object={object}
      selected={object.objectId === selected}
      chosen={chosen.has(object.objectId) && chosen.size > 1}
      tabStop={object === entry}
      dropHere={dropBefore === object.objectId}
      onArrow={move}
      onClick={click}
      onDragStart={() => {
        if (!chosenObjects(store.value).has(object.objectId)) select(object.objectId);
      }}
      onDragOver={(over) => setDropBefore(over ? object.objectId : null)}
      onDrop={(event) => drop(event, object)}
    />
  );
  return (
    <ul ref={list} className="object-list">
      {sections.map((section) => {
        const [{ groupName, objectId }] = section;
        if (groupName === null) return row(section[0]);
        return (
          <li key={`group-${objectId}`} className="object-group">
            <GroupHeader name={groupName} objects={section} folded={folded.has(groupName)} />
            {!folded.has(groupName) && <ul>{section.map(row)}</ul>}
          </li>
        );
      })}
    </ul>
  );
}

function isFolded([{ groupName }]: readonly ObjectState[], folded: ReadonlySet<string>): boolean {
  return groupName !== null && folded.has(groupName);
}

function toggled(set: ReadonlySet<ObjectId>, objectId: ObjectId): ReadonlySet<ObjectId> {
  const next = new Set(set);
  if (!next.delete(objectId)) next.add(objectId);
  return next;
}

function between(rows: readonly ObjectState[], from: ObjectId | null, to: ObjectId): ReadonlySet<ObjectId> {
  const ids = rows.map(({ objectId }) => objectId);
  const ends = [from === null ? 0 : ids.indexOf(from), ids.indexOf(to)].sort((a, b) => a - b);
  return new Set(ids.slice(Math.max(0, ends[0]), ends[1] + 1));
}
