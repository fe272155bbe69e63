import type { IdentityChange } from '../../src-shared/contract/identity.ts';
import type { FrameIndex, ObjectId } from '../../src-shared/domain/ids.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
import { createTranslate } from '../ui/i18n/messages.ts';
import { applyState, type Desk, reloadLanes, sessionOn } from './desk.ts';
import { sentenceOf } from './notices.ts';
import { currentStop } from './reviewing.ts';
import type { StudioState } from './studio-state.ts';

/** Who is who: each tool first shows what it would do, on the lanes and in words, then does it as one undoable step. */
export class Identity {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Shows a tool for the selected object at the playhead. */
  async begin(kind: IdentityChange['kind']): Promise<void> {
    const change = firstWish(this.#desk.store.value, kind);
    if (change === null) {
      this.#desk.notices.show({ tone: 'info', title: 'identity.needsTwo' });
      return;
    }
    await this.change(change);
  }

  /** Shows what joining the selected object into another one would do. */
  async joinInto(objectId: ObjectId): Promise<void> {
    const { selectedObject } = this.#desk.store.value;
    if (selectedObject !== null) await this.change({ kind: 'join', objectId, otherId: selectedObject });
  }

  /** Another object or range for the tool that is shown. */
  async change(change: IdentityChange): Promise<void> {
    const { store, client } = this.#desk;
    const { sessionId } = sessionOn(this.#desk);
    const { identity: before, settings } = store.value;
    store.patch({ identity: { change, plan: before?.plan ?? null, problem: null } });
    const answer = await client()
      .planIdentity({ sessionId, change })
      .then(
        (plan) => ({ plan, problem: null }),
        (error: unknown) => ({ plan: null, problem: sentenceOf(StudioError.from(error), settings.language) }),
      );
    if (store.value.identity?.change === change) store.patch({ identity: { change, ...answer } });
  }

  cancel(): void {
    this.#desk.store.patch({ identity: null });
  }

  /** The card goes at once, so that the keys after the yes are no longer its own; it comes back where the change is refused. */
  async commit(): Promise<void> {
    const { store, client, notices } = this.#desk;
    const { identity, settings } = store.value;
    if (identity === null || identity.plan === null) return;
    const { change, plan } = identity;
    store.patch({ identity: null });
    await notices.guard(async () => {
      const { sessionId } = sessionOn(this.#desk);
      const state = await client()
        .changeIdentity({ sessionId, change, reviewer: settings.reviewer })
        .catch((error: unknown) => {
          if (store.value.identity === null) store.patch({ identity });
          throw error;
        });
      applyState(this.#desk, sessionId, state);
      this.#desk.media()?.masks.refresh(store.value.playhead.frameIndex);
      // The engine's own words are in English.
      const { language } = settings;
      const detail = language === 'en' ? plan.label : createTranslate(language)(`identity.${change.kind}`);
      notices.show({ tone: 'success', title: 'identity.done', detail });
      await reloadLanes(this.#desk);
    });
  }
}

/** What a tool means where the person is; null: it takes another object and there is none. */
function firstWish(state: StudioState, kind: IdentityChange['kind']): IdentityChange | null {
  const { session, selectedObject: objectId, playhead, marks } = state;
  if (session === null || objectId === null) return null;
  const here = playhead.frameIndex as FrameIndex;
  const end = (session.state.video.frameCount - 1) as FrameIndex;
  const marked = marks.first !== null || marks.last !== null;
  const first = marked ? ((marks.first ?? 0) as FrameIndex) : here;
  const last = marked ? ((marks.last ?? end) as FrameIndex) : here;
  const otherId = otherObject(state, objectId);
  switch (kind) {
    case 'split':
      return { kind, objectId, frameIndex: here };
    case 'swap':
      return otherId === null ? null : { kind, objectId, otherId, first: here, last: null };
    case 'join':
      return otherId === null ? null : { kind, objectId, otherId };
    case 'reassign':
      return { kind, objectId, otherId: null, first, last: marked ? last : end };
    case 'absent':
      return { kind, objectId, first, last };
  }
}

/** The object that the stop at hand names, else the next one in the list. */
function otherObject(state: StudioState, objectId: ObjectId): ObjectId | null {
  const objects = (state.session?.state.objects ?? []).filter((object) => object.objectId !== objectId);
  const stop = currentStop(state);
  const named = stop?.reasons.flatMap((reason) => ('otherId' in reason ? [reason.otherId, stop.objectId] : [])) ?? [];
  const other = named.find((id) => objects.some((object) => object.objectId === id));
  return other ?? objects[0]?.objectId ?? null;
}
