import { createHash } from 'node:crypto';
import type { TrackingState } from '../../../../src-shared/contract/results.ts';
import { frameIndex, type ObjectId, objectId, type RunId } from '../../../../src-shared/domain/ids.ts';
import type { Direction, FrameRange } from '../../../../src-shared/domain/prompt.ts';
import type { TrackingPolicyName } from '../../../../src-shared/domain/track.ts';
import {
  type PromptRecord,
  type SessionReader,
  type SessionWriter,
  type SettingValue,
  trackingRecordsKey,
} from '../../store/index.ts';
import { promptKey } from './apply-prompts.ts';

/** An object or concept that prompts speak about. */
export type Owner = `object:${number}` | `concept:${number}`;

/** What an owner was told: one short hash a prompt, in order of creation. */
export type Said = readonly string[];

/** Frames that a finished run went over for an owner. */
export interface Covered {
  readonly first: number;
  readonly last: number;
  readonly direction: Direction;
}

/** `told`: how many prompts the owner had then; absent in sessions of older versions. */
type CoveredThen = Covered & { readonly told?: number };

/** How an owner was last tracked to the end. */
export interface OwnerRecord {
  readonly said: Said;
  /** Hash of everything else that decides the masks: pack and policies. */
  readonly facts: string;
  readonly covered: readonly CoveredThen[];
  /** The run, in whose stored memory the object can go on; null: people have changed who is who since, so none can. */
  readonly runId: RunId | null;
}

export function objectOwner(id: number): Owner {
  return `object:${id}`;
}

/** null: a concept. */
export function objectOf(owner: Owner): ObjectId | null {
  return owner.startsWith('object:') ? objectId(Number(owner.slice('object:'.length))) : null;
}

export function ownerOf({ prompt }: Pick<PromptRecord, 'prompt'>): Owner {
  return 'objectId' in prompt ? `object:${prompt.objectId}` : `concept:${prompt.conceptId}`;
}

/** Every owner's prompts, in order of creation. */
export function promptsByOwner(session: SessionReader): Map<Owner, PromptRecord[]> {
  return Map.groupBy(session.prompts.all(), ownerOf);
}

/** Rounds count: prompts given one after the other are not the same as prompts given together. */
export function saidOf(prompts: readonly PromptRecord[]): Said {
  return prompts.map(({ prompt, round }) =>
    createHash('sha256')
      .update(`${round} ${promptKey(prompt)}`)
      .digest('hex')
      .slice(0, 16),
  );
}

export function readRecords(session: SessionReader): Readonly<Record<string, OwnerRecord>> {
  return (session.settings.get(trackingRecordsKey) ?? {}) as unknown as Readonly<Record<string, OwnerRecord>>;
}

/**
 * Notes that a run went over `covered` for some owners; what it continued stays covered too. `mends`: it went only as far as its correction
 * reaches, so the rest of the track stands as well.
 */
export function noteTracked(
  session: SessionWriter,
  said: Readonly<Record<string, Said>>,
  run: { readonly facts: string; readonly runId: RunId; readonly covered: Covered; readonly mends: boolean },
): void {
  const records = { ...readRecords(session) };
  for (const [owner, words] of Object.entries(said)) {
    const known = records[owner];
    const continued = known?.facts === run.facts && (run.mends || trackingState(known.said, words) === 'tracked');
    const now = { ...run.covered, told: words.length };
    const covered = continued ? [...known.covered, now] : [now];
    records[owner] = { said: words, facts: run.facts, covered, runId: run.runId };
  }
  session.settings.set(trackingRecordsKey, records as unknown as SettingValue);
}

/** Notes that the masks of some owners come from something else than their records say. */
export function noteFacts(session: SessionWriter, owners: readonly string[], facts: string): void {
  if (owners.length === 0) return;
  const records = { ...readRecords(session) };
  for (const owner of owners) records[owner] = { ...records[owner], facts, covered: [] };
  session.settings.set(trackingRecordsKey, records as unknown as SettingValue);
}

/**
 * Whether a wish asks for nothing that was not tracked already with the same prompts, pack and policies. `mends`: frames that were gone over
 * before the last prompt still want to be: a correction that was followed one way leaves the other way as it was.
 */
export function isCovered(
  record: OwnerRecord | undefined,
  prompts: readonly PromptRecord[],
  facts: string,
  wish: Covered & { readonly policy: TrackingPolicyName; readonly mends: boolean },
): boolean {
  const said = saidOf(prompts);
  if (record === undefined || record.facts !== facts || trackingState(record.said, said) !== 'tracked') return false;
  const holds = ({ first, last }: Omit<Covered, 'direction'>) => first <= wish.first && last >= wish.last;
  if (wish.direction === 'both' && !wish.mends && wish.policy === 'studio')
    return coveredBothWays(record, prompts).some(holds);
  return record.covered.some(
    (span) =>
      holds(span) &&
      (span.direction === wish.direction || span.direction === 'both') &&
      (!wish.mends || span.told === said.length),
  );
}

/**
 * Stretches that were gone over as the studio does it both ways: in one run, forward from the first prompt on, or, for an object that was
 * prompted on one frame only, from there one way after the other. A phrase that is asked for both ways is looked for anew.
 */
function coveredBothWays({ covered }: OwnerRecord, prompts: readonly PromptRecord[]): readonly FrameRange[] {
  const goneOver = (direction: Direction) => covered.filter((span) => span.direction === direction);
  const frames = prompts.map(({ prompt }) => prompt.frameIndex as number);
  const [start, end] = [Math.min(...frames), Math.max(...frames)];
  const ahead = goneOver('forward')
    .filter(({ last }) => last >= start)
    .map(({ first, last }) => ({ first: Math.max(first, start), last }));
  const isOneFrame = start === end && prompts.every(({ prompt }) => 'objectId' in prompt);
  const back = goneOver('backward')
    .filter(({ first, last }) => isOneFrame && first <= start && last >= start)
    .map(({ first }) => ({ first, last: start }));
  const joined = back.flatMap(({ first }) =>
    ahead.filter((span) => span.first === start).map(({ last }) => ({ first, last })),
  );
  return [...goneOver('both'), ...ahead, ...back, ...joined].map(({ first, last }) => rangeOf(first, last));
}

/** Whether what an owner has been told is what it was last tracked with. */
export function trackingState(tracked: Said | undefined, now: Said): TrackingState {
  if (tracked === undefined) return 'new';
  return tracked.length === now.length && tracked.every((hash, index) => hash === now[index]) ? 'tracked' : 'changed';
}

/** How many of the prompts, from the first, are those of `tracked`; null when one of those was changed or taken back. */
export function trackedCount(tracked: Said | undefined, now: Said): number | null {
  if (tracked === undefined) return 0;
  return tracked.every((hash, index) => hash === now[index]) ? tracked.length : null;
}

/**
 * Frames that a changed owner's track no longer answers for: from each new prompt to the neighbouring prompts of the owner. All of the video
 * where an earlier prompt was changed or taken back; none when nothing new was said.
 */
export function staleSpans(
  tracked: Said | undefined,
  prompts: readonly PromptRecord[],
  frameCount: number,
): readonly FrameRange[] {
  const now = saidOf(prompts);
  if (trackingState(tracked, now) !== 'changed') return [];
  const known = trackedCount(tracked, now);
  if (known === null) return [rangeOf(0, frameCount - 1)];
  const fresh = new Set(prompts.slice(known).map(({ prompt }) => prompt.frameIndex as number));
  const others = prompts.map(({ prompt }) => prompt.frameIndex as number).filter((frame) => !fresh.has(frame));
  const spans = [...fresh].map((frame) => [
    Math.max(-1, ...others.filter((other) => other < frame)) + 1,
    Math.min(frameCount, ...others.filter((other) => other > frame)) - 1,
  ]);
  const distinct = new Map(spans.map(([first, last]) => [first, rangeOf(first, last)]));
  return [...distinct.values()].sort((a, b) => a.first - b.first);
}

function rangeOf(first: number, last: number): FrameRange {
  return { first: frameIndex(first), last: frameIndex(last) };
}
