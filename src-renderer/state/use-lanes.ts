import type { ObjectId } from '../../src-shared/domain/ids.ts';
import { useMediaValue } from './use-media.ts';

/** Whole percent of the clip's frames on which an object was tracked; drawn again as a run commits. */
export function useTrackedPercent(objectId: ObjectId): number {
  return useMediaValue((media) => Math.floor((media?.lanes.trackedShare(objectId) ?? 0) * 100));
}
