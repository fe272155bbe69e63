import type { SessionState } from '../../src-shared/contract/results.ts';
import type { ReviewInput } from '../../src-shared/contract/schemas.ts';
import type { FrameRange } from '../../src-shared/domain/prompt.ts';
import { type ReviewStop, type StopState, stopState } from '../../src-shared/domain/review.ts';
import { parseStopQuery } from '../../src-shared/domain/stop-query.ts';
import { applyState, type Desk, reloadLanes, sessionOn } from './desk.ts';
import type { Player } from './player.ts';
import { type ReviewDesk, stopKey } from './review-state.ts';
import type { StudioState } from './studio-state.ts';

const SPOT_CHECKS = 5;
/** A first guess of what a decision takes, and the longest pause that still counts as deciding. */
const USUAL_MILLIS = 8_000;
const LONGEST_MILLIS = 60_000;

/** The worst-first queue: finds stops, walks through them, writes down what a person says. */
export class Reviewing {
  readonly #desk: Desk;
  readonly #player: Player;
  #search: { readonly place: string; readonly stop: AbortController; readonly ended: Promise<void> } | null = null;
  #arrivedAt = performance.now();
  /** Stops whose decision is on its way to the engine, by their keys. */
  readonly #deciding = new Set<string>();

  constructor(desk: Desk, player: Player) {
    this.#desk = desk;
    this.#player = player;
  }

  /** Looks through the session for stops. One search at a time: one of older masks is given up, one of the same masks is joined. */
  look(): Promise<void> {
    const { masksVersion } = this.#desk.store.value;
    const { sessionId } = sessionOn(this.#desk);
    const place = `${sessionId}:${masksVersion}`;
    if (this.#search?.place === place) return this.#search.ended;
    this.#search?.stop.abort();
    const stop = new AbortController();
    const ended = this.#find(sessionId, stop.signal).finally(() => {
      if (this.#search?.stop !== stop) return;
      this.#search = null;
      this.#patch({ looking: null });
    });
    this.#search = { place, stop, ended };
    return ended;
  }

  /** Looks, and where masks change meanwhile, waits for the search that takes its place: a key pressed just after opening is not lost. */
  async #lookToTheEnd(): Promise<void> {
    await this.look();
    while (this.#search !== null) await this.#search.ended;
  }

  async #find(sessionId: string, signal: AbortSignal): Promise<void> {
    const { notices, client } = this.#desk;
    const { sessionPath } = sessionOn(this.#desk).state;
    this.#patch({ looking: 0 });
    await notices.guard(async () => {
      const found: ReviewStop[] = [];
      for await (const event of client().reviewStops({ sessionPath }, { signal })) {
        if (event.kind === 'began') continue;
        found.push(...event.stops);
        if (!signal.aborted) this.#patch({ looking: event.framesDone / event.frameCount });
      }
      if (this.#desk.store.value.session?.sessionId !== sessionId || signal.aborted) return;
      const current = sameStop(currentStop(this.#desk.store.value), found);
      this.#patch({ stops: found.sort(worstFirst), current: current === undefined ? null : stopKey(current) });
    });
  }

  /** Goes to a stop: its worst frame, its object. */
  visit(stop: ReviewStop): void {
    this.#arrivedAt = performance.now();
    this.#desk.store.patch({ inspectorTab: 'review', selectedObject: stop.objectId, selectedPrompt: null });
    this.#patch({ current: stopKey(stop), fixing: null });
    this.#player.pause();
    this.#player.seek(stop.frameIndex);
  }

  /** To the next or previous stop of the queue that is still open; around the end. Opens the tab when it has nothing to show yet. */
  async step(by: 1 | -1): Promise<void> {
    this.#desk.store.patch({ inspectorTab: 'review' });
    if (this.#desk.store.value.review.stops === null) await this.#lookToTheEnd();
    const state = this.#desk.store.value;
    const queue = queueOf(state).filter(({ stop, said }) => said === 'open' || stopKey(stop) === state.review.current);
    if (queue.length === 0) return;
    const at = queue.findIndex(({ stop }) => stopKey(stop) === state.review.current);
    const next = at < 0 ? (by === 1 ? 0 : queue.length - 1) : (at + by + queue.length) % queue.length;
    this.visit(queue[next].stop);
  }

  /** The masks are right; after a rejection and new prompts: they were put right. */
  async accept(): Promise<void> {
    const state = this.#desk.store.value;
    const stop = currentStop(state);
    if (stop === null) return;
    const fixed = state.review.fixing !== null && promptsOf(state, stop) > state.review.fixing.prompts;
    await this.#decide(stop, [
      { objectId: stop.objectId, range: rangeOf(stop), verdict: fixed ? 'fixed' : 'accepted' },
    ]);
  }

  async skip(): Promise<void> {
    const stop = currentStop(this.#desk.store.value);
    if (stop === null) return;
    await this.#decide(stop, [{ objectId: stop.objectId, range: rangeOf(stop), verdict: 'skipped' }]);
  }

  /** The masks are wrong: the next clicks correct the object on this frame. */
  reject(): void {
    const state = this.#desk.store.value;
    const stop = currentStop(state);
    if (stop === null) return;
    this.#desk.store.patch({ selectedObject: stop.objectId, tool: 'point' });
    this.#patch({ fixing: { key: stopKey(stop), prompts: promptsOf(state, stop) } });
    this.#player.seek(stop.frameIndex);
    document.querySelector<HTMLElement>('[data-testid=viewer]')?.focus();
  }

  /** The object is not there on the whole stretch, which ends where it is seen again. */
  async absent(): Promise<void> {
    const stop = currentStop(this.#desk.store.value);
    if (stop === null) return;
    const { client, notices, store } = this.#desk;
    const { sessionId } = sessionOn(this.#desk);
    const { reviewer } = store.value.settings;
    const markAbsent = async () => {
      const { spans } = await client().objectSpans({ sessionId, objectId: stop.objectId });
      const gap = spans.find(
        ({ state, first, last }) => state === 'absent' && first <= stop.frameIndex && last >= stop.frameIndex,
      );
      const { first, last } = gap ?? stop;
      const change = { kind: 'absent' as const, objectId: stop.objectId, first, last };
      return client().changeIdentity({ sessionId, change, reviewer });
    };
    await notices.guard(async () => {
      await this.#say(stop, markAbsent());
      this.#desk.media()?.masks.refresh(store.value.playhead.frameIndex);
      await reloadLanes(this.#desk);
    });
  }

  /** Everything that nobody has looked over is right. */
  async acceptRest(): Promise<void> {
    const { client, notices, store } = this.#desk;
    const { sessionId, state } = sessionOn(this.#desk);
    const says = state.objects.map(({ objectId }) => ({ objectId, range: WHOLE, verdict: 'accepted' as const }));
    if (says.length === 0) return;
    await notices.guard(async () => {
      const { reviewer } = store.value.settings;
      applyState(this.#desk, sessionId, await client().review({ sessionId, says, reviewer, openOnly: true }));
      notices.show({ tone: 'success', title: 'review.allAccepted' });
    });
  }

  /** A few frames that nothing spoke against, picked at random: the absence of flags is no proof. */
  async spotCheck(): Promise<void> {
    const { client, notices } = this.#desk;
    const { sessionId, state } = sessionOn(this.#desk);
    await notices.guard(async () => {
      const places: ReviewStop[] = [];
      for (const { objectId } of state.objects) {
        const { spans } = await client().objectSpans({ sessionId, objectId });
        const present = spans.filter((span) => span.state === 'present');
        places.push(...present.map((span) => spotOn(objectId, span)));
      }
      const spots = Array.from({ length: Math.min(SPOT_CHECKS, places.length) }, () => {
        const [spot] = places.splice(Math.floor(Math.random() * places.length), 1);
        return spot;
      });
      this.#patch({ stops: [...(this.#desk.store.value.review.stops ?? []), ...spots] });
      if (spots.length > 0) this.visit(spots[0]);
    });
  }

  filter(filter: string): void {
    this.#patch({ filter });
  }

  async #decide(stop: ReviewStop, says: ReviewInput[]): Promise<void> {
    const { client, notices, store } = this.#desk;
    await notices.guard(async () => {
      const { sessionId } = sessionOn(this.#desk);
      const { reviewer } = store.value.settings;
      await this.#say(stop, client().review({ sessionId, says, reviewer }));
    });
  }

  /** Writes down what was said, and goes on to the next open stop at once: later it would take a person away from where they have gone meanwhile. */
  async #say(stop: ReviewStop, answer: Promise<SessionState>): Promise<void> {
    const { sessionId } = sessionOn(this.#desk);
    const took = Math.min(LONGEST_MILLIS, performance.now() - this.#arrivedAt);
    const key = stopKey(stop);
    this.#deciding.add(key);
    const next = queueOf(this.#desk.store.value).find(
      (each) => each.said === 'open' && !this.#deciding.has(stopKey(each.stop)),
    );
    if (next === undefined) this.#patch({ current: null, fixing: null });
    else this.visit(next.stop);
    try {
      const state = await answer;
      applyState(this.#desk, sessionId, state);
      const { decided, decidingMillis } = this.#desk.store.value.review;
      this.#patch({ decided: decided + 1, decidingMillis: decidingMillis + took });
    } finally {
      this.#deciding.delete(key);
    }
  }

  #patch(change: Partial<ReviewDesk>): void {
    const { store } = this.#desk;
    store.patch({ review: { ...store.value.review, ...change } });
  }
}

const WHOLE = { first: null, last: null } as const;

export interface QueuedStop {
  readonly stop: ReviewStop;
  readonly objectName: string;
  readonly said: StopState;
}

/** The stops that the filter lets through, worst first, with what was said about them. A filter that cannot be read hides nothing. */
export function queueOf({ session, review }: StudioState): readonly QueuedStop[] {
  if (session === null || review.stops === null) return [];
  const { objects, reviews } = session.state;
  const names = new Map(objects.map(({ objectId, name }) => [objectId, name]));
  const query = parseStopQuery(review.filter);
  return review.stops.flatMap((stop) => {
    const objectName = names.get(stop.objectId);
    if (objectName === undefined) return [];
    const said = stopState(stop, reviews);
    const shown = query.kind === 'problem' || query.matches({ stop, objectName, state: said });
    return shown ? [{ stop, objectName, said }] : [];
  });
}

export function currentStop({ review }: StudioState): ReviewStop | null {
  return review.stops?.find((stop) => stopKey(stop) === review.current) ?? null;
}

/** The stop a person was at, in a newer list: its worst frame may be another one now. */
function sameStop(was: ReviewStop | null, stops: readonly ReviewStop[]): ReviewStop | undefined {
  if (was === null) return undefined;
  const near = stops.filter(
    ({ objectId, first, last }) => objectId === was.objectId && first <= was.last && last >= was.first,
  );
  return near.find((stop) => stop.frameIndex === was.frameIndex) ?? near.sort(worstFirst)[0];
}

/** Seconds that the open stops will take at the pace of this sitting. */
export function secsLeft({ decided, decidingMillis }: ReviewDesk, open: number): number {
  return (open * (decidingMillis + 3 * USUAL_MILLIS)) / (decided + 3) / 1000;
}

function worstFirst(a: ReviewStop, b: ReviewStop): number {
  return b.severity - a.severity || a.frameIndex - b.frameIndex || a.objectId - b.objectId;
}

function rangeOf({ first, last }: FrameRange): { first: number; last: number } {
  return { first, last };
}

function promptsOf({ session }: StudioState, { objectId }: ReviewStop): number {
  return (session?.state.prompts ?? []).filter(({ prompt }) => 'objectId' in prompt && prompt.objectId === objectId)
    .length;
}

function spotOn(objectId: ReviewStop['objectId'], { first, last }: FrameRange): ReviewStop {
  const frameIndex = (first + Math.floor(Math.random() * (last - first + 1))) as FrameRange['first'];
  const unknown = { area: null, confidence: null, visible: null, iou: null, presence: null };
  return {
    objectId,
    frameIndex,
    first: frameIndex,
    last: frameIndex,
    severity: 0,
    reasons: [],
    newestRun: 0,
    ...unknown,
  };
}
