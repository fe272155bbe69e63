import { type ObjectId, objectId } from '../../src-shared/domain/ids.ts';
import type { StudioState } from './studio-state.ts';

/** Id of the next new object: above every one that the session has had, and above those that waiting prompts are about. */
export function nextObjectId({ session, comingObjects }: StudioState): ObjectId {
  return objectId(Math.max(session?.state.nextObjectId ?? 1, ...comingObjects.map((coming) => coming + 1)));
}

/** Whether a prompt can be about this object: it is there, or on its way. */
export function isObject({ session, comingObjects }: StudioState, wanted: ObjectId): boolean {
  return session?.state.objects.some((object) => object.objectId === wanted) === true || comingObjects.includes(wanted);
}
