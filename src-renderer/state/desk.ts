import type { ObjectLane, SessionState } from '../../src-shared/contract/results.ts';
import { frameIndex, type ObjectId } from '../../src-shared/domain/ids.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
import type { EngineClient } from '../client/engine-link.ts';
import type { Host } from '../host/host.ts';
import { withDefaultNames } from './default-names.ts';
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
export function applyState(desk: Desk, sessionId: string, newer: SessionState): void {
  const { session, comingObjects, selectedObject, selectedPrompt, solo, settings } = desk.store.value;
  if (session === null || session.sessionId !== sessionId) return;
  const state = withDefaultNames(newer, settings.language);
  // Something was said: what tracking would do by now is what counts. Locks and identities keep a run from going on as well.
  const said = (prompts: SessionState['prompts']) => prompts.map(({ promptId }) => promptId).join();
  const changed = said(session.state.prompts) !== said(state.prompts) || state.runs.at(-1)?.resumable !== true;
  const objects = new Set([...comingObjects, ...state.objects.map(({ objectId }) => objectId)]);
  const has = (objectId: ObjectId | null) => objectId !== null && objects.has(objectId);
  desk.store.patch({
    session: { ...session, state },
    selectedObject: has(selectedObject) ? selectedObject : null,
    selectedPrompt: state.prompts.some(({ promptId }) => promptId === selectedPrompt) ? selectedPrompt : null,
    solo: has(solo) ? solo : null,
    ...(changed ? { paused: null } : {}),
  });
  markLanes(desk, state);
}

/** Lanes show as out of date what was said since, and as changed what differs from the masks before; nothing while both agree. */
function markLanes(desk: Desk, { objects, comparisons }: SessionState): void {
  const differing = new Map(comparisons.map(({ objectId, changed }) => [objectId, changed]));
  for (const { objectId, stale } of objects) {
    desk.media()?.lanes.markChanged(objectId, stale.length > 0 ? stale : (differing.get(objectId) ?? []));
  }
}

/** Read in parts, so that clicks are answered in between: a part takes the engine a few hundredths of a second. */
const LANE_PART_FRAMES = 32_768;

/**
 * Reads lanes from disk again: after opening, undo, and whatever else changes stored masks at once. Ends early when it is asked for again
 * meanwhile: the newer one reads everything.
 */
export async function reloadLanes(desk: Desk): Promise<void> {
  const media = desk.media();
  const { session } = desk.store.value;
  if (media === null || session === null) return;
  desk.store.patch({ masksVersion: desk.store.value.masksVersion + 1 });
  const { sessionId, state } = session;
  markLanes(desk, state);
  const isNewest = media.lanes.beginReading();
  for (const { objectId } of state.objects) {
    const parts: ObjectLane[] = [];
    for (let first = 0; first < state.video.frameCount; first += LANE_PART_FRAMES) {
      const last = Math.min(state.video.frameCount, first + LANE_PART_FRAMES) - 1;
      const range = { first: frameIndex(first), last: frameIndex(last) };
      parts.push(await desk.client().objectLane({ sessionId, objectId, ...range }));
      if (!isNewest()) return;
    }
    media.lanes.load(objectId, parts);
  }
}
