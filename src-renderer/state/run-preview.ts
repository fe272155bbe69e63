import type { TrackingPlan } from '../../src-shared/contract/tracking-contract.ts';
import type { ConceptId } from '../../src-shared/domain/ids.ts';
import { runMemoryBytes } from '../../src-shared/domain/run-memory.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
import type { Desk } from './desk.ts';
import { isBusy } from './edit-rules.ts';
import { expectedTime, type TimeSpan } from './run-speeds.ts';
import type { SessionMedia } from './session-media.ts';
import type { RunOutlook, StudioState, TrackScope } from './studio-state.ts';

/** What a run would do, before it is started. */
interface RunPreview {
  /** That it visits. */
  readonly frames: number;
  readonly objects: number;
  readonly concepts: number;
  /** null: nothing was measured yet on this machine. */
  readonly time: TimeSpan | null;
  readonly bytes: number;
}

/** Bytes of a stored mask before any was seen, and of what is stored beside it. */
const USUAL_MASK_BYTES = 1500;
const ROW_BYTES = 160;

/** What the planner line says of a run that the engine has planned. */
export function previewOf(
  plan: TrackingPlan,
  state: StudioState,
  media: SessionMedia | null,
  storage: Storage,
): RunPreview {
  const { objectIds, conceptIds, range, frameCount: frames } = plan;
  const [objects, concepts] = [objectIds.length, conceptIds.length];
  const things = objects + concepts;
  const stored = range.last - range.first + 1;
  const maskBytes = media?.masks.meanMaskBytes() ?? USUAL_MASK_BYTES;
  const memory = runMemoryBytes(stored, things, state.model?.memoryBytes ?? 0);
  const bytes = stored * things * (maskBytes + ROW_BYTES) + memory;
  return { frames, objects, concepts, time: expectedTime(state, frames, things, storage), bytes };
}

/** What decides what Track would do. */
interface Asked {
  readonly session: StudioState['session'];
  readonly marks: StudioState['marks'];
  readonly model: StudioState['model'];
}

/** Asks the engine what Track would do, whenever that may have changed, one question at a time. */
export class RunOutlooks {
  readonly #desk: Desk;
  #asked: Asked | null = null;
  #isAsking = false;

  constructor(desk: Desk) {
    this.#desk = desk;
    desk.store.subscribe(() => void this.#follow());
  }

  async #follow(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    for (let next = this.#question(); next !== null; next = this.#question()) {
      this.#asked = next;
      const outlook = await this.#ask();
      if (this.#isOnDesk(next)) this.#desk.store.patch({ outlook });
    }
    this.#isAsking = false;
  }

  /** null: it is asked already, or there is nothing to ask. While something runs, what comes after it is not known. */
  #question(): Asked | null {
    const { session, marks, model } = this.#desk.store.value;
    if (session === null || model === null || isBusy(this.#desk.store.value)) {
      this.#asked = null;
      this.#desk.store.patch({ outlook: null });
      return null;
    }
    const was = this.#asked;
    const isSame = was?.session === session && was.marks === marks && was.model === model;
    return isSame ? null : { session, marks, model };
  }

  #isOnDesk({ session }: Asked): boolean {
    return session !== null && session.sessionId === this.#desk.store.value.session?.sessionId;
  }

  async #ask(): Promise<RunOutlook | null> {
    const { store, client } = this.#desk;
    const { session, marks: range, settings } = store.value;
    const { packId, device } = settings;
    const wish = { packId, device, policy: 'studio', memoryPolicy: null, range, direction: 'both' } as const;
    const conceptIds = searchedConcepts(store.value, 'both');
    try {
      const plan = await client().planTracking({ sessionId: session?.sessionId ?? '', ...wish, conceptIds });
      return { kind: 'plan', plan };
    } catch (error) {
      // Nothing is said yet, or there is no engine; the banner says so.
      return StudioError.from(error).code === 'range-invalid' ? { kind: 'outside' } : null;
    }
  }
}

/**
 * Concepts that a run searches for: those of which no instance was accepted by hand, and for a step of one frame those that have found nothing
 * yet, because a search begins anew.
 */
export function searchedConcepts({ session }: StudioState, scope: TrackScope): ConceptId[] {
  const { objects = [], prompts = [], concepts = [] } = session?.state ?? {};
  const prompted = new Set(prompts.flatMap(({ prompt }) => ('objectId' in prompt ? [prompt.objectId] : [])));
  const isStep = scope === 'back-one' || scope === 'forward-one';
  const left = new Set(
    objects.flatMap(({ objectId, conceptId }) => (isStep || prompted.has(objectId) ? [conceptId] : [])),
  );
  return concepts.map(({ conceptId }) => conceptId).filter((conceptId) => !left.has(conceptId));
}
