import type { ObjectId } from '../../../../src-shared/domain/ids.ts';
import type { TrackMask } from './associate.ts';
import { bitMaskIou } from './bit-mask.ts';

/** Last frame on which each track was empty or suppressed; -1 never. */
export type LastOccluded = ReadonlyMap<ObjectId, number>;

/** Stands for "later than any frame": an id that hotstart has just removed gives way to the others. */
const removedJustNow = 100_000;
const never = -1;

export interface OcclusionInput {
  readonly frameIndex: number;
  readonly reverse: boolean;
  /** Two masks with at least this IoU cannot both be right; 0 switches the rule off. */
  readonly iouThreshold: number;
  /** Tracks alive before the frame, removed ones of this frame included. */
  readonly tracks: readonly TrackMask[];
  readonly lastOccluded: LastOccluded;
  readonly newlyRemoved: ReadonlySet<ObjectId>;
}

/**
 * When two tracks claim the same pixels, the one that was hidden more recently gives way (processing order; in reverse the smaller
 * frame), if the other was ever hidden at all. All pairs are judged on the masks as they came. Returns the suppressed ids in input
 * order and the complete new table. Source: SAM 3 `_suppress_overlapping_based_on_recent_occlusion`.
 */
export function suppressOccluded(input: OcclusionInput): {
  readonly suppressed: readonly ObjectId[];
  readonly lastOccluded: Map<ObjectId, number>;
} {
  const { tracks, newlyRemoved } = input;
  const last = tracks.map(({ id }) => input.lastOccluded.get(id) ?? (newlyRemoved.has(id) ? removedJustNow : never));
  const gaveWay = new Uint8Array(tracks.length);
  const threshold = Math.fround(input.iouThreshold);
  const yields = (mine: number, theirs: number) => theirs > never && (input.reverse ? mine < theirs : mine > theirs);
  for (let first = 0; threshold > 0 && first < tracks.length; first++) {
    for (let second = first + 1; second < tracks.length; second++) {
      // Neither could give way: the masks need not be compared.
      const firstYields = yields(last[first], last[second]);
      const secondYields = yields(last[second], last[first]);
      if (!firstYields && !secondYields) continue;
      if (bitMaskIou(tracks[first].mask, tracks[second].mask) < threshold) continue;
      if (firstYields) gaveWay[first] = 1;
      if (secondYields) gaveWay[second] = 1;
    }
  }
  const lastOccluded = new Map<ObjectId, number>();
  tracks.forEach(({ id, mask }, index) => {
    lastOccluded.set(id, mask.area === 0 || gaveWay[index] ? input.frameIndex : last[index]);
  });
  return { suppressed: tracks.filter((_, index) => gaveWay[index]).map(({ id }) => id), lastOccluded };
}
