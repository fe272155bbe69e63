import type { ConceptId, ObjectId, RunId } from '../../../../src-shared/domain/ids.ts';
import { objectId } from '../../../../src-shared/domain/ids.ts';
import type { TrackedFrame } from '../../../../src-shared/domain/track.ts';
import type { SessionReader, SessionWriter, SettingValue } from '../../store/index.ts';

const foundIdsKey = 'foundIds';

/** Numbers of the latest run's found objects that are not those of the tracker. */
interface FoundIds {
  readonly runId: RunId;
  /** The session's number by the tracker's. */
  readonly ids: Readonly<Record<string, number>>;
}

/**
 * Frames with the session's object numbers. The tracker numbers what a phrase finds from the first number that was free when the run began; by
 * now a person may have made an object of that number. Then the found one gets the next free number, for the whole run, also after it was resumed.
 */
export function withSessionIds(
  session: SessionWriter,
  runId: RunId,
  frames: readonly TrackedFrame[],
): readonly TrackedFrame[] {
  const noted = session.settings.get(foundIdsKey) as unknown as FoundIds | undefined;
  const known = noted?.runId === runId ? noted.ids : {};
  const ids = new Map(Object.entries(known).map(([id, own]) => [Number(id), objectId(own)]));
  for (const { objects } of frames) {
    for (const { objectId: id, conceptId } of objects) {
      if (conceptId !== null && !ids.has(id) && isTaken(session, id, conceptId, ids)) ids.set(id, freeId(session, ids));
    }
  }
  if (ids.size === 0) return frames;
  if (ids.size > Object.keys(known).length) {
    const now: FoundIds = { runId, ids: Object.fromEntries(ids) };
    session.settings.set(foundIdsKey, now as unknown as SettingValue);
  }
  const own = (id: ObjectId): ObjectId => ids.get(id) ?? id;
  return frames.map((frame) => ({
    ...frame,
    objects: frame.objects.map((object) =>
      object.conceptId === null ? object : { ...object, objectId: own(object.objectId) },
    ),
    retracted: frame.retracted.map(own),
  }));
}

/** Objects of a run whose number is not the tracker's. */
export function renumbered(session: SessionReader, runId: RunId): readonly ObjectId[] {
  const noted = session.settings.get(foundIdsKey) as unknown as FoundIds | undefined;
  return noted?.runId === runId ? Object.values(noted.ids).map((id) => objectId(id)) : [];
}

/** Whether the session has given a number to something else than what this phrase found. */
function isTaken(
  session: SessionWriter,
  id: ObjectId,
  conceptId: ConceptId,
  ids: ReadonlyMap<number, ObjectId>,
): boolean {
  const has = session.objects.get(id);
  return (has !== null && has.conceptId !== conceptId) || [...ids.values()].includes(id);
}

function freeId(session: SessionWriter, ids: ReadonlyMap<number, ObjectId>): ObjectId {
  return objectId(Math.max(session.objects.nextId(), ...[...ids.values()].map((id) => id + 1)));
}
