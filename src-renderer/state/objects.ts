import type { SessionState } from '../../src-shared/contract/results.ts';
import type { ObjectChange } from '../../src-shared/contract/schemas.ts';
import type { ObjectId } from '../../src-shared/domain/ids.ts';
import { applyState, type Desk, sessionOn } from './desk.ts';

/** Names, looks, places and the end of objects; each call is one undoable step in the session. */
export class Objects {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  change(objectIds: readonly ObjectId[], change: ObjectChange): Promise<void> {
    return this.#edit((sessionId) =>
      this.#desk.client().changeObjects({ sessionId, objectIds: [...objectIds], change }),
    );
  }

  /** In front of another one (null: at the end), into a group (null: none). */
  move(objectIds: readonly ObjectId[], before: ObjectId | null, groupName: string | null): Promise<void> {
    return this.#edit((sessionId) =>
      this.#desk.client().moveObjects({ sessionId, objectIds: [...objectIds], before, groupName }),
    );
  }

  remove(objectIds: readonly ObjectId[]): Promise<void> {
    return this.#edit(async (sessionId) => {
      const state = await this.#desk.client().removeObjects({ sessionId, objectIds: [...objectIds] });
      this.#desk.media()?.masks.removeObjects(objectIds);
      this.#desk.media()?.lanes.remove(objectIds);
      this.#desk.notices.show({ tone: 'info', title: 'notice.objectRemoved', values: { count: objectIds.length } });
      return state;
    });
  }

  /** One step up or down in the list, past whatever group the neighbour is in. */
  nudge(objectId: ObjectId, by: -1 | 1): Promise<void> {
    const { objects } = sessionOn(this.#desk).state;
    const at = objects.findIndex((object) => object.objectId === objectId);
    const neighbour = objects[at + by];
    if (neighbour === undefined) return Promise.resolve();
    const before = by === -1 ? neighbour.objectId : (objects[at + 2]?.objectId ?? null);
    return this.move([objectId], before, neighbour.groupName);
  }

  async #edit(edit: (sessionId: string) => Promise<SessionState>): Promise<void> {
    await this.#desk.notices.guard(async () => {
      const { sessionId } = sessionOn(this.#desk);
      applyState(this.#desk, sessionId, await edit(sessionId));
    });
  }
}
