import type { RunId } from '../../../../src-shared/domain/ids.ts';
import type { ErrorCode } from '../../../../src-shared/errors/studio-error.ts';
import type { RunRecord, SessionReader, SessionWriter, Snapshot } from '../../store/index.ts';
import { comparedRuns, dropEqualComparisons } from './comparisons.ts';
import { foundByRun } from './found-records.ts';
import { noteFacts, noteTracked, type Owner, promptsByOwner, readRecords } from './owner-records.ts';
import { settingsOf } from './run-settings.ts';
import { lockedOwners, mixedOwners } from './what-runs.ts';

/** What the objects of a finished run remember. */
export type RunMemory = Omit<Snapshot, 'runId'>;

export type RunEnding =
  | { readonly state: 'done'; readonly memory: RunMemory | null }
  | { readonly state: 'cancelled' | 'failed'; readonly code: ErrorCode };

/** Ends a run, all of it or nothing; a done run makes its objects up to date, and its memory the one that they go on from. */
export function finishRun(session: SessionWriter, runId: RunId, ending: RunEnding): void {
  session.transaction(() => finish(session, runId, ending));
}

function finish(session: SessionWriter, runId: RunId, ending: RunEnding): void {
  if (ending.state !== 'done') {
    session.runs.finish(runId, ending.state, ending.code);
    noteMixed(session, session.runs.get(runId));
    dropEqualComparisons(session);
    return;
  }
  session.runs.finish(runId, 'done', null, ending.memory);
  const run = session.runs.get(runId);
  if (run === null) return;
  const { facts = '', said = {}, mends = false } = settingsOf(run);
  const locked = lockedOwners(session);
  const alive = new Set(session.concepts.all().map(({ id }) => `concept:${id}`));
  // What a phrase finds after it was removed is not kept, so should it come back it is looked for anew.
  const stands = (owner: string) => !locked.has(owner) && (!owner.startsWith('concept:') || alive.has(owner));
  const free = Object.fromEntries(Object.entries(said).filter(([owner]) => stands(owner)));
  const found = foundByRun(session, runId, Object.keys(free));
  noteTracked(
    session,
    { ...free, ...found },
    { facts, runId, covered: { ...run.range, direction: run.direction }, mends },
  );
  dropEqualComparisons(session);
  session.runs.forgetMemories(basesInUse(session));
}

export function noteMixed(session: SessionWriter, run: RunRecord | null): void {
  noteFacts(session, mixedOwners(session, run), 'mixed');
}

/** Runs whose memory some living object goes on from. */
export function basesInUse(session: SessionReader): readonly RunId[] {
  const alive = promptsByOwner(session);
  const records = Object.entries(readRecords(session));
  const used = records.flatMap(([owner, { runId }]) => (runId !== null && alive.has(owner as Owner) ? [runId] : []));
  return [...new Set([...used, ...comparedRuns(session)])];
}
