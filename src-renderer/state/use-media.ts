import { useCallback, useSyncExternalStore } from 'react';
import type { SessionMedia } from './session-media.ts';
import { useStudio } from './use-studio.ts';

/**
 * What is drawn of the session on the desk; null on the home screen. Another one each time a session is put on the desk, be it the same
 * session after the line was down: what draws from it is mounted again then.
 */
export function useMedia(): SessionMedia | null {
  const { sessions, store } = useStudio();
  const read = () => sessions.media;
  return useSyncExternalStore(store.subscribe, read, read);
}

/** Something that is read from it and the state; the panel is drawn again when that is another value. `read` must not make new objects. */
export function useMediaValue<T>(read: (media: SessionMedia | null) => T): T {
  const { store } = useStudio();
  const media = useMedia();
  const subscribe = useCallback(
    (listener: () => void) => {
      const ends = [store.subscribe(listener), media?.subscribe(listener)];
      return () => {
        for (const end of ends) end?.();
      };
    },
    [store, media],
  );
  const now = () => read(media);
  return useSyncExternalStore(subscribe, now, now);
}
