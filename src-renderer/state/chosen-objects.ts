import type { ObjectId } from '../../src-shared/domain/ids.ts';
import type { StudioState } from './studio-state.ts';

/** What a command on objects works on: everything chosen together with the selected object, or that one alone. */
export function chosenObjects({ chosen, selectedObject, session }: StudioState): ReadonlySet<ObjectId> {
  if (selectedObject === null) return NONE;
  if (!chosen.has(selectedObject)) return new Set([selectedObject]);
  const known = new Set(session?.state.objects.map(({ objectId }) => objectId));
  return new Set([...chosen].filter((objectId) => known.has(objectId)));
}

const NONE: ReadonlySet<ObjectId> = new Set();
