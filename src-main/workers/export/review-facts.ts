import type { ObjectId } from '../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../src-shared/domain/prompt.ts';
import { liesIn } from '../../core/export/index.ts';
import type { SessionReader } from '../../core/store/index.ts';

/** How far people looked over the masks of a dataset, for its provenance. */
export interface ReviewFacts {
  /**
   * Of the tracked frames of these objects in the range, absences included; one decimal, rounded down. Masks that a person gave
   * count as well, as they do for what is exported.
   */
  readonly reviewedPercent: number;
  /** Frames by what was said about them. Verdicts about masks that a later run replaced do not count. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** Names as given in the settings, sorted. */
  readonly reviewers: readonly string[];
}

/** `objectIds`: null is every object of the session. */
export function reviewFacts(
  session: SessionReader,
  objectIds: readonly ObjectId[] | null,
  range: FrameRange,
): ReviewFacts {
  const verdicts: Record<string, number> = {};
  const reviewers = new Set<string>();
  let [tracked, reviewed] = [0, 0];
  for (const { id } of session.objects.all()) {
    if (objectIds !== null && !objectIds.includes(id)) continue;
    tracked += framesOf(session.masks.coverage(id, range));
    const standing = session.reviews.reviewed(id).flatMap((span) => shared(span, range));
    const given = session.shapes.facts(id, range).filter(({ source }) => source === 'prompt');
    reviewed += framesOf(standing) + given.filter((mask) => !liesIn(standing, mask.frameIndex)).length;
    for (const { verdict, reviewer, ...said } of session.reviews.touching(id, range)) {
      const frames = framesOf(standing.flatMap((span) => shared(span, said)));
      if (verdict === 'skipped' || frames === 0) continue;
      verdicts[verdict] = (verdicts[verdict] ?? 0) + frames;
      if (reviewer !== '') reviewers.add(reviewer);
    }
  }
  const reviewedPercent = tracked === 0 ? 0 : Math.floor((1000 * reviewed) / tracked) / 10;
  return { reviewedPercent, verdicts, reviewers: [...reviewers].sort() };
}

function framesOf(spans: readonly FrameRange[]): number {
  return spans.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

function shared(a: FrameRange, b: FrameRange): FrameRange[] {
  const first = a.first > b.first ? a.first : b.first;
  const last = a.last < b.last ? a.last : b.last;
  return first <= last ? [{ first, last }] : [];
}
