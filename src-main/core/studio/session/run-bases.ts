import type { RunId } from '../../../../src-shared/domain/ids.ts';
import type { FrameRange, Prompt } from '../../../../src-shared/domain/prompt.ts';
import type { TrackingPolicyName } from '../../../../src-shared/domain/track.ts';
import { type MaskRecord, type PromptRecord, readableOr, type SessionReader } from '../../store/index.ts';
import type { RunBase, StoredMask } from '../threads/inference-contract.ts';
import { correctedMask } from './corrected-mask.ts';
import type { SearchBases } from './found-records.ts';
import { groundOf, standingOf } from './ground.ts';
import { type Owner, type OwnerRecord, objectOf, objectOwner, readRecords } from './owner-records.ts';

/** How the prompts of a run divide into what its objects remember and what is new. */
export interface RunQuestions {
  readonly bases: readonly RunBase[];
  /** Prompts that the bases have answered. */
  readonly settled: readonly Prompt[];
  readonly storedMasks: readonly StoredMask[];
  /** The other prompts, by round. */
  readonly rounds: readonly (readonly Prompt[])[];
}

type Base = OwnerRecord & { readonly runId: RunId };

/** The record whose run an object can go on from: same pack and policies, and nothing it was told has been taken back. */
export function baseOf(
  session: SessionReader,
  owner: Owner,
  prompts: readonly PromptRecord[],
  facts: string,
): Base | null {
  const id = objectOf(owner);
  const record = id === null ? undefined : standingOf(session, id, prompts)?.record;
  if (record === undefined || record.facts !== facts || record.runId === null) return null;
  return session.snapshots.latest(record.runId) === null ? null : { ...record, runId: record.runId };
}

/**
 * Whether an object without a prompt in the range is tracked on through it. The reference tracks every object it knows; the studio only
 * where the range touches what was tracked, because an object does not jump over frames that no one has looked at.
 */
export function reaches({ covered }: OwnerRecord, { first, last }: FrameRange, policy: TrackingPolicyName): boolean {
  return policy === 'reference' || covered.some((span) => span.last + 1 >= first && span.first - 1 <= last);
}

/** Divides the prompts of the owners of a run. `searches`: concepts that go on. */
export function questionsOf(
  session: SessionReader,
  owners: ReadonlyMap<Owner, readonly PromptRecord[]>,
  facts: string,
  searches: SearchBases,
): RunQuestions {
  const byRun = new Map<RunId, Owner[]>();
  const settled: Prompt[] = [];
  const fresh: PromptRecord[] = [];
  const storedMasks: StoredMask[] = [];
  for (const [owner, prompts] of owners) {
    const search = searches.get(owner);
    if (search !== undefined) {
      byRun.set(search.runId, [...(byRun.get(search.runId) ?? []), owner]);
      settled.push(...prompts.map(({ prompt }) => prompt));
      continue;
    }
    const base = baseOf(session, owner, prompts, facts);
    const known = base?.said.length ?? 0;
    if (base !== null) byRun.set(base.runId, [...(byRun.get(base.runId) ?? []), owner]);
    settled.push(...prompts.slice(0, known).map(({ prompt }) => prompt));
    fresh.push(...prompts.slice(known));
    storedMasks.push(...masksUnder(session, prompts, known));
  }
  const rounds = Map.groupBy(
    fresh.toSorted((a, b) => a.id - b.id),
    ({ round }) => round,
  );
  return {
    bases: [...byRun].flatMap(([runId, members]) => {
      const snapshot = session.snapshots.latest(runId);
      const going = members.flatMap((owner) => searches.get(owner) ?? []);
      const own = members.filter((owner) => !searches.has(owner));
      const objectIds = own.flatMap((owner) => objectOf(owner) ?? []);
      for (const search of going) objectIds.push(...search.objectIds);
      const conceptIds = going.map(({ conceptId }) => conceptId);
      return snapshot === null ? [] : [{ bytes: snapshot.bytes, objectIds, conceptIds }];
    }),
    settled,
    storedMasks,
    rounds: [...rounds].sort(([a], [b]) => a - b).map(([, round]) => round.map(({ prompt }) => prompt)),
  };
}

/**
 * Masks of the frames that new prompts of an object correct; its first `known` prompts are answered. Where an answer to them has taken the
 * mask's place already, the comparison has what it replaced, if the object's last run made that: the run then answers as the click was answered.
 */
function masksUnder(session: SessionReader, prompts: readonly PromptRecord[], known: number): StoredMask[] {
  return prompts.slice(known).flatMap(({ prompt }) => {
    if (!('objectId' in prompt)) return [];
    const { objectId: id, frameIndex } = prompt;
    const { row, stands, takesAway } = groundOf(session, prompt, prompts);
    const answered = takesAway ? (stands ?? 0) : known;
    const mask = correctedMask(row, answered) ?? correctedMask(replacedBy(session, row), answered);
    return mask == null ? [] : [{ objectId: id, frameIndex, mask }];
  });
}

function replacedBy(session: SessionReader, answer: MaskRecord | null): MaskRecord | null {
  if (answer === null || answer.runId !== null) return null;
  const comparison = session.comparisons.of(answer.objectId);
  if (comparison === null) return null;
  const earlier = readableOr(null, () => session.comparisons.earlier(comparison, answer.frameIndex));
  return earlier?.runId === readRecords(session)[objectOwner(answer.objectId)]?.runId ? earlier : null;
}
