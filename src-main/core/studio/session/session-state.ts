import type { SessionState, TrackingState } from '../../../../src-shared/contract/results.ts';
import type { SessionReader } from '../../store/index.ts';
import { type Owner, promptsByOwner, readRecords, saidOf, trackingState } from './owner-records.ts';

/** Everything a host shows of an open session, read now. */
export function sessionStateOf(session: SessionReader): SessionState {
  const owners = promptsByOwner(session);
  const records = readRecords(session);
  const stateOf = (owner: Owner): TrackingState => trackingState(records[owner]?.said, saidOf(owners.get(owner) ?? []));
  return {
    sessionPath: session.path,
    video: session.media.get().info,
    objects: session.objects.all().map(({ id, name, colour, conceptId, className, hidden, locked, groupName }) => {
      // An object that a concept found was tracked by that run, unless a person has corrected it since.
      const found = conceptId !== null && !owners.has(`object:${id}`);
      const tracking = found ? 'tracked' : stateOf(`object:${id}`);
      return { objectId: id, name, colour, conceptId, tracking, className, hidden, locked, groupName };
    }),
    concepts: session.concepts
      .all()
      .map(({ id, phrase }) => ({ conceptId: id, phrase, tracking: stateOf(`concept:${id}`) })),
    prompts: session.prompts.all().map(({ id, round, prompt }) => ({ promptId: id, round, prompt })),
    reviews: session.reviews.all(),
    runs: session.runs.all().map(({ id, packId, state, range, direction, startedMillis, endedMillis }) => ({
      runId: id,
      packId,
      state,
      range,
      direction,
      startedAtMillis: startedMillis,
      endedAtMillis: endedMillis,
    })),
    trackedFrameCount: session.masks.framesTracked(),
    nextObjectId: session.objects.nextId(),
    history: session.journal.state(),
  };
}
