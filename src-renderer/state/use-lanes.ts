import { useSyncExternalStore } from 'react';
import type { ObjectId } from '../../src-shared/domain/ids.ts';
import { useStudio } from './use-studio.ts';

/** Whole percent of the clip's frames on which an object was tracked; drawn again as a run commits. */
export function useTrackedPercent(objectId: ObjectId): number {
  const { sessions, store } = useStudio();
  const subscribe = (listener: () => void) => {
    const ends = [store.subscribe(listener), sessions.media?.subscribe(listener)];
    return () => {
      for (const end of ends) end?.();
    };
  };
  const read = () => Math.floor((sessions.media?.lanes.trackedShare(objectId) ?? 0) * 100);
  return useSyncExternalStore(subscribe, read, read);
}
