import type { FrameMask } from '../../../../src-shared/contract/results.ts';
import type { ConceptId, FrameIndex, ObjectId, RunId } from '../../../../src-shared/domain/ids.ts';
import type { TrackedFrame, TrackedObject } from '../../../../src-shared/domain/track.ts';
import { rleFromLogits } from '../../../../src-shared/mask/mask-from-logits.ts';
import { resolveOverlaps } from '../../../../src-shared/mask/resolve-overlaps.ts';
import type { RleMask } from '../../../../src-shared/mask/rle.ts';
import type { NewMask, SessionReader, SessionWriter } from '../../store/index.ts';
import { countAgreeing } from './agreeing-frames.ts';
import { lockedObjects } from './edit-objects.ts';
import { withSessionIds } from './found-ids.ts';
import { foundTwins } from './found-twins.ts';

export interface FrameBatch {
  readonly runId: RunId;
  readonly direction: 'forward' | 'backward';
  /** In running order; at least one. */
  readonly frames: readonly TrackedFrame[];
  /** Side of the logits. */
  readonly lowres: number;
  /** State of the tracker after the last frame of the batch, or null. */
  readonly snapshot: Uint8Array<ArrayBuffer> | null;
  /** Show a user's own mask as given instead of what the model made of it. */
  readonly keepUserMasks: boolean;
}

interface RasterisedFrame {
  readonly frameIndex: FrameIndex;
  readonly masks: readonly FrameMask[];
}

export interface CommittedFrame extends RasterisedFrame {
  /** Lowest IoU of these masks with those that they replace; null: nothing is being compared, or nothing was there. */
  readonly agreement: number | null;
}

/** What a batch has become on disk. */
export interface CommittedBatch {
  readonly frames: readonly CommittedFrame[];
  /** Objects that the batch withdrew. */
  readonly retracted: readonly ObjectId[];
  /** Concepts that found what is an object already; see `foundTwins`. */
  readonly foundAgain: readonly ConceptId[];
  /** Frames in a row, up to the last one, that a correction left as they had been; 0 for other runs. */
  readonly agreeing: number;
}

/** Thresholds logits at video size into run lengths and commits them in one transaction; returns what is now on disk. */
export function commitFrames(session: SessionWriter, given: FrameBatch): CommittedBatch {
  return session.transaction(() => committed(session, given));
}

function committed(session: SessionWriter, given: FrameBatch): CommittedBatch {
  const batch = { ...given, frames: withSessionIds(session, given.runId, given.frames) };
  const { width, height } = session.media.get().info;
  const userMasks = batch.keepUserMasks ? userMasksOf(session) : new Map<string, RleMask>();
  const isAbsent = absencesOf(session);
  const seen = batch.frames.map(({ frameIndex, objects }) => {
    const masks = objects.map((object) => {
      if (isAbsent(object.objectId, frameIndex)) return null;
      const own = object.source === 'prompt' ? userMasks.get(`${frameIndex}:${object.objectId}`) : undefined;
      return own ?? rasterise(object, batch.lowres, width, height);
    });
    const shown = separateInstances(objects, masks);
    return { frameIndex, masks: objects.map((object, index) => frameMask(object, shown[index])) };
  });
  const twins = foundTwins(session, batch.runId, given.frames, seen);
  // A person may lock an object while it is being tracked: from then on it stays as it is.
  const locked = lockedObjects(session);
  const unwanted = new Set([...twins, ...foundTooLate(session, batch.frames)]);
  const free = without(locked, without(unwanted, seen));
  const rows: NewMask[] = free.flatMap(({ frameIndex, masks }) => masks.map((mask) => ({ frameIndex, ...mask })));
  const last = seen[seen.length - 1];
  // A twin may have been stored before it met its other.
  const stored = [...twins].filter((id) => session.objects.get(id)?.deleted === false);
  const retracted = [...batch.frames.flatMap((frame) => frame.retracted), ...stored].filter((id) => !locked.has(id));
  const agreements = session.masks.commitBatch({
    rows,
    progress: { runId: batch.runId, direction: batch.direction, lastFrame: last.frameIndex },
    found: foundObjects(session, batch.frames).filter(({ id }) => !unwanted.has(id)),
    retracted,
    ...(batch.snapshot === null ? {} : { snapshot: { frameIndex: last.frameIndex, bytes: batch.snapshot } }),
  });
  const frames = without(removedObjects(session, rows), free).map((frame) => {
    const own = agreements.filter(
      (agreement, index) => agreement !== null && rows[index].frameIndex === frame.frameIndex,
    );
    return { ...frame, agreement: own.length === 0 ? null : Math.min(...(own as number[])) };
  });
  const again = batch.frames.flatMap(({ objects }) => objects.filter(({ objectId }) => twins.has(objectId)));
  const foundAgain = [...new Set(again.flatMap(({ conceptId }) => conceptId ?? []))];
  const agreeing = countAgreeing(session, batch.runId, frames, batch.snapshot !== null);
  return { frames, retracted, foundAgain, agreeing };
}

function without(ids: ReadonlySet<ObjectId>, frames: readonly RasterisedFrame[]): readonly RasterisedFrame[] {
  if (ids.size === 0) return frames;
  return frames.map(({ frameIndex, masks }) => ({
    frameIndex,
    masks: masks.filter(({ objectId }) => !ids.has(objectId)),
  }));
}

/** Whether a person said that an object is not on a frame; that holds whatever a run sees there. */
function absencesOf(session: SessionWriter): (object: ObjectId, frame: FrameIndex) => boolean {
  const spans = session.reviews.all().filter(({ verdict }) => verdict === 'absent');
  return (object, frame) =>
    spans.some(({ objectId, first, last }) => objectId === object && frame >= first && frame <= last);
}

function rasterise(
  { logits }: Pick<TrackedObject, 'logits'>,
  lowres: number,
  width: number,
  height: number,
): RleMask | null {
  return logits === null ? null : rleFromLogits(logits, lowres, width, height);
}

/** Instances of one concept do not share pixels (sam-pipeline 2.9c); objects that a person prompted may overlap anything. */
function separateInstances(
  objects: readonly TrackedObject[],
  masks: readonly (RleMask | null)[],
): readonly (RleMask | null)[] {
  const result = [...masks];
  const found = objects.flatMap(({ conceptId }, index) => (conceptId !== null && masks[index] !== null ? [index] : []));
  for (const indices of Map.groupBy(found, (index) => objects[index].conceptId).values()) {
    const own = indices.flatMap((index) => masks[index] ?? []);
    const separate = resolveOverlaps(
      own,
      indices.map((index) => trackScore(objects[index])),
    );
    indices.forEach((index, at) => {
      result[index] = separate[at];
    });
  }
  return result;
}

/** Probability that the object is visible; a new detection has its own score. */
function trackScore({ source, scores }: TrackedObject): number {
  if (source === 'detected' && scores.detection !== null) return scores.detection;
  return scores.objectScoreLogit === null ? 0 : 1 / (1 + Math.exp(-scores.objectScoreLogit));
}

export function frameMask({ objectId, source, scores, provisional }: TrackedObject, mask: RleMask | null): FrameMask {
  return { objectId, mask, source, scores, provisional };
}

/** New objects of a concept that a person has removed since the run began. */
function foundTooLate(session: SessionWriter, frames: readonly TrackedFrame[]): readonly ObjectId[] {
  const alive = new Set(session.concepts.all().map(({ id }) => id));
  const orphans = frames.flatMap(({ objects }) =>
    objects.filter(({ conceptId }) => conceptId !== null && !alive.has(conceptId)),
  );
  return orphans.flatMap(({ objectId }) => (session.objects.get(objectId) === null ? [objectId] : []));
}

/** Their masks are stored for when that is undone, and shown to nobody. */
function removedObjects(session: SessionWriter, rows: readonly NewMask[]): ReadonlySet<ObjectId> {
  const ids = new Set(rows.map(({ objectId }) => objectId));
  return new Set([...ids].filter((id) => session.objects.get(id)?.deleted === true));
}

/** Every object a concept made in these frames, named after its phrase. */
function foundObjects(session: SessionWriter, frames: readonly TrackedFrame[]) {
  const found = new Map<ObjectId, ConceptId>();
  for (const { objects } of frames) {
    for (const { objectId, conceptId } of objects) if (conceptId !== null) found.set(objectId, conceptId);
  }
  return [...found].map(([id, conceptId]) => ({
    id,
    conceptId,
    name: session.concepts.get(conceptId)?.phrase ?? `Object ${id}`,
  }));
}

/** A person's own masks by `FRAME:OBJECT`, where nothing was said about the object on the frame after them. */
export function userMasksOf(session: SessionReader): Map<string, RleMask> {
  const masks = new Map<string, RleMask>();
  for (const { prompt } of session.prompts.all()) {
    if (!('objectId' in prompt)) continue;
    const place = `${prompt.frameIndex}:${prompt.objectId}`;
    if (prompt.kind === 'mask') masks.set(place, prompt.mask);
    // A later click on the same frame corrects the mask, so the model's answer counts there.
    else masks.delete(place);
  }
  return masks;
}
