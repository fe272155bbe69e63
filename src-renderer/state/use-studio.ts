import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Studio } from './studio.ts';
import type { StudioState } from './studio-state.ts';

export const StudioContext = createContext<Studio | null>(null);

export function useStudio(): Studio {
  const studio = useContext(StudioContext);
  if (studio === null) throw new Error('A panel was mounted outside the studio.');
  return studio;
}

/** A part of the state; the panel is drawn again when that part is another value. `select` must not make new objects. */
export function useStudioState<T>(select: (state: StudioState) => T): T {
  const { store } = useStudio();
  const read = () => select(store.value);
  // The second one is for panels that are drawn to text.
  return useSyncExternalStore(store.subscribe, read, read);
}
