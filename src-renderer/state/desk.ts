import type { SessionState } from '../../src-shared/contract/results.ts';
import type { ObjectId } from '../../src-shared/domain/ids.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
import type { EngineClient } from '../client/engine-link.ts';
import type { Host } from '../host/host.ts';
import type { Notices } from './notices.ts';
import type { SessionMedia } from './session-media.ts';
import type { Store } from './store.ts';
import type { OpenSession, StudioState } from './studio-state.ts';

/** What every controller of the page works with. */
export interface Desk {
  readonly store: Store<StudioState>;
  readonly notices: Notices;
  readonly host: Host;
  readonly client: () => EngineClient;
  /** Of the session on the desk; null on the home screen. */
  readonly media: () => SessionMedia | null;
}

/** The session on the desk; commands that need one are not offered without it. */
export function sessionOn(desk: Desk): OpenSession {
  const { session } = desk.store.value;
  if (session !== null) return session;
  throw new StudioError('session-missing', 'user', 'Open a video or a session first.');
}

/** Puts a newer state of the session on the desk; ignored when another session is there by now. */
export function applyState(desk: Desk, sessionId: string, state: SessionState): void {
  const { session, selectedObject, selectedPrompt, solo } = desk.store.value;
  if (session === null || session.sessionId !== sessionId) return;
  // A run can only be taken up again with the prompts it had.
  const said = (prompts: SessionState['prompts']) => prompts.map(({ promptId }) => promptId).join();
  const changed = said(session.state.prompts) !== said(state.prompts);
  const has = (objectId: ObjectId | null) => state.objects.some((object) => object.objectId === objectId);
  desk.store.patch({
    session: { ...session, state },
    selectedObject: has(selectedObject) ? selectedObject : null,
    selectedPrompt: state.prompts.some(({ promptId }) => promptId === selectedPrompt) ? selectedPrompt : null,
    solo: has(solo) ? solo : null,
    ...(changed ? { paused: null } : {}),
  });
}

/** Reads lanes from disk again: after opening, undo, and whatever else changes stored masks at once. */
export async function reloadLanes(desk: Desk): Promise<void> {
  const media = desk.media();
  const { session } = desk.store.value;
  if (media === null || session === null) return;
  desk.store.patch({ masksVersion: desk.store.value.masksVersion + 1 });
  const { sessionId, state } = session;
  // One after the other: with many objects of a long clip, clicks are answered in between.
  for (const { objectId } of state.objects) {
    media.lanes.load(objectId, await desk.client().objectLane({ sessionId, objectId }));
  }
}
