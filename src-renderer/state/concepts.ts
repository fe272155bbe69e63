import type { ConceptState, FrameMasks, ObjectState, SessionState } from '../../src-shared/contract/results.ts';
import type { ConceptId, FrameIndex, ObjectId } from '../../src-shared/domain/ids.ts';
import { PHRASE_REFUSALS } from '../../src-shared/errors/phrase-refusals.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
import type { BoxInVideo } from '../../src-shared/geometry/geometry.ts';
import type { RleMask } from '../../src-shared/mask/rle.ts';
import { showSameThing } from '../../src-shared/mask/same-thing.ts';
import { applyState, type Desk, sessionOn } from './desk.ts';
import { isViewer } from './edit-rules.ts';
import type { ConceptView } from './studio-state.ts';

/** Name of a concept that was begun with a box instead of a phrase. */
const FIRST_EXAMPLE = 'example';
const THRESHOLD_REST_MILLIS = 350;

/** Phrases: what the detector sees of each on the frame at hand, before anything is searched or made an object. */
export class Concepts {
  readonly #desk: Desk;
  #thresholdTimer = 0;

  /** Examples that shown candidates were found with, by concept. */
  readonly #examples = new Map<ConceptId, string>();

  constructor(desk: Desk) {
    this.#desk = desk;
    desk.store.subscribe(() => this.#followExamples());
  }

  /** An example that was moved, removed or undone changes what the detector sees: it looks again where candidates are shown. */
  #followExamples(): void {
    const { concepts, session } = this.#desk.store.value;
    const said = session?.state.prompts ?? [];
    for (const { conceptId, frameIndex, instances } of concepts) {
      const own = said.filter(
        ({ prompt }) =>
          prompt.kind === 'exemplar' && prompt.conceptId === conceptId && prompt.frameIndex === frameIndex,
      );
      const key = JSON.stringify(own.map(({ prompt }) => prompt));
      const before = this.#examples.get(conceptId);
      this.#examples.set(conceptId, key);
      if (before !== undefined && before !== key && instances !== null) void this.lookAgain(conceptId);
    }
  }

  /** Adds a phrase to the session and looks for it on this frame. */
  async add(phrase: string): Promise<void> {
    const { store, client, notices } = this.#desk;
    const wanted = phrase.trim();
    if (wanted === '') return;
    await notices.guard(async () => {
      const { sessionId } = sessionOn(this.#desk);
      const frameIndex = store.value.playhead.frameIndex as FrameIndex;
      const state = await client().addPrompts({ sessionId, prompts: [{ kind: 'text', phrase: wanted, frameIndex }] });
      applyState(this.#desk, sessionId, state);
      const concept = state.concepts.find((each) => each.phrase === wanted);
      if (concept !== undefined) await this.#lookFirst(sessionId, concept.conceptId);
    });
  }

  /**
   * A box that shows what a concept means, or what it does not; without a concept it begins one. `frame`: the one on which it was begun;
   * absent: where the playhead is.
   */
  async addExample(
    box: BoxInVideo,
    include: boolean,
    frame = this.#desk.store.value.playhead.frameIndex,
  ): Promise<void> {
    const { store, client, notices } = this.#desk;
    const { model, selectedConcept } = store.value;
    if (isViewer(store.value)) return;
    if (model !== null && model.whyNoConcepts !== null) {
      notices.show({ tone: 'warning', title: 'notice.noExamples', values: { pack: model.packId } });
      return;
    }
    await notices.guard(async () => {
      const { sessionId, state } = sessionOn(this.#desk);
      const known = state.concepts.find(({ conceptId }) => conceptId === selectedConcept) ?? state.concepts.at(-1);
      if (known === undefined && !include) {
        notices.show({ tone: 'info', title: 'notice.exampleFirst' });
        return;
      }
      const phrase = known?.phrase ?? FIRST_EXAMPLE;
      const frameIndex = frame as FrameIndex;
      const prompts = [{ kind: 'exemplar' as const, phrase, frameIndex, box, include }];
      const next = await client().addPrompts({ sessionId, prompts });
      applyState(this.#desk, sessionId, next);
      const concept = next.concepts.find((each) => each.phrase === phrase);
      const isShown = store.value.concepts.some((view) => view.conceptId === concept?.conceptId);
      // A concept that is shown looks again by itself.
      if (concept !== undefined && !isShown) await this.#look(concept.conceptId, frame);
    });
  }

  /** Makes objects of instances that are shown on the looked-at frame; `places` in the list of instances. */
  async accept(conceptId: ConceptId, places: readonly number[]): Promise<void> {
    const { client, notices, store } = this.#desk;
    const view = store.value.concepts.find((each) => each.conceptId === conceptId);
    const masks = places.flatMap((place) => view?.instances?.[place].mask ?? []);
    if (view === undefined || masks.length === 0) return;
    this.settle(conceptId, places);
    await notices.guard(async () => {
      const { sessionId, state: before } = sessionOn(this.#desk);
      const frameIndex = view.frameIndex as FrameIndex;
      const there = await client().frameMasks({ sessionId, frameIndex });
      const state = await client().acceptInstances({ sessionId, conceptId, frameIndex, masks });
      applyState(this.#desk, sessionId, state);
      const made = state.objects.map(({ objectId }) => objectId).filter((id) => id >= before.nextObjectId);
      this.#tellTwins(masks, there, before);
      const { packId, device } = store.value.settings;
      const answer = { sessionId, frameIndex, objectIds: made, packId, device, keep: true };
      const result = await client().segment(answer);
      this.#desk.media()?.masks.merge([result]);
      this.#desk.media()?.lanes.commit([result]);
      store.patch({ selectedObject: made.at(-1) ?? null });
    });
  }

  /** An accepted instance may show what is an object already: it is made all the same, and said, so that a person can take it back. */
  #tellTwins(accepted: readonly RleMask[], { masks }: FrameMasks, { objects }: SessionState): void {
    const twins = masks.filter(({ mask }) => accepted.some((each) => showSameThing(each, mask)));
    const shown = new Set(twins.map(({ objectId }) => objectId));
    const names = objects.flatMap(({ objectId, name }) => (shown.has(objectId) ? [`“${name}”`] : []));
    if (names.length === 0) return;
    this.#desk.notices.show({ tone: 'warning', title: 'notice.twin', values: { names: names.join(', ') } });
  }

  /** Takes instances off the list: accepted or turned down. */
  settle(conceptId: ConceptId, places: readonly number[]): void {
    const view = this.#desk.store.value.concepts.find((each) => each.conceptId === conceptId);
    if (view !== undefined) this.#put({ ...view, settled: new Set([...view.settled, ...places]) });
  }

  /** Shows again what the detector sees of a concept, now on the frame at hand. */
  async lookAgain(conceptId: ConceptId): Promise<void> {
    await this.#desk.notices.guard(() => this.#look(conceptId));
  }

  /** A phrase that the model cannot look for does not stay in the session. */
  async #lookFirst(sessionId: string, conceptId: ConceptId): Promise<void> {
    try {
      await this.#look(conceptId);
    } catch (error) {
      if (PHRASE_REFUSALS.has(StudioError.from(error).code)) {
        applyState(this.#desk, sessionId, await this.#desk.client().removeConcept({ sessionId, conceptId }));
      }
      throw error;
    }
  }

  async #look(conceptId: ConceptId, frame = this.#desk.store.value.playhead.frameIndex): Promise<void> {
    const { store, client } = this.#desk;
    const { sessionId, state } = sessionOn(this.#desk);
    const { phrase = '', threshold = 0.5 } = state.concepts.find((each) => each.conceptId === conceptId) ?? {};
    const frameIndex = frame as FrameIndex;
    const view: ConceptView = { conceptId, phrase, threshold, frameIndex, instances: null, settled: new Set() };
    store.patch({ selectedConcept: conceptId });
    this.#put(view);
    try {
      const { packId, device } = store.value.settings;
      const { instances } = await client().detect({ sessionId, frameIndex, conceptId, packId, device });
      this.#put({ ...view, instances });
    } catch (error) {
      this.dismiss(conceptId);
      throw error;
    }
  }

  /** Filters stored scores at once: ghosts, and objects that were found. Stored as one step when the slider rests. */
  setThreshold(conceptId: ConceptId, threshold: number): void {
    const { store, client, notices } = this.#desk;
    const { session, concepts } = store.value;
    if (session === null) return;
    const { sessionId } = session;
    const withIt = session.state.concepts.map((each) => (each.conceptId === conceptId ? { ...each, threshold } : each));
    store.patch({
      session: { ...session, state: { ...session.state, concepts: withIt } },
      concepts: concepts.map((each) => (each.conceptId === conceptId ? { ...each, threshold } : each)),
    });
    clearTimeout(this.#thresholdTimer);
    this.#thresholdTimer = window.setTimeout(() => {
      void notices.guard(async () => {
        const state = await client().changeConcept({ sessionId, conceptId, change: { threshold } });
        applyState(this.#desk, sessionId, state);
      });
    }, THRESHOLD_REST_MILLIS);
  }

  /** Takes the ghosts away; the phrase stays. */
  dismiss(conceptId: ConceptId): void {
    const { store } = this.#desk;
    this.#examples.delete(conceptId);
    store.patch({ concepts: store.value.concepts.filter((each) => each.conceptId !== conceptId) });
  }

  async remove(conceptId: ConceptId): Promise<void> {
    const { client, notices, media } = this.#desk;
    await notices.guard(async () => {
      const { sessionId, state: before } = sessionOn(this.#desk);
      const state = await client().removeConcept({ sessionId, conceptId });
      this.dismiss(conceptId);
      const left = new Set(state.objects.map(({ objectId }) => objectId));
      const gone = before.objects.map(({ objectId }) => objectId).filter((objectId) => !left.has(objectId));
      media()?.masks.removeObjects(gone);
      media()?.lanes.remove(gone);
      applyState(this.#desk, sessionId, state);
    });
  }

  #put(view: ConceptView): void {
    const { store } = this.#desk;
    const others = store.value.concepts.filter(({ conceptId }) => conceptId !== view.conceptId);
    store.patch({ concepts: [...others, view] });
  }
}

/** Objects that a concept found with a lower score than is asked for by now; those a person prompted are never among them. */
export function weakObjects(objects: readonly ObjectState[], concepts: readonly ConceptState[]): ReadonlySet<ObjectId> {
  const thresholds = new Map(concepts.map(({ conceptId, threshold }) => [conceptId, threshold]));
  return new Set(
    objects.flatMap(({ objectId, conceptId, bestDetection }) => {
      const threshold = conceptId === null ? undefined : thresholds.get(conceptId);
      return threshold !== undefined && bestDetection !== null && bestDetection < threshold ? [objectId] : [];
    }),
  );
}
