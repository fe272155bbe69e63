import type { FrameMask } from '../../../../src-shared/contract/results.ts';
import type { ConceptId, FrameIndex, ObjectId, RunId } from '../../../../src-shared/domain/ids.ts';
import type { TrackedFrame } from '../../../../src-shared/domain/track.ts';
import { maskArea, maskIou, type RleMask } from '../../../../src-shared/mask/rle.ts';
import { readableOr, type SessionReader, type SessionWriter, type SettingValue } from '../../store/index.ts';
import { lockedObjects } from './edit-objects.ts';

/** From this IoU on two masks of one frame show one thing (sam-pipeline 2.5 has 0.1 to 0.5). */
const TWIN_IOU = 0.5;
const foundTwinsKey = 'foundTwins';

/** Objects of the latest run that are left out, for as long as it runs. */
interface FoundTwins {
  readonly runId: RunId;
  readonly ids: readonly ObjectId[];
}

interface SeenFrame {
  readonly frameIndex: FrameIndex;
  readonly masks: readonly FrameMask[];
}

/**
 * Objects of a batch that a phrase found although a person has them already: they were accepted, corrected, clicked or locked, and the
 * tracker doesn't know that they are what it is looking for. A found object is such a twin when it shows the same thing on its first frame, or on one
 * that the other was prompted on. It stays left out until the run ends.
 */
export function foundTwins(
  session: SessionWriter,
  runId: RunId,
  tracked: readonly TrackedFrame[],
  frames: readonly SeenFrame[],
): ReadonlySet<ObjectId> {
  const noted = session.settings.get(foundTwinsKey) as unknown as FoundTwins | undefined;
  const twins = new Set(noted?.runId === runId ? noted.ids : []);
  const known = twins.size;
  const concepts = conceptsOf(tracked);
  if (concepts.size === 0) return twins;
  const taken = takenObjects(session);
  const begun = new Set<ObjectId>();
  for (const { frameIndex, masks } of frames) {
    for (const { objectId, mask } of masks) {
      if (!concepts.has(objectId) || taken.has(objectId) || twins.has(objectId) || isEmpty(mask)) continue;
      const isFirst = !begun.has(objectId) && session.objects.get(objectId) === null;
      begun.add(objectId);
      const others = [...taken].filter(([, prompted]) => isFirst || prompted.has(frameIndex)).map(([id]) => id);
      const shown = others.map((id) => maskOn(session, masks, frameIndex, id));
      if (shown.some((other) => !isEmpty(other) && maskIou(mask as RleMask, other as RleMask) >= TWIN_IOU))
        twins.add(objectId);
    }
  }
  if (twins.size > known) {
    const now: FoundTwins = { runId, ids: [...twins] };
    session.settings.set(foundTwinsKey, now as unknown as SettingValue);
  }
  return twins;
}

function conceptsOf(frames: readonly TrackedFrame[]): ReadonlyMap<ObjectId, ConceptId> {
  const pairs = frames.flatMap(({ objects }) =>
    objects.flatMap(({ objectId, conceptId }) => (conceptId === null ? [] : [[objectId, conceptId] as const])),
  );
  return new Map(pairs);
}

/** Objects that a person prompted or locked, with the frames that they were prompted on. */
function takenObjects(session: SessionReader): ReadonlyMap<ObjectId, ReadonlySet<FrameIndex>> {
  const taken = new Map<ObjectId, Set<FrameIndex>>([...lockedObjects(session)].map((id) => [id, new Set()]));
  for (const { prompt } of session.prompts.all()) {
    if (!('objectId' in prompt)) continue;
    const frames = taken.get(prompt.objectId) ?? new Set();
    taken.set(prompt.objectId, frames.add(prompt.frameIndex));
  }
  return taken;
}

/** As this batch has it, else as it is stored. */
function maskOn(session: SessionReader, masks: readonly FrameMask[], frame: FrameIndex, id: ObjectId): RleMask | null {
  const here = masks.find(({ objectId }) => objectId === id);
  if (here !== undefined) return here.mask;
  return readableOr(null, () => session.masks.get(frame, id))?.mask ?? null;
}

function isEmpty(mask: RleMask | null): boolean {
  return mask === null || maskArea(mask) === 0;
}
