import type { ObjectId } from '../../src-shared/domain/ids.ts';
import { useMediaValue } from './use-media.ts';

/** Whole percent of the clip's frames on which an object was tracked; drawn again as a run commits; null: not known yet. */
export function useTrackedPercent(objectId: ObjectId): number | null {
  return useMediaValue((media) => {
    const share = media?.lanes.trackedShare(objectId) ?? null;
    return share === null ? null : Math.floor(share * 100);
  });
}
