import type { SessionState, TrackingState } from '../../../../src-shared/contract/results.ts';
import type { SessionReader } from '../../store/index.ts';
import { comparisonStates } from './comparisons.ts';
import {
  type Owner,
  promptsByOwner,
  readRecords,
  saidOf,
  staleSpans,
  trackedCount,
  trackingState,
} from './owner-records.ts';
import { isResumable } from './plan-run.ts';
import { objectsOf, runProgress } from './run-progress.ts';

/** Everything a host shows of an open session, read now. */
export function sessionStateOf(session: SessionReader): SessionState {
  const owners = promptsByOwner(session);
  const records = readRecords(session);
  const stateOf = (owner: Owner): TrackingState => trackingState(records[owner]?.said, saidOf(owners.get(owner) ?? []));
  const video = session.media.get().info;
  const staleOf = (owner: Owner) => staleSpans(records[owner]?.said, owners.get(owner) ?? [], video.frameCount);
  const isTakenBack = (owner: Owner) => trackedCount(records[owner]?.said, saidOf(owners.get(owner) ?? [])) === null;
  return {
    sessionPath: session.path,
    video,
    objects: session.objects.all().map(({ id, name, colour, conceptId, className, hidden, locked, groupName }) => {
      // An object that a concept found was tracked by that run, unless a person has corrected it since.
      const found = conceptId !== null && !owners.has(`object:${id}`);
      return {
        objectId: id,
        name,
        colour,
        conceptId,
        className,
        hidden,
        locked,
        groupName,
        tracking: found ? 'tracked' : stateOf(`object:${id}`),
        takenBack: !found && isTakenBack(`object:${id}`),
        stale: found ? [] : staleOf(`object:${id}`),
        bestDetection: conceptId === null ? null : session.masks.bestDetection(id),
      };
    }),
    concepts: session.concepts.all().map(({ id, phrase, threshold }) => ({
      conceptId: id,
      phrase,
      threshold,
      tracking: stateOf(`concept:${id}`),
    })),
    prompts: session.prompts.all().map(({ id, round, prompt }) => ({ promptId: id, round, prompt })),
    reviews: session.reviews.all(),
    runs: session.runs.all().map((run) => ({
      runId: run.id,
      packId: run.packId,
      state: run.state,
      range: run.range,
      direction: run.direction,
      objectIds: objectsOf(run),
      ...runProgress(session, run),
      resumable: isResumable(session, run),
      startedAtMillis: run.startedMillis,
      endedAtMillis: run.endedMillis,
    })),
    comparisons: comparisonStates(session),
    trackedFrameCount: session.masks.framesTracked(),
    nextObjectId: session.objects.nextId(),
    history: session.journal.state(),
  };
}
