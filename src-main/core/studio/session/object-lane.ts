import type { ObjectLane } from '../../../../src-shared/contract/results.ts';
import { frameIndex, type ObjectId } from '../../../../src-shared/domain/ids.ts';
import { confidenceByte, laneState } from '../../../../src-shared/domain/lane.ts';
import type { SessionReader } from '../../store/index.ts';

/** One object's lane from its first tracked frame to its last; the receiver owns the bytes. */
export function laneOf(session: SessionReader, objectId: ObjectId): ObjectLane {
  const { frameCount } = session.media.get().info;
  const states = new Uint8Array(frameCount);
  const confidences = new Uint8Array(frameCount);
  let first = frameCount;
  let last = -1;
  for (const row of session.masks.lane(objectId)) {
    if (last < 0) first = row.frame;
    last = row.frame;
    states[last] = laneState(row.area > 0, row.provisional === 1);
    confidences[last] = confidenceByte(row);
  }
  if (last < 0) return { first: frameIndex(0), states: new Uint8Array(0), confidences: new Uint8Array(0) };
  return {
    first: frameIndex(first),
    states: states.slice(first, last + 1),
    confidences: confidences.slice(first, last + 1),
  };
}
