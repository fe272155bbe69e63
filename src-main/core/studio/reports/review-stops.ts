import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReviewEvent } from '../../../../src-shared/contract/results.ts';
import { type FrameIndex, frameIndex, type ObjectId } from '../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import { type SeenMask, StopFinder } from '../../review/index.ts';
import { type MaskFacts, type MaskShape, openSessionReader, type SessionReader, shapeKey } from '../../store/index.ts';

/** Read at a time; other work of the thread comes in between. */
const CHUNK_FRAMES = 1_000;
const LOW_PRESENCE = 0.5;

/**
 * Reads through a session once and tells the stops as they are found. Scores and areas come from the index and shapes from their own
 * table: blobs are read only where nothing was noted. Errors as `openSessionReader`, cancelled.
 */
export async function* reviewStops(sessionPath: string, signal: AbortSignal): AsyncGenerator<ReviewEvent> {
  using session = openSessionReader(sessionPath);
  const { frameCount } = session.media.get().info;
  const named = session.objects.all().map(({ id, name }) => ({ objectId: id, name }));
  yield { kind: 'began', objects: named, reviews: session.reviews.all() };
  const objects = named.map(({ objectId }) => objectId);
  const presence = session.shapes.lowPresence(LOW_PRESENCE);
  const finder = new StopFinder();
  for (let first = 0; first < frameCount; first += CHUNK_FRAMES) {
    signal.throwIfAborted();
    const last = Math.min(frameCount, first + CHUNK_FRAMES) - 1;
    const range = { first: frameIndex(first), last: frameIndex(last) };
    const frames = seenFrames(session, objects, range, presence);
    const stops = frames.flatMap(([index, masks]) => finder.frame(index, masks));
    yield { kind: 'found', stops, framesDone: last + 1, frameCount };
    await nextTurn();
  }
  yield { kind: 'found', stops: finder.finish(), framesDone: frameCount, frameCount };
}

/** Frames of a range that have any mask, ascending, with what was seen on each. */
function seenFrames(
  session: SessionReader,
  objects: readonly ObjectId[],
  range: FrameRange,
  presence: ReadonlyMap<number, number>,
): readonly (readonly [FrameIndex, readonly SeenMask[]])[] {
  const shapes = session.shapes.noted(range);
  const frames = new Map<FrameIndex, SeenMask[]>();
  for (const objectId of objects) {
    let previous: MaskFacts | null = null;
    for (const facts of session.shapes.facts(objectId, range)) {
      const shape = shapeOf(session, objectId, facts, shapes, follows(previous, facts, range));
      const masks = frames.get(facts.frameIndex) ?? [];
      masks.push(seenMask(objectId, facts, shape, presence.get(shapeKey(facts.frameIndex, objectId)) ?? null));
      frames.set(facts.frameIndex, masks);
      previous = facts;
    }
  }
  return [...frames].sort(([a], [b]) => a - b);
}

/** Whether the object may have had a mask one frame earlier; not known at the beginning of a range. */
function follows(previous: MaskFacts | null, { frameIndex: frame }: MaskFacts, { first }: FrameRange): boolean {
  return frame === first || (previous !== null && previous.frameIndex === frame - 1 && previous.area > 0);
}

function shapeOf(
  session: SessionReader,
  objectId: ObjectId,
  { frameIndex: frame, area }: MaskFacts,
  shapes: ReadonlyMap<number, MaskShape>,
  followsOn: boolean,
): MaskShape | null {
  if (area === 0) return null;
  const noted = shapes.get(shapeKey(frame, objectId));
  if (noted !== undefined && (noted.stepIou !== null || !followsOn)) return noted;
  return session.shapes.measure(frame, objectId, followsOn);
}

function seenMask(
  objectId: ObjectId,
  { frameIndex: frame, area, source, run, predictedIou, objectScoreLogit }: MaskFacts,
  shape: MaskShape | null,
  presence: number | null,
): SeenMask {
  return {
    objectId,
    frameIndex: frame,
    area: shape === null ? 0 : area,
    box: shape?.box ?? null,
    stepIou: shape?.stepIou ?? null,
    confidence: predictedIou,
    visible: objectScoreLogit === null ? null : 1 / (1 + Math.exp(-objectScoreLogit)),
    presence,
    byPerson: source === 'prompt',
    run,
  };
}
