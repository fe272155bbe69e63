import type { ComparisonState, FrameMasks } from '../../../../src-shared/contract/results.ts';
import type { FrameIndex, ObjectId } from '../../../../src-shared/domain/ids.ts';
import type { ComparisonRecord, SessionReader, SessionWriter, SettingValue } from '../../store/index.ts';
import { refuseLocked } from './edit-objects.ts';
import { type OwnerRecord, promptsByOwner, readRecords, saidOf, trackedCount, trackingState } from './owner-records.ts';

/** Keeps what the masks of an object look like now, before an answer or a run replaces them; nothing for one that no run has tracked. */
export function beginComparison(session: SessionWriter, id: ObjectId): void {
  const record = readRecords(session)[`object:${id}`] ?? null;
  const prompts = promptsByOwner(session).get(`object:${id}`) ?? [];
  const corrects = trackingState(record?.said, saidOf(prompts)) === 'changed';
  session.comparisons.begin(id, record as unknown as SettingValue, corrects);
}

/** Objects whose masks differ from those they had before; what a person may still keep or revert. */
export function comparisonStates(session: SessionReader): readonly ComparisonState[] {
  return session.comparisons.open().flatMap((comparison) => {
    const changed = session.comparisons.changed(comparison);
    if (changed.length === 0) return [];
    const frames = changed.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    return [{ objectId: comparison.objectId, changed, changedFrameCount: frames }];
  });
}

/** The masks that were there before on one frame, of every object that is being compared and whose mask there was replaced. */
export function earlierMasksAt(session: SessionReader, frameIndex: FrameIndex): FrameMasks {
  const masks = session.comparisons.open().flatMap((comparison) => {
    const row = session.comparisons.earlier(comparison, frameIndex);
    return row === null ? [] : [row];
  });
  return {
    frameIndex,
    masks: masks.map(({ objectId, mask, source, scores, provisional }) => ({
      objectId,
      mask,
      source,
      scores,
      provisional,
    })),
  };
}

/** Ends the comparison of some objects with their present masks: one undoable step. */
export function keepChanges(session: SessionWriter, objectIds: readonly ObjectId[]): void {
  session.journal.step('Keep masks', () => {
    for (const comparison of named(session, objectIds)) session.comparisons.keep(comparison);
  });
}

/**
 * Puts the earlier masks of some objects back, exactly, and takes back what was said about them since those were tracked: one undoable step.
 * Where a prompt of that time was changed or removed, prompts stay as they are. Throws `object-locked`.
 */
export function revertChanges(session: SessionWriter, objectIds: readonly ObjectId[]): void {
  refuseLocked(session, objectIds);
  session.journal.step('Revert masks', () => {
    for (const comparison of named(session, objectIds)) {
      const prompts = promptsByOwner(session).get(`object:${comparison.objectId}`) ?? [];
      const record = recordOf(comparison);
      const known = trackedCount(record?.said, saidOf(prompts));
      // What a phrase found was tracked without a prompt of its own; older versions kept no record of it.
      const wasFound = (record?.said ?? []).length === 0 && session.objects.get(comparison.objectId)?.conceptId != null;
      if (known !== null && (known > 0 || wasFound))
        for (const { id } of prompts.slice(known)) session.prompts.remove(id);
      session.comparisons.revert(comparison);
    }
  });
}

/**
 * After an edit: where corrections were taken back before they were tracked, the masks that their answers had replaced return. Removed
 * corrections thereby leave nothing behind.
 */
export function settleComparisons(session: SessionWriter): void {
  const open = session.comparisons.open();
  if (open.length === 0 || session.runs.latest()?.state === 'running') return;
  const owners = promptsByOwner(session);
  const records = readRecords(session);
  for (const comparison of open) {
    const owner = `object:${comparison.objectId}` as const;
    const earlier = recordOf(comparison);
    if (!comparison.corrects || earlier === null || records[owner]?.runId !== earlier.runId) continue;
    if (trackingState(earlier.said, saidOf(owners.get(owner) ?? [])) === 'tracked')
      session.comparisons.restore(comparison);
  }
}

/**
 * Makes an edit of prompts; answers whose prompts are gone after it go as well, and what they had replaced comes back. Answers that changed
 * hands, and what a run has made, stay.
 */
export function withoutUnasked(session: SessionWriter, edit: (session: SessionWriter) => void): void {
  const before = session.masks.answers();
  edit(session);
  if (session.runs.latest()?.state === 'running') return;
  settleComparisons(session);
  const now = session.masks.answers();
  session.masks.forgetAnswers(new Map([...before].filter(([id]) => !now.has(id))));
}

/** At the end of a run, however it ended: where it came to the same masks, there is nothing to keep or revert. */
export function dropEqualComparisons(session: SessionWriter): void {
  for (const comparison of session.comparisons.open()) {
    if (session.comparisons.changed(comparison).length === 0) session.comparisons.drop(comparison);
  }
}

/** Runs whose memory an object goes on from when its comparison is reverted. */
export function comparedRuns(session: SessionReader) {
  return session.comparisons.open().flatMap((comparison) => recordOf(comparison)?.runId ?? []);
}

function named(session: SessionReader, objectIds: readonly ObjectId[]): readonly ComparisonRecord[] {
  return session.comparisons.open().filter(({ objectId }) => objectIds.includes(objectId));
}

/** How an object was tracked before its comparison was opened; null: not at all. */
export function recordOf({ record }: ComparisonRecord): OwnerRecord | null {
  return record as unknown as OwnerRecord | null;
}
