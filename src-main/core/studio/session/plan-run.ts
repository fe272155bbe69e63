import { createHash } from 'node:crypto';
import { type EngineNote, engineNote } from '../../../../src-shared/domain/engine-note.ts';
import {
  type ConceptId,
  type FrameIndex,
  frameIndex,
  type ObjectId,
  type RunId,
} from '../../../../src-shared/domain/ids.ts';
import type { Direction, FrameRange, Prompt } from '../../../../src-shared/domain/prompt.ts';
import type { MemoryPolicyName, TrackingPolicyName } from '../../../../src-shared/domain/track.ts';
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
import { basesInUse, lockedOwners, noteMixed } from './finish-run.ts';
import { forgetFoundObjects, withEarlierFinds } from './found-before.ts';
import { goesOn, isSearchedThrough, type SearchBases, type SearchWish, searchBases } from './found-records.ts';
import {
  isCovered,
  type Owner,
  type OwnerRecord,
  promptsByOwner,
  readRecords,
  saidOf,
  trackedCount,
  trackingState,
} from './owner-records.ts';
import { resolveRange } from './resolve-range.ts';
import { baseOf, questionsOf, type RunQuestions, reaches } from './run-bases.ts';
import { type RunShape, runLength } from './run-length.ts';
import { type RunSettings, settingsOf } from './run-settings.ts';

/** Everything that decides the result of a run, besides the prompts. */
export interface RunWish {
  readonly packId: string;
  readonly packHash: string;
  readonly provider: string;
  readonly appVersion: string;
  readonly range: { readonly first: number | null; readonly last: number | null };
  readonly direction: Direction;
  readonly policy: TrackingPolicyName;
  readonly memoryPolicy: MemoryPolicyName | null;
  readonly resume: boolean;
  /** Only these; null: all. */
  readonly objectIds: readonly ObjectId[] | null;
  readonly conceptIds: readonly ConceptId[] | null;
  /** `agreement`: a correction; only as far as the track differs from the one before, or to the next prompt. */
  readonly until: 'end' | 'agreement';
}

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

type Owners = ReadonlyMap<Owner, readonly PromptRecord[]>;

/**
 * Decides what has to run and opens the run: only objects and concepts whose prompts, pack, policies or range changed since they were last
 * tracked, and that are not locked. An object whose earlier prompts all stand goes on from what it remembered then. Throws `no-prompts`, `range-invalid`,
 * `session-mismatch`; then nothing is changed.
 */
export function planRun(session: SessionWriter, wish: RunWish): RunPlan {
  return session.transaction(() => planned(session, wish));
}

function planned(session: SessionWriter, wish: RunWish): RunPlan {
  const latest = session.runs.latest();
  if (wish.resume && latest !== null && latest.state !== 'done') return resumeRun(session, wish, latest);
  if (latest?.state === 'interrupted') noteMixed(session, latest);
  const asked = resolveRange(wish.range, session.media.get().info.frameCount);
  const mends = wish.until === 'agreement' && onlyAdds(session, wish);
  const range = mends ? untilPrompt(session, asked, wish) : asked;
  const facts = factsOf(wish);
  const { owners, notes } = ownersInRange(session, range, wish, facts);
  const records = readRecords(session);
  const search = { facts, range, direction: wish.direction, start: startOf(wish, range) };
  const wanted = { ...range, direction: wish.direction, policy: wish.policy, mends };
  const stale = new Map(
    [...owners].filter(
      ([owner, prompts]) =>
        !isSearchedThrough(session, prompts, search) &&
        (!isCovered(records[owner], prompts, facts, wanted) || !hasNotedSearch(session, owner, records[owner])),
    ),
  );
  if (stale.size === 0) return { kind: 'up-to-date' };
  const { searches, ...way } = wayOf(session, wish, stale, search);
  forgetFoundObjects(session, new Map([...stale].filter(([owner]) => !searches.has(owner))));
  for (const { id } of session.objects.all()) if (stale.has(`object:${id}`)) beginComparison(session, id);
  const settings: RunSettings = {
    policy: wish.policy,
    memoryPolicy: wish.memoryPolicy,
    nextObjectId: session.objects.nextId(),
    facts,
    mends,
    start: search.start,
    searches: searchesOf(stale, { ...way, start: search.start, goesOn: goesOn(searches) }),
    goesOn: goesOn(searches),
    said: Object.fromEntries([...stale].map(([owner, prompts]) => [owner, saidOf(prompts)])),
  };
  const { packId, packHash, provider, appVersion } = wish;
  const facets = { packId, packHash, provider, appVersion, range: way.range, direction: way.direction };
  const run = session.runs.begin({ ...facets, settings: settings as unknown as SettingValue }, basesInUse(session));
  const work = workOf(session, run, stale, facts, searches);
  return { ...work, resume: null, resumedFrames: 0, notes: [...notes, ...way.notes] };
}

/**
 * The frames that a run goes over, with the searches that go on. One that begins anew may have to go over frames or a direction that were not
 * asked for; then nothing is the way back of another run any more, and every search begins anew.
 */
function wayOf(session: SessionReader, wish: RunWish, owners: Owners, search: SearchWish) {
  const { range, facts } = search;
  const asked = { range, direction: wish.direction, policy: wish.policy };
  const searches = searchBases(session, owners, search);
  const anew = new Map([...owners].filter(([owner]) => !searches.has(owner)));
  const way = withEarlierFinds(session, asked, anew, facts);
  if (searches.size === 0 || way.notes.length === 0) return { ...way, searches };
  return { ...withEarlierFinds(session, asked, owners, facts), searches: new Map() as SearchBases };
}

/** Runs of older versions did not note where a phrase was looked for, which redaction must know. */
function hasNotedSearch(session: SessionReader, owner: Owner, record: OwnerRecord | undefined): boolean {
  if (!owner.startsWith('concept:') || record === undefined || record.runId === null) return true;
  const run = session.runs.get(record.runId);
  return run === null || settingsOf(run).searches?.[owner] !== undefined;
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

/** Whether nothing was changed or taken back of what the objects that run were tracked with: else their tracks cannot stand beside a correction. */
function onlyAdds(session: SessionReader, wish: RunWish): boolean {
  const records = readRecords(session);
  const owners = [...wishedOwners(promptsByOwner(session), wish)];
  return owners.every(([owner, prompts]) => trackedCount(records[owner]?.said, saidOf(prompts)) !== null);
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

function ownersInRange(
  session: SessionWriter,
  range: FrameRange,
  wish: RunWish,
  facts: string,
): { owners: Owners; notes: EngineNote[] } {
  const all = wishedOwners(promptsByOwner(session), wish);
  if (all.size === 0) {
    throw new StudioError(
      'no-prompts',
      'user',
      'There is nothing to track yet; add a point, a box, a mask or a phrase first.',
    );
  }
  const locked = lockedOwners(session);
  const free = [...all].filter(([owner]) => !locked.has(owner));
  const kept = [...all.keys()].filter((owner) => locked.has(owner)).map(ownerText);
  const notes = kept.length === 0 ? [] : [engineNote('left-locked', { names: kept.join(', ') })];
  if (free.length === 0) return { owners: new Map(), notes };
  const inside = ({ prompt }: PromptRecord) => prompt.frameIndex >= range.first && prompt.frameIndex <= range.last;
  const remembers = (owner: Owner, prompts: readonly PromptRecord[]) => {
    const base = baseOf(session, owner, prompts, facts);
    return base !== null && reaches(base, range, wish.policy);
  };
  // A reference predictor is told where to start, not what: it tracks every object from there.
  const takesAll = wish.policy === 'reference';
  const owners = new Map(
    free.filter(([owner, prompts]) => takesAll || prompts.some(inside) || remembers(owner, prompts)),
  );
  const left = free.flatMap(([owner]) => (owners.has(owner) ? [] : [ownerText(owner)]));
  if (owners.size === 0) {
    throw new StudioError(
      'range-invalid',
      'user',
      `No prompt lies in the frames ${range.first} to ${range.last}; widen the range or prompt a frame inside it.`,
    );
  }
  if (left.length > 0) notes.push(engineNote('left-outside', { names: left.join(', ') }));
  return { owners, notes };
}

function wishedOwners(all: Owners, { objectIds, conceptIds }: RunWish): Owners {
  const wanted = ({ prompt }: PromptRecord) =>
    'objectId' in prompt
      ? (objectIds?.includes(prompt.objectId) ?? true)
      : (conceptIds?.includes(prompt.conceptId) ?? true);
  return new Map([...all].filter(([, [first]]) => wanted(first)));
}

/**
 * The part of a range up to the next prompt of the objects that run, because what comes after it was tracked from there, and no further than
 * they were tracked before: there is nothing to agree with.
 */
function untilPrompt(session: SessionReader, { first, last }: FrameRange, wish: RunWish): FrameRange {
  const owners = wishedOwners(promptsByOwner(session), wish);
  const frames = [...owners.values()].flat().map(({ prompt }) => prompt.frameIndex as number);
  const spans = (wish.objectIds ?? []).flatMap((id) => session.masks.coverage(id));
  if (wish.direction !== 'backward') {
    const next = Math.min(last + 1, ...frames.filter((frame) => frame > first));
    const tracked = Math.max(first, ...spans.map((span) => span.last));
    return { first, last: frameIndex(Math.min(next - 1, tracked)) };
  }
  const previous = Math.max(first - 1, ...frames.filter((frame) => frame < last));
  const tracked = Math.min(last, ...spans.map((span) => span.first));
  return { first: frameIndex(Math.max(previous + 1, tracked)), last };
}

function ownerText(owner: Owner): string {
  return owner.replace(':', ' ');
}

/** The reference starts where it is told to, on whichever side of the prompts that is, and tracks every object from there. */
function startOf({ policy, direction, range: { first, last } }: RunWish, range: FrameRange): FrameIndex | null {
  if (policy !== 'reference') return null;
  if (direction === 'forward' && first !== null) return range.first;
  return direction === 'backward' && last !== null ? range.last : null;
}

/** Everything but prompts and range that decides the masks. */
function factsOf({ packHash, policy, memoryPolicy }: RunWish): string {
  return createHash('sha256')
    .update(JSON.stringify([packHash, policy, memoryPolicy]))
    .digest('hex');
}
