import type { ComparisonState, ObjectState, SessionState } from '../../src-shared/contract/results.ts';
import type { ObjectId } from '../../src-shared/domain/ids.ts';
import { maskBox } from '../../src-shared/mask/rle.ts';
import { applyState, type Desk, reloadLanes, sessionOn } from './desk.ts';
import type { StudioState } from './studio-state.ts';

/** What a correction changed of earlier masks: looking at it, keeping it, taking it back. */
export class Comparing {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  async keep(objectId: ObjectId): Promise<void> {
    const { client, notices, store } = this.#desk;
    await notices.guard(async () => {
      const { sessionId } = sessionOn(this.#desk);
      this.#take(sessionId, await client().keepChanges({ sessionId, objectIds: [objectId] }));
      store.patch({ wipe: null });
    });
  }

  async revert(objectId: ObjectId): Promise<void> {
    const { client, notices, store } = this.#desk;
    await notices.guard(async () => {
      const { sessionId } = sessionOn(this.#desk);
      this.#take(sessionId, await client().revertChanges({ sessionId, objectIds: [objectId] }));
      store.patch({ wipe: null });
      await reloadLanes(this.#desk);
      notices.show({ tone: 'info', title: 'notice.reverted' });
    });
  }

  /** Before on the left of a line across the picture, after on its right. */
  toggleWipe(): void {
    const { store } = this.#desk;
    store.patch({ wipe: store.value.wipe === null ? this.#middle() : null });
  }

  /** The line begins across the object that changed. */
  #middle(): number {
    const { value } = this.#desk.store;
    const masks = this.#desk.media()?.masks.get(value.playhead.frameIndex) ?? [];
    const mask = masks.find(({ objectId }) => objectId === comparisonShown(value)?.objectId)?.mask ?? null;
    const box = mask === null ? null : maskBox(mask);
    return mask === null || box === null ? 0.5 : (box.x + box.width / 2) / mask.width;
  }

  setWipe(share: number): void {
    this.#desk.store.patch({ wipe: share });
  }

  #take(sessionId: string, state: SessionState): void {
    const { frameIndex } = this.#desk.store.value.playhead;
    this.#desk.media()?.masks.refresh(frameIndex);
    this.#desk.media()?.earlier.refresh(frameIndex);
    applyState(this.#desk, sessionId, state);
  }
}

/** The comparison that the bar shows: of the selected object, else the first. */
export function comparisonShown({ session, selectedObject }: StudioState): ComparisonState | null {
  const all = session?.state.comparisons ?? [];
  return all.find(({ objectId }) => objectId === selectedObject) ?? all[0] ?? null;
}

/**
 * The selected object where its prompts are not those it was tracked with: corrected, or something of that taken back. null for one without
 * a prompt, which nothing can be tracked from.
 */
export function correctionShown({ session, selectedObject }: StudioState): ObjectState | null {
  const { objects = [], prompts = [] } = session?.state ?? {};
  const isPrompted = prompts.some(({ prompt }) => 'objectId' in prompt && prompt.objectId === selectedObject);
  const own = objects.find(({ objectId }) => objectId === selectedObject);
  return own?.tracking === 'changed' && isPrompted ? own : null;
}

/** The frame from which an object's correction is tracked: this one if it was corrected here, else the one of its newest correction, or prompt. */
export function correctedFrame({ session, playhead }: StudioState, objectId: ObjectId): number {
  const { objects = [], prompts = [] } = session?.state ?? {};
  const stale = objects.find((object) => object.objectId === objectId)?.stale ?? [];
  const frames = prompts.flatMap(({ prompt }) =>
    'objectId' in prompt && prompt.objectId === objectId ? [prompt.frameIndex as number] : [],
  );
  const corrected = frames.filter((frame) => stale.some(({ first, last }) => first <= frame && frame <= last));
  const begins = corrected.length > 0 ? corrected : frames;
  return begins.includes(playhead.frameIndex) ? playhead.frameIndex : (begins.at(-1) ?? playhead.frameIndex);
}

/** The changed frame to look at next in a direction: the start of the next stretch, or of the one before. */
export function changedFrameFrom({ changed }: ComparisonState, frame: number, direction: 1 | -1): number | null {
  const target =
    direction === 1 ? changed.find(({ first }) => first > frame) : changed.findLast(({ first }) => first < frame);
  return target?.first ?? null;
}
