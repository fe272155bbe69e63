import type { ConceptId, FrameIndex, ObjectId, RunId } from '../../../../src-shared/domain/ids.ts';
import type { Direction, FrameRange } from '../../../../src-shared/domain/prompt.ts';
import type { PromptRecord, SessionReader } from '../../store/index.ts';
import { lockedObjects } from './edit-objects.ts';
import { renumbered } from './found-ids.ts';
import {
  type Covered,
  type Owner,
  objectOwner,
  promptsByOwner,
  readRecords,
  saidOf,
  trackingState,
} from './owner-records.ts';

/** A search that continues the one before it the other way, with what that one found. */
export interface SearchBase {
  readonly conceptId: ConceptId;
  readonly runId: RunId;
  /** Found objects that no person has a say in, and locked ones. */
  readonly objectIds: readonly ObjectId[];
}

/**
 * What a finished run knows of objects that phrases found: they were told nothing, and a correction goes on from there. Objects that
 * bear another number than in the run's memory are left out.
 */
export function foundByRun(
  session: SessionReader,
  runId: RunId,
  owners: readonly string[],
): Record<string, readonly []> {
  const others = new Set([...renumbered(session, runId), ...lockedObjects(session), ...promptedObjects(session)]);
  const found = session.objects
    .all()
    .filter(({ id, conceptId }) => owners.includes(`concept:${conceptId}`) && !others.has(id))
    .filter(({ id }) => session.masks.runsOf(id).includes(runId));
  return Object.fromEntries(found.map(({ id }) => [objectOwner(id), []]));
}

/** A run as a search sees it. `start`: where a reference predictor was told to begin; then a search begins anew. */
export interface SearchWish {
  readonly facts: string;
  readonly range: FrameRange;
  readonly direction: Direction;
  readonly start: FrameIndex | null;
}

/** Concepts of a run that go on, by owner. */
export type SearchBases = ReadonlyMap<Owner, SearchBase>;

export function searchBases(
  session: SessionReader,
  owners: ReadonlyMap<Owner, readonly PromptRecord[]>,
  wish: SearchWish,
): SearchBases {
  const bases = new Map<Owner, SearchBase>();
  for (const [owner, prompts] of owners) {
    const base = searchBase(session, prompts, wish);
    if (base !== null) bases.set(owner, base);
  }
  return bases;
}

export function goesOn(searches: SearchBases): readonly ConceptId[] {
  return [...searches.values()].map(({ conceptId }) => conceptId);
}

/** Whether a search that would go on has no frame left. */
export function isSearchedThrough(session: SessionReader, prompts: readonly PromptRecord[], wish: SearchWish): boolean {
  const { first, last } = wish.range;
  const end = wish.direction === 'backward' ? first : last;
  return startOf(prompts) === end && searchBase(session, prompts, wish) !== null;
}

/**
 * The search that the prompts of a concept go on from: with the same prompts, pack and policies it went the other way, and only that, from
 * a frame in the range (sam-pipeline 2.3: the second half of both). null: a search begins anew.
 */
function searchBase(session: SessionReader, prompts: readonly PromptRecord[], wish: SearchWish): SearchBase | null {
  const [{ prompt: first }] = prompts;
  if (!('conceptId' in first) || wish.direction === 'both' || wish.start !== null) return null;
  const { conceptId } = first;
  const { runId = null, facts, said, covered = [] } = readRecords(session)[`concept:${conceptId}`] ?? {};
  if (runId === null || facts !== wish.facts || session.snapshots.latest(runId) === null) return null;
  const start = startOf(prompts);
  const holds = (range: Pick<Covered, 'first' | 'last'>) => range.first <= start && start <= range.last;
  const otherWay = wish.direction === 'backward' ? 'forward' : 'backward';
  const went = covered.some(holds) && covered.every(({ direction }) => direction === otherWay);
  if (!went || !holds(wish.range) || trackingState(said, saidOf(prompts)) !== 'tracked') return null;
  return { conceptId, runId, objectIds: members(session, conceptId, runId) };
}

function startOf(prompts: readonly PromptRecord[]): number {
  return Math.min(...prompts.map(({ prompt }) => prompt.frameIndex));
}

/** A locked object is followed, so that it is not found again, and stays as it is (see `commitFrames`). */
function members(session: SessionReader, concept: ConceptId, run: RunId): readonly ObjectId[] {
  const records = readRecords(session);
  const prompted = new Set(promptedObjects(session));
  const foreign = new Set(renumbered(session, run));
  const isKnown = (id: ObjectId, locked: boolean) =>
    locked
      ? session.masks.runsOf(id).includes(run) && !foreign.has(id)
      : records[objectOwner(id)]?.runId === run && !prompted.has(id);
  return session.objects
    .all()
    .flatMap(({ id, conceptId, locked }) => (conceptId === concept && isKnown(id, locked) ? [id] : []));
}

function promptedObjects(session: SessionReader): readonly ObjectId[] {
  const owners = [...promptsByOwner(session).values()];
  return owners.flatMap(([{ prompt }]) => ('objectId' in prompt ? [prompt.objectId] : []));
}
