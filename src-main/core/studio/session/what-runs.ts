import { createHash } from 'node:crypto';
import type { TrackingPlan } from '../../../../src-shared/contract/tracking-contract.ts';
import { type EngineNote, engineNote } from '../../../../src-shared/domain/engine-note.ts';
import {
  type ConceptId,
  conceptId,
  type FrameIndex,
  frameIndex,
  type ObjectId,
  objectId,
} from '../../../../src-shared/domain/ids.ts';
import type { Direction, FrameRange } from '../../../../src-shared/domain/prompt.ts';
import type { MemoryPolicyName, TrackingPolicyName } from '../../../../src-shared/domain/track.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { PromptRecord, RunRecord, SessionReader } from '../../store/index.ts';
import { lockedObjects } from './edit-objects.ts';
import { lostFinds, withEarlierFinds } from './found-before.ts';
import { goesOn, isSearchedThrough, type SearchBases, type SearchWish, searchBases } from './found-records.ts';
import {
  isCovered,
  type Owner,
  type OwnerRecord,
  objectOf,
  promptsByOwner,
  readRecords,
  saidOf,
  trackedCount,
} from './owner-records.ts';
import { resolveRange } from './resolve-range.ts';
import { baseOf, reaches } from './run-bases.ts';
import { runLength } from './run-length.ts';
import { settingsOf } from './run-settings.ts';

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

/** What of a wish decides what is to be done; who does it is known once a pack is open. */
export type WorkWish = Omit<RunWish, 'packId' | 'provider' | 'appVersion'>;

export type Owners = ReadonlyMap<Owner, readonly PromptRecord[]>;

/** What a wish comes to. */
interface RunWork {
  /** What is not up to date; none: nothing is to be done. */
  readonly owners: Owners;
  /** Searches that go on the other way. */
  readonly searches: SearchBases;
  readonly range: FrameRange;
  readonly direction: Direction;
  /** Where a reference starts; null: at the prompts. */
  readonly start: FrameIndex | null;
  readonly facts: string;
  /** A correction that only adds to what was tracked. */
  readonly mends: boolean;
  readonly notes: readonly EngineNote[];
}

/**
 * Decides what has to run for a wish, and changes nothing: only objects and concepts whose prompts, pack, policies or range changed since they
 * were last tracked, and that are not locked. Throws `no-prompts`, `range-invalid`.
 */
export function whatRuns(session: SessionReader, wish: WorkWish): RunWork {
  const asked = resolveRange(wish.range, session.media.get().info.frameCount);
  const mends = wish.until === 'agreement' && onlyAdds(session, wish);
  const range = mends ? untilPrompt(session, asked, wish) : asked;
  const facts = factsOf(wish);
  const { owners, notes } = ownersInRange(session, range, wish, facts);
  const records = readRecords(session);
  const search = { facts, range, direction: wish.direction, start: startOf(wish, range) };
  const wanted = { ...range, direction: wish.direction, policy: wish.policy, mends };
  const latest = session.runs.latest();
  const mixed = latest?.state === 'interrupted' ? mixedOwners(session, latest) : [];
  const stale = new Map(
    [...owners].filter(
      ([owner, prompts]) =>
        mixed.includes(owner) ||
        (!isSearchedThrough(session, prompts, search) &&
          (!isCovered(records[owner], prompts, facts, wanted) || !hasNotedSearch(session, owner, records[owner]))),
    ),
  );
  const { notes: widened, searches, ...way } = wayOf(session, wish, stale, search);
  return { ...way, owners: stale, searches, start: search.start, facts, mends, notes: [...notes, ...widened] };
}

/** Whether a model need not be opened at all. Refuses what none could do: throws `no-prompts`, `range-invalid`. */
export function isUpToDate(session: SessionReader, wish: WorkWish): boolean {
  const latest = session.runs.latest();
  if (latest === null || latest.state === 'done') return whatRuns(session, wish).owners.size === 0;
  // A run that did not end may be resumed, or has left owners mixed: the plan of the run says what comes of it.
  resolveRange(wish.range, session.media.get().info.frameCount);
  askedOwners(session, wish);
  return false;
}

/** What a person is told before a run begins. Throws as `whatRuns`. */
export function previewRun(session: SessionReader, wish: WorkWish): TrackingPlan {
  const { owners, searches, range, direction, start } = whatRuns(session, wish);
  const idsOf = (kind: 'object' | 'concept') =>
    [...owners.keys()].filter((owner) => owner.startsWith(kind)).map((owner) => Number(owner.slice(kind.length + 1)));
  const prompts = [...owners.values()].flat().map(({ prompt }) => prompt);
  const shape = { range, direction, policy: wish.policy, start, prompts, goesOn: goesOn(searches) };
  const { forward, backward } = runLength(shape);
  return {
    objectIds: idsOf('object').map(objectId),
    conceptIds: idsOf('concept').map(conceptId),
    range,
    frameCount: prompts.length === 0 ? 0 : forward + backward,
  };
}

/**
 * The frames that a run goes over, with the searches that go on. One that begins anew may have to go over frames or a direction that were not
 * asked for; then nothing is the way back of another run any more, and every search begins anew.
 */
function wayOf(session: SessionReader, wish: WorkWish, owners: Owners, search: SearchWish) {
  const { range, facts } = search;
  const asked = { range, direction: wish.direction, policy: wish.policy };
  const searches = searchBases(session, owners, search);
  const anew = new Map([...owners].filter(([owner]) => !searches.has(owner)));
  const way = withEarlierFinds(session, asked, anew, facts);
  if (searches.size === 0 || way.notes.length === 0)
    return { ...way, searches, notes: [...way.notes, ...lostFinds(session, way, anew)] };
  const wide = withEarlierFinds(session, asked, owners, facts);
  const none: SearchBases = new Map();
  return { ...wide, searches: none, notes: [...wide.notes, ...lostFinds(session, wide, owners)] };
}

/** Runs of older versions did not note where a phrase was looked for, which redaction must know. */
function hasNotedSearch(session: SessionReader, owner: Owner, record: OwnerRecord | undefined): boolean {
  if (!owner.startsWith('concept:') || record === undefined || record.runId === null) return true;
  const run = session.runs.get(record.runId);
  return run === null || settingsOf(run).searches?.[owner] !== undefined;
}

/** Whether nothing was changed or taken back of what the objects that run were tracked with: else their tracks cannot stand beside a correction. */
function onlyAdds(session: SessionReader, wish: WorkWish): boolean {
  const records = readRecords(session);
  const owners = [...wishedOwners(promptsByOwner(session), wish)];
  return owners.every(([owner, prompts]) => trackedCount(records[owner]?.said, saidOf(prompts)) !== null);
}

/** Objects that a run replaced in part with other facts (another pack, another policy) are not up to date with what they had before. */
export function mixedOwners(session: SessionReader, run: RunRecord | null): readonly string[] {
  if (run === null || (run.forwardCommitted === null && run.backwardCommitted === null)) return [];
  const { facts = '', said = {} } = settingsOf(run);
  const records = readRecords(session);
  const isTouched = (owner: string) => {
    const id = objectOf(owner as Owner);
    return id === null || session.masks.runsOf(id).includes(run.id);
  };
  return Object.keys(said).filter((owner) => owner in records && records[owner].facts !== facts && isTouched(owner));
}

function ownersInRange(
  session: SessionReader,
  range: FrameRange,
  wish: WorkWish,
  facts: string,
): { owners: Owners; notes: EngineNote[] } {
  const all = askedOwners(session, wish);
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

/** Objects that a person locked, as owners of prompts. */
export function lockedOwners(session: SessionReader): ReadonlySet<string> {
  return new Set([...lockedObjects(session)].map((id): Owner => `object:${id}`));
}

function askedOwners(session: SessionReader, wish: WorkWish): Owners {
  const all = wishedOwners(promptsByOwner(session), wish);
  if (all.size > 0) return all;
  const message = 'There is nothing to track yet; add a point, a box, a mask or a phrase first.';
  throw new StudioError('no-prompts', 'user', message);
}

function wishedOwners(all: Owners, { objectIds, conceptIds }: Pick<RunWish, 'objectIds' | 'conceptIds'>): Owners {
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
function untilPrompt(session: SessionReader, { first, last }: FrameRange, wish: WorkWish): FrameRange {
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
function startOf({ policy, direction, range: { first, last } }: WorkWish, range: FrameRange): FrameIndex | null {
  if (policy !== 'reference') return null;
  if (direction === 'forward' && first !== null) return range.first;
  return direction === 'backward' && last !== null ? range.last : null;
}

/** Everything but prompts and range that decides the masks. */
export function factsOf({ packHash, policy, memoryPolicy }: WorkWish): string {
  return createHash('sha256')
    .update(JSON.stringify([packHash, policy, memoryPolicy]))
    .digest('hex');
}
