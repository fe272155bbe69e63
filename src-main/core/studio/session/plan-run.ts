import type { EngineNote } from '../../../../src-shared/domain/engine-note.ts';
import type { ConceptId, FrameIndex, ObjectId, RunId } from '../../../../src-shared/domain/ids.ts';
import type { Direction, FrameRange, Prompt } from '../../../../src-shared/domain/prompt.ts';
import type { TrackingPolicyName } from '../../../../src-shared/domain/track.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type {
  PromptRecord,
  RunRecord,
  SessionReader,
  SessionWriter,
  SettingValue,
  Snapshot,
} from '../../store/index.ts';
import { countAgreeingFrom } from './agreeing-frames.ts';
import { beginComparison } from './comparisons.ts';
import { basesInUse, noteMixed } from './finish-run.ts';
import { forgetFoundObjects } from './found-before.ts';
import { goesOn, type SearchBases, searchBases } from './found-records.ts';
import { type Owner, promptsByOwner, saidOf, trackingState } from './owner-records.ts';
import { questionsOf, type RunQuestions } from './run-bases.ts';
import { type RunShape, runLength } from './run-length.ts';
import { type RunSettings, settingsOf } from './run-settings.ts';
import { factsOf, lockedOwners, type Owners, type RunWish, whatRuns } from './what-runs.ts';

export type RunPlan =
  | { readonly kind: 'up-to-date' }
  | (RunQuestions & {
      readonly kind: 'run';
      readonly runId: RunId;
      readonly range: FrameRange;
      readonly direction: Direction;
      /** As wished, or as the run that is resumed began; `end` where a correction cannot be told from the track. */
      readonly until: RunWish['until'];
      /** Where tracking starts; null: at the prompts, as the policy says. */
      readonly start: FrameIndex | null;
      /** Every prompt of the objects and concepts that run, in order of creation. */
      readonly prompts: readonly Prompt[];
      readonly concepts: readonly { readonly conceptId: ConceptId; readonly phrase: string }[];
      readonly objectIds: readonly ObjectId[];
      readonly nextObjectId: number;
      /** Those of the concepts whose search goes on the other way. */
      readonly goesOn: readonly ConceptId[];
      readonly resume: Snapshot | null;
      readonly resumedFrames: number;
      /** Prompts left out because none of their object's frames lies in the range. */
      readonly notes: readonly EngineNote[];
    });

/**
 * Decides what has to run (see `whatRuns`) and opens the run. An object whose earlier prompts all stand goes on from what it remembered then.
 * Throws `no-prompts`, `range-invalid`, `session-mismatch`; then nothing is changed.
 */
export function planRun(session: SessionWriter, wish: RunWish): RunPlan {
  return session.transaction(() => planned(session, wish));
}

function planned(session: SessionWriter, wish: RunWish): RunPlan {
  const latest = session.runs.latest();
  if (wish.resume && latest !== null && latest.state !== 'done') return resumeRun(session, wish, latest);
  if (latest?.state === 'interrupted') noteMixed(session, latest);
  const { owners: stale, searches, facts, start, mends, notes, ...way } = whatRuns(session, wish);
  if (stale.size === 0) return { kind: 'up-to-date' };
  forgetFoundObjects(session, new Map([...stale].filter(([owner]) => !searches.has(owner))));
  for (const { id } of session.objects.all()) if (stale.has(`object:${id}`)) beginComparison(session, id);
  const settings: RunSettings = {
    policy: wish.policy,
    memoryPolicy: wish.memoryPolicy,
    nextObjectId: session.objects.nextId(),
    facts,
    mends,
    start,
    searches: searchesOf(stale, { ...way, policy: wish.policy, start, goesOn: goesOn(searches) }),
    goesOn: goesOn(searches),
    said: Object.fromEntries([...stale].map(([owner, prompts]) => [owner, saidOf(prompts)])),
  };
  const { packId, packHash, provider, appVersion } = wish;
  const facets = { packId, packHash, provider, appVersion, range: way.range, direction: way.direction };
  const run = session.runs.begin({ ...facets, settings: settings as unknown as SettingValue }, basesInUse(session));
  const work = workOf(session, run, stale, facts, searches);
  return { ...work, resume: null, resumedFrames: 0, notes };
}

/** As the tracker does it: a concept is looked for from its earliest prompt on, each way, where the pass comes by. */
function searchesOf(owners: Owners, run: Omit<RunShape, 'prompts'>): RunSettings['searches'] {
  const prompts = [...owners.values()].flat().map(({ prompt }) => prompt);
  const { start, turn } = runLength({ ...run, prompts });
  const concepts = [...owners].filter(([owner]) => owner.startsWith('concept:'));
  return Object.fromEntries(
    concepts.map(([owner, own]) => {
      const first = Math.min(...own.map(({ prompt }) => prompt.frameIndex));
      const asked = Math.min(run.range.last, Math.max(run.range.first, first));
      const back = run.direction === 'backward' ? asked : asked - 1;
      return [owner, { forward: Math.max(start, asked), backward: Math.min(turn, back) }];
    }),
  );
}

const regroupedRunKey = 'regroupedRun';

/** The latest run cannot be resumed any more: what it remembers mixes who was who. */
export function forbidResume(session: SessionWriter): void {
  session.settings.set(regroupedRunKey, session.runs.latest()?.id ?? null);
}

/** Whether a run that was stopped can go on with what is said, locked and called by now; pack and policies are for the wish to match. */
export function isResumable(session: SessionReader, run: RunRecord): boolean {
  if (run.state === 'done' || run.state === 'running' || run.id !== session.runs.latest()?.id) return false;
  const { said = {} } = settingsOf(run);
  const locked = lockedOwners(session);
  const isSame = ([owner, prompts]: readonly [Owner, readonly PromptRecord[]]) =>
    !locked.has(owner) && trackingState(said[owner], saidOf(prompts)) === 'tracked';
  return [...ownersOf(session, run)].every(isSame) && session.settings.get(regroupedRunKey) !== run.id;
}

/** What a run tracks, with its prompts as they are now. */
function ownersOf(session: SessionReader, run: RunRecord): Owners {
  const all = promptsByOwner(session);
  const { said = {} } = settingsOf(run);
  return new Map(Object.keys(said).map((owner) => [owner as Owner, all.get(owner as Owner) ?? []]));
}

function resumeRun(session: SessionWriter, wish: RunWish, run: RunRecord): RunPlan {
  const { facts = '' } = settingsOf(run);
  if (!isResumable(session, run) || facts !== factsOf(wish)) {
    throw new StudioError(
      'session-mismatch',
      'user',
      'The interrupted run cannot be resumed because prompts, locks, identities, pack or policy are not the same any more; track anew (without --resume), finished frames stay until they are replaced.',
    );
  }
  const snapshot = session.snapshots.latest(run.id);
  const again = session.runs.resume(run.id);
  countAgreeingFrom(session, run.id, snapshot);
  const owners = ownersOf(session, run);
  const { start = null, goesOn: going = [] } = settingsOf(run);
  const bases = [...searchBases(session, owners, { ...run, facts, start })];
  const searches = new Map(bases.filter(([, { conceptId }]) => going.includes(conceptId)));
  const work = workOf(session, again, owners, facts, searches);
  const resumedFrames = snapshot === null ? 0 : framesBefore(work, wish.policy, snapshot);
  return { ...work, resume: snapshot, resumedFrames, notes: [] };
}

/** Frames a run need not track again when it goes on after a snapshot. */
function framesBefore(work: ReturnType<typeof workOf>, policy: TrackingPolicyName, snapshot: Snapshot): number {
  const { forward, start, turn } = runLength({ ...work, policy });
  return snapshot.direction === 'forward' ? snapshot.frameIndex - start + 1 : forward + turn - snapshot.frameIndex + 1;
}

function workOf(session: SessionWriter, run: RunRecord, owners: Owners, facts: string, searches: SearchBases) {
  const concepts = session.concepts.all().filter(({ id }) => owners.has(`concept:${id}`));
  const records = [...owners.values()].flat().sort((a, b) => a.id - b.id);
  return {
    ...questionsOf(session, owners, facts, searches),
    kind: 'run' as const,
    runId: run.id,
    range: run.range,
    direction: run.direction,
    until: settingsOf(run).mends === true ? ('agreement' as const) : ('end' as const),
    start: settingsOf(run).start ?? null,
    prompts: records.map(({ prompt }) => prompt),
    concepts: concepts.map(({ id, phrase }) => ({ conceptId: id, phrase })),
    objectIds: session.objects.all().flatMap(({ id }) => (owners.has(`object:${id}`) ? [id] : [])),
    nextObjectId: settingsOf(run).nextObjectId ?? session.objects.nextId(),
    goesOn: goesOn(searches),
  };
}
