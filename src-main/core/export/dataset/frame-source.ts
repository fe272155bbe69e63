import type { OverlapPolicy } from '../../../../src-shared/contract/dataset-schemas.ts';
import type { FrameIndex, ObjectId } from '../../../../src-shared/domain/ids.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import { resolveOverlaps } from '../../../../src-shared/mask/resolve-overlaps.ts';
import { ticksToSecs } from '../../../../src-shared/time/timebase.ts';
import { checkMaskSize } from '../check-mask-size.ts';
import type { FrameTimes, MaskReader, StoredMask } from '../ports.ts';
import { shownScore } from '../shown-score.ts';
import type { DatasetFrame } from './dataset-format.ts';

export interface FrameChoice extends Size {
  readonly masks: MaskReader;
  readonly times: FrameTimes;
  readonly objectIds: ReadonlySet<ObjectId>;
  readonly onlyReviewed: boolean;
  readonly overlap: OverlapPolicy;
}

/** One frame of a dataset: the wanted objects' masks, exclusive when the policy asks for it. Throws `session-mismatch`. */
export function datasetFrame(choice: FrameChoice, index: FrameIndex): DatasetFrame {
  const pts = choice.times.ptsOf(index);
  const secs = Number(ticksToSecs(pts, choice.times.timebase).toFixed(9));
  const masks = choice.masks
    .masksAt(index)
    .filter((stored) => choice.objectIds.has(stored.objectId) && (!choice.onlyReviewed || stored.reviewed === true));
  for (const stored of masks) checkMaskSize(stored, choice);
  return { frameIndex: index, pts, secs, masks: choice.overlap === 'keep' ? masks : exclusive(masks, choice.overlap) };
}

/** Every pixel stays with one object: the better score (a person's own mask beats any), or the higher id; ties the higher id. */
function exclusive(masks: readonly StoredMask[], overlap: 'score' | 'topmost'): readonly StoredMask[] {
  const strength = ({ source, scores }: StoredMask) => (source === 'prompt' ? 2 : (shownScore(scores) ?? -1));
  const present = masks.filter(({ mask }) => mask !== null).sort((a, b) => b.objectId - a.objectId);
  const separate = resolveOverlaps(
    present.flatMap(({ mask }) => mask ?? []),
    present.map((stored) => (overlap === 'topmost' ? stored.objectId : strength(stored))),
  );
  const byId = new Map(present.map(({ objectId }, at) => [objectId, separate[at]]));
  return masks.map((stored) =>
    stored.mask === null ? stored : { ...stored, mask: byId.get(stored.objectId) ?? null },
  );
}
