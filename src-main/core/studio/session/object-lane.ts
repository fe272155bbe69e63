import type { ObjectLane } from '../../../../src-shared/contract/results.ts';
import { frameIndex, type ObjectId } from '../../../../src-shared/domain/ids.ts';
import { confidenceByte, laneState } from '../../../../src-shared/domain/lane.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import type { SessionReader } from '../../store/index.ts';

/** One object's lane within a range, from its first tracked frame there to its last; the receiver owns the bytes. */
export function laneOf(session: SessionReader, objectId: ObjectId, range: FrameRange): ObjectLane {
  const rows = session.masks.lane(objectId, range);
  const first = rows.at(0)?.frame ?? 0;
  const length = rows.length === 0 ? 0 : rows[rows.length - 1].frame - first + 1;
  const states = new Uint8Array(length);
  const confidences = new Uint8Array(length);
  for (const row of rows) {
    states[row.frame - first] = laneState(row.area > 0, row.provisional === 1);
    confidences[row.frame - first] = confidenceByte(row);
  }
  return { first: frameIndex(first), states, confidences };
}
