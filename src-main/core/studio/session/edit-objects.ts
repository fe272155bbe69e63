import type { ObjectChange } from '../../../../src-shared/contract/schemas.ts';
import type { ObjectId } from '../../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { ObjectPatch, SessionReader, SessionWriter } from '../../store/index.ts';

/** Where objects are to stand in lists. */
export interface ObjectPlace {
  readonly objectIds: readonly ObjectId[];
  /** null: at the end. */
  readonly before: ObjectId | null;
  readonly groupName: string | null;
}

/** Closer than this, positions are dealt out anew. */
const LEAST_GAP = 1e-6;

/** One undoable step. Throws `prompt-invalid`; then nothing is changed. */
export function changeObjects(session: SessionWriter, ids: readonly ObjectId[], change: ObjectChange): void {
  // zod leaves absent fields out, so the patch has only what changes.
  const label = labelOf(change, ids.length);
  session.journal.step(label, () => {
    for (const id of new Set(ids)) session.objects.update(id, change as ObjectPatch, label);
  });
}

/** One undoable step. Throws `prompt-invalid`, `object-locked`; then nothing is removed. */
export function removeObjects(session: SessionWriter, ids: readonly ObjectId[]): void {
  refuseLocked(session, ids);
  session.journal.step(ids.length === 1 ? 'Remove object' : `Remove ${ids.length} objects`, () => {
    for (const id of new Set(ids)) session.objects.remove(id);
  });
}

/** One undoable step; the objects keep their order among themselves. Throws `prompt-invalid`. */
export function moveObjects(session: SessionWriter, { objectIds, before, groupName }: ObjectPlace): void {
  const moved = new Set(objectIds);
  const all = session.objects.all();
  const stay = all.filter(({ id }) => !moved.has(id));
  const at = before === null ? stay.length : stay.findIndex(({ id }) => id === before);
  if (at < 0) throw new StudioError('prompt-invalid', 'user', `There is no object ${before} to move in front of.`);
  const going = all.filter(({ id }) => moved.has(id));
  const after = stay[at - 1]?.position ?? (stay[at]?.position ?? 0) - 1;
  const gap = ((stay[at]?.position ?? after + going.length + 1) - after) / (going.length + 1);
  const label = going.length === 1 ? 'Move object' : `Move ${going.length} objects`;
  session.journal.step(label, () => {
    // An id that the session does not have is refused here, as everywhere.
    for (const id of moved) session.objects.update(id, { groupName }, label);
    const placed = new Map(going.map(({ id }, index) => [id, after + gap * (index + 1)]));
    if (gap < LEAST_GAP) {
      for (const [index, { id }] of stay.toSpliced(at, 0, ...going).entries()) placed.set(id, index + 1);
    }
    for (const [id, position] of placed) session.objects.update(id, { position }, label);
  });
}

/** Throws `object-locked` when one of these objects is locked. */
export function refuseLocked(session: SessionReader, ids: readonly ObjectId[]): void {
  for (const id of ids) {
    const object = session.objects.get(id);
    if (object?.locked !== true || object.deleted) continue;
    throw new StudioError(
      'object-locked',
      'user',
      `${object.name} is locked, so its prompts and masks stay as they are; unlock it first.`,
      { details: { objectId: id } },
    );
  }
}

/** Objects that neither prompts nor runs may change. */
export function lockedObjects(session: SessionReader): ReadonlySet<ObjectId> {
  return new Set(session.objects.all().flatMap(({ id, locked }) => (locked ? [id] : [])));
}

function labelOf(change: ObjectChange, count: number): string {
  const what = count === 1 ? 'object' : `${count} objects`;
  if (change.name !== undefined) return `Rename ${what}`;
  if (change.colour !== undefined) return `Recolour ${what}`;
  if (change.hidden !== undefined) return `${change.hidden ? 'Hide' : 'Show'} ${what}`;
  if (change.locked !== undefined) return `${change.locked ? 'Lock' : 'Unlock'} ${what}`;
  if (change.groupName !== undefined) return `${change.groupName === null ? 'Ungroup' : 'Group'} ${what}`;
  return `Classify ${what}`;
}
