import type { FrameIndex, ObjectId } from '../../../../src-shared/domain/ids.ts';
import {
  type ComparisonRecord,
  type MaskRecord,
  type PromptRecord,
  readableOr,
  type SessionReader,
} from '../../store/index.ts';
import { recordOf } from './comparisons.ts';
import { type OwnerRecord, objectOwner, readRecords, saidOf, trackedCount } from './owner-records.ts';

/** How an object was tracked with the first of its prompts, which all stand. */
interface Standing {
  readonly record: OwnerRecord;
  /** Number of those prompts. */
  readonly known: number;
  /** Keeps the masks of that time; null: they are the stored ones. */
  readonly comparison: ComparisonRecord | null;
}

/**
 * How an object was tracked last, or, where a correction was tracked and a part of it is taken back, how it was before, which its comparison
 * has kept. null: not at all, or something before that was changed or taken back as well.
 */
export function standingOf(session: SessionReader, id: ObjectId, prompts: readonly PromptRecord[]): Standing | null {
  const record = readRecords(session)[objectOwner(id)];
  if (record === undefined) return null;
  const said = saidOf(prompts);
  const known = trackedCount(record.said, said);
  if (known !== null) return { record, known, comparison: null };
  const comparison = session.comparisons.of(id);
  const before = comparison === null ? null : recordOf(comparison);
  const stood = before === null ? null : trackedCount(before.said, said);
  return before === null || stood === null ? null : { record: before, known: stood, comparison };
}

interface Ground {
  readonly record: OwnerRecord | undefined;
  /** How many of the object's prompts stand as it was tracked with them; null: something before was changed or taken back. */
  readonly stands: number | null;
  readonly row: MaskRecord | null;
  /** Nothing else stands, and what is said there only takes away. */
  readonly takesAway: boolean;
}

/**
 * What an object's newer prompts correct on a frame: the mask of the time that stands. Points that only take away would leave nothing without
 * a mask to take it from: where no such time is known any more, that is the mask that is there.
 */
export function groundOf(
  session: SessionReader,
  { objectId: id, frameIndex }: { readonly objectId: ObjectId; readonly frameIndex: FrameIndex },
  prompts: readonly PromptRecord[],
): Ground {
  const stored = readableOr(null, () => session.masks.get(frameIndex, id));
  const record = readRecords(session)[objectOwner(id)];
  if (record === undefined) return { record, stands: 0, row: stored, takesAway: false };
  const standing = standingOf(session, id, prompts);
  if (standing?.comparison === null) return { record, stands: standing.known, row: stored, takesAway: false };
  const comparison = session.comparisons.of(id);
  const row = (comparison && readableOr(null, () => session.comparisons.earlier(comparison, frameIndex))) ?? stored;
  if (standing !== null) return { record: standing.record, stands: standing.known, row, takesAway: false };
  const said = saidOf(prompts);
  const begin = prompts.findIndex(({ prompt }) => prompt.frameIndex === frameIndex);
  const isKnown = begin > 0 && said.slice(0, begin).every((hash, at) => hash === record.said[at]);
  const here = prompts.filter(({ prompt }) => prompt.frameIndex === frameIndex);
  const takesAway = isKnown && here.every(({ prompt }) => prompt.kind === 'point' && !prompt.include);
  return takesAway ? { record, stands: begin, row, takesAway } : { record, stands: null, row: stored, takesAway };
}
