import type { FrameMask } from '../../../../src-shared/contract/results.ts';
import type { FrameIndex, ObjectId, RunId } from '../../../../src-shared/domain/ids.ts';
import type { TrackedFrame } from '../../../../src-shared/domain/track.ts';
import { maskArea, type RleMask } from '../../../../src-shared/mask/rle.ts';
import { showSameThing } from '../../../../src-shared/mask/same-thing.ts';
import { readableOr, type SessionReader, type SessionWriter, type SettingValue } from '../../store/index.ts';
import { lockedObjects } from './edit-objects.ts';

const foundTwinsKey = 'foundTwins';

/** Objects of the latest run that are left out for as long as it runs, by the tracker's numbers: none of the session's is given to them. */
interface FoundTwins {
  readonly runId: RunId;
  readonly trackerIds: readonly ObjectId[];
}

interface SeenFrame {
  readonly frameIndex: FrameIndex;
  readonly masks: readonly FrameMask[];
}

/**
 * Objects of a batch that a phrase found although a person has them already: they were accepted, corrected, clicked or locked, and the
 * tracker doesn't know that they are what it is looking for. A found object is such a twin when it shows the same thing on its first frame, or on one
 * that the other was prompted on. It stays left out until the run ends. `tracked` has the tracker's numbers, `frames` the session's, place by place;
 * returns the session's, of this batch.
 */
export function foundTwins(
  session: SessionWriter,
  runId: RunId,
  tracked: readonly TrackedFrame[],
  frames: readonly SeenFrame[],
): ReadonlySet<ObjectId> {
  const noted = session.settings.get(foundTwinsKey) as unknown as FoundTwins | undefined;
  const trackerIds = new Set(noted?.runId === runId ? noted.trackerIds : []);
  const known = trackerIds.size;
  const twins = new Set<ObjectId>();
  let taken: TakenObjects | null = null;
  const begun = new Set<ObjectId>();
  for (const [at, { frameIndex, masks }] of frames.entries()) {
    for (const [place, { objectId, conceptId }] of tracked[at].objects.entries()) {
      const { objectId: own, mask } = masks[place];
      if (conceptId === null) continue;
      if (trackerIds.has(objectId)) twins.add(own);
      taken ??= takenObjects(session);
      if (twins.has(own) || taken.has(own) || isEmpty(mask)) continue;
      const isFirst = !begun.has(own) && session.objects.get(own) === null;
      begun.add(own);
      const others = [...taken].filter(([, prompted]) => isFirst || prompted.has(frameIndex)).map(([id]) => id);
      const shown = others.map((id) => maskOn(session, masks, frameIndex, id));
      if (!shown.some((other) => showSameThing(mask, other))) continue;
      trackerIds.add(objectId);
      twins.add(own);
    }
  }
  if (trackerIds.size > known) {
    const now: FoundTwins = { runId, trackerIds: [...trackerIds] };
    session.settings.set(foundTwinsKey, now as unknown as SettingValue);
  }
  return twins;
}

type TakenObjects = ReadonlyMap<ObjectId, ReadonlySet<FrameIndex>>;

/** Objects that a person prompted or locked, with the frames that they were prompted on. */
function takenObjects(session: SessionReader): TakenObjects {
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
