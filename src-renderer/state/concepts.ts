import type { ConceptId, FrameIndex } from '../../src-shared/domain/ids.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
import { applyState, type Desk, sessionOn } from './desk.ts';
import type { ConceptView } from './studio-state.ts';

const FIRST_THRESHOLD = 0.5;

/** Phrases: what the detector sees of each on the frame at hand, before anything is searched or made an object. */
export class Concepts {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
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

  /** Shows again what the detector sees of a concept, now on the frame at hand. */
  async lookAgain(conceptId: ConceptId): Promise<void> {
    await this.#desk.notices.guard(() => this.#look(conceptId));
  }

  /** A phrase that the model cannot look for does not stay in the session. */
  async #lookFirst(sessionId: string, conceptId: ConceptId): Promise<void> {
    try {
      await this.#look(conceptId);
    } catch (error) {
      const { code } = StudioError.from(error);
      if (code === 'word-unknown' || code === 'concepts-unsupported') {
        applyState(this.#desk, sessionId, await this.#desk.client().removeConcept({ sessionId, conceptId }));
      }
      throw error;
    }
  }

  async #look(conceptId: ConceptId): Promise<void> {
    const { store, client } = this.#desk;
    const { sessionId, state } = sessionOn(this.#desk);
    const phrase = state.concepts.find((each) => each.conceptId === conceptId)?.phrase ?? '';
    const frameIndex = store.value.playhead.frameIndex as FrameIndex;
    const threshold = store.value.concepts.find((each) => each.conceptId === conceptId)?.threshold ?? FIRST_THRESHOLD;
    const view: ConceptView = { conceptId, phrase, threshold, frameIndex, instances: null };
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

  setThreshold(conceptId: ConceptId, threshold: number): void {
    const view = this.#desk.store.value.concepts.find((each) => each.conceptId === conceptId);
    if (view !== undefined) this.#put({ ...view, threshold });
  }

  /** Takes the ghosts away; the phrase stays. */
  dismiss(conceptId: ConceptId): void {
    const { store } = this.#desk;
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
