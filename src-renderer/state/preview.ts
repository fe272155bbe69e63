import type { FrameIndex, ObjectId } from '../../src-shared/domain/ids.ts';
import type { PointInVideo } from '../../src-shared/geometry/geometry.ts';
import { nextObjectId } from './coming-objects.ts';
import type { Desk } from './desk.ts';
import { isBusy, isViewer } from './edit-rules.ts';
import type { StudioState } from './studio-state.ts';

/** The pointer must rest so long: a hand on its way somewhere asks nothing. */
const REST_MILLIS = 90;
/** A pack that takes longer is not asked again until a click was answered faster. */
const FAST_MILLIS = 300;
/** The first question about a frame also encodes it. */
const MOST_SLOW = 3;

/** Shows the mask that a click would give where the pointer rests. One question at a time, given up as soon as anything else happens. */
export class Preview {
  readonly #desk: Desk;
  #timer = 0;
  #asking: AbortController | null = null;
  /** Previews in a row that took too long. */
  #slow = 0;
  #lastAnswer: number | null = null;
  /** Where the pointer rests. */
  #place: PointInVideo | null = null;
  #could = false;

  constructor(desk: Desk) {
    this.#desk = desk;
    desk.store.subscribe(() => this.#follow(desk.store.value));
  }

  /** The pointer rests here, or has left the picture. */
  hover(point: PointInVideo | null): void {
    this.cancel();
    this.#place = point;
    this.#schedule();
  }

  #schedule(): void {
    const point = this.#place;
    if (point === null || !canPreview(this.#desk.store.value) || this.#slow >= MOST_SLOW) return;
    this.#timer = window.setTimeout(() => void this.#ask(point), REST_MILLIS);
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = null;
    if (this.#desk.store.value.preview !== null) this.#desk.store.patch({ preview: null });
  }

  /** Whatever makes the shown preview wrong takes it away; a fast click makes previews worth trying again. */
  #follow(state: StudioState): void {
    const { lastAnswerMillis, preview } = state;
    if (lastAnswerMillis !== this.#lastAnswer) {
      this.#lastAnswer = lastAnswerMillis;
      if (lastAnswerMillis !== null && lastAnswerMillis < FAST_MILLIS) this.#slow = 0;
    }
    const can = canPreview(state);
    const became = can && !this.#could;
    this.#could = can;
    // The frame is here, the answer is given: the pointer that rests on it may ask now.
    if (became) this.#schedule();
    if (preview === null && this.#asking === null) return;
    const moved = preview !== null && preview.frameIndex !== state.playhead.frameIndex;
    if (moved || !can) this.cancel();
  }

  async #ask(point: PointInVideo): Promise<void> {
    const { store, client } = this.#desk;
    const { session, playhead, selectedObject, excludeNext, settings } = store.value;
    if (session === null || !canPreview(store.value)) return;
    const asking = new AbortController();
    this.#asking = asking;
    const frameIndex = playhead.frameIndex as FrameIndex;
    const objectId: ObjectId = selectedObject ?? nextObjectId(store.value);
    const { packId, device } = settings;
    const startedAt = performance.now();
    try {
      const question = { sessionId: session.sessionId, objectId, frameIndex, point, include: !excludeNext };
      const { masks } = await client().preview({ ...question, packId, device }, { signal: asking.signal });
      this.#slow = performance.now() - startedAt > FAST_MILLIS ? this.#slow + 1 : 0;
      if (this.#asking !== asking) return;
      store.patch({ preview: { frameIndex, objectId, mask: masks[0]?.mask ?? null } });
    } catch {
      // A preview is only a courtesy: the click itself says what is wrong.
      if (!asking.signal.aborted) this.#slow++;
    } finally {
      if (this.#asking === asking) this.#asking = null;
    }
  }
}

function canPreview(state: StudioState): boolean {
  const { session, tool, playhead, shownFrame, answering, dialog, overlay, model } = state;
  const ready =
    session !== null && model !== null && !isViewer(state) && !isBusy(state) && !answering && dialog === null;
  return ready && tool === 'point' && overlay !== 'off' && playhead.rate === 0 && shownFrame === playhead.frameIndex;
}
