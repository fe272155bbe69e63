import type { ConceptState, ObjectState } from '../../src-shared/contract/results.ts';
import type { ConceptId } from '../../src-shared/domain/ids.ts';
import { runMemoryBytes } from '../../src-shared/domain/run-memory.ts';
import type { SessionMedia } from './session-media.ts';
import type { StudioState, TrackScope } from './studio-state.ts';

/** What a run would do, before it is started. */
interface RunPreview {
  readonly frames: number;
  readonly objects: number;
  readonly concepts: number;
  /** null: nothing was measured yet on this machine. */
  readonly secs: number | null;
  readonly bytes: number;
}

const SPEED_KEY = 'masklet-millis-per-frame';
/** Bytes of a stored mask before any was seen, and of what is stored beside it. */
const USUAL_MASK_BYTES = 1500;
const ROW_BYTES = 160;

/** What the planner line says of a run of both ways. Time comes from the last run on this machine, scaled by frames. */
export function previewOf(state: StudioState, media: SessionMedia | null, storage: Storage): RunPreview | null {
  const { session, marks, model } = state;
  if (session === null) return null;
  const { objects, prompts, video, runs } = session.state;
  const first = marks.first ?? 0;
  const last = marks.last ?? video.frameCount - 1;
  // Another pack makes other masks, of everything.
  const isOtherPack = model !== null && runs.length > 0 && runs.at(-1)?.packId !== model.packId;
  const isOpen = ({ covered }: Pick<ObjectState | ConceptState, 'covered'>) =>
    isOtherPack || !covered.some((span) => span.first <= first && span.last >= last);
  const prompted = new Set(prompts.flatMap(({ prompt }) => ('objectId' in prompt ? [prompt.objectId] : [])));
  const tracked = objects.filter((each) => prompted.has(each.objectId) && !each.locked && isOpen(each)).length;
  const searched = new Set(searchedConcepts(state, 'both'));
  const looking = session.state.concepts.filter((each) => searched.has(each.conceptId) && isOpen(each)).length;
  const frames = last - first + 1;
  const millis = Number(storage.getItem(speedKey(state)) ?? Number.NaN);
  const secs = Number.isFinite(millis) && millis > 0 ? (frames * millis) / 1000 : null;
  const maskBytes = media?.masks.meanMaskBytes() ?? USUAL_MASK_BYTES;
  const memory = runMemoryBytes(frames, tracked + looking, model?.memoryBytes ?? 0);
  const bytes = frames * (tracked + looking) * (maskBytes + ROW_BYTES) + memory;
  return { frames, objects: tracked, concepts: looking, secs, bytes };
}

/** A pack's speed on a device says nothing about another one's. */
function speedKey({ model, settings }: StudioState): string {
  return `${SPEED_KEY}:${model?.packId ?? settings.packId ?? ''}:${settings.device}`;
}

export function noteSpeed(state: StudioState, millis: number): void {
  try {
    localStorage.setItem(speedKey(state), String(millis));
  } catch {
    // The storage is full or forbidden: the next run is planned without a time.
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
