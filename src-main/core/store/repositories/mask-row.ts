import {
  type FrameIndex,
  frameIndex,
  type ObjectId,
  objectId,
  type RunId,
  runId,
} from '../../../../src-shared/domain/ids.ts';
import type { Scores } from '../../../../src-shared/domain/scores.ts';
import type { MaskSource } from '../../../../src-shared/domain/track.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import { maskArea, type RleMask } from '../../../../src-shared/mask/rle.ts';
import type { SqlValue } from '../connection.ts';
import { maskRowChecksum, ownedBytes } from '../row-checksum.ts';
import { MAX_FRAME_INDEX, MAX_OBJECT_ID } from '../session-format.ts';

/** One object on one frame, to be stored. */
export interface NewMask {
  readonly frameIndex: FrameIndex;
  readonly objectId: ObjectId;
  /** At video size; null: the object is absent on this frame (which is a result too). */
  readonly mask: RleMask | null;
  readonly scores: Scores;
  readonly source: MaskSource;
  /** May still be retracted by its run. */
  readonly provisional: boolean;
}

/** One object on one frame, as stored. */
export interface MaskRecord extends NewMask {
  /** Foreground pixels; null when absent. */
  readonly area: number | null;
  /** The run that made it; null: made outside a run (a prompt answered on its frame). */
  readonly runId: RunId | null;
}

/** A mask row as SQLite returns it, with `maskColumns`. */
export interface MaskRow {
  readonly id: number;
  readonly run_id: number | null;
  readonly source: MaskSource;
  readonly provisional: number;
  readonly predicted_iou: number | null;
  readonly object_score_logit: number | null;
  readonly presence: number | null;
  readonly detection: number | null;
  readonly area: number | null;
  readonly mask: Uint8Array | null;
  readonly checksum: number;
}

export const maskColumns =
  'm.id, m.run_id, m.source, m.provisional, m.predicted_iou, m.object_score_logit, m.presence, m.detection, m.area, m.mask, m.checksum';

export const upsertMask = `INSERT OR REPLACE INTO masks (id, frame_index, object_id, run_id, source, provisional, predicted_iou, object_score_logit,
  presence, detection, area, mask, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Row id of a mask: frame index above, object id in the low 16 bits. Throws `internal` outside their ranges. */
export function maskRowId(frame: FrameIndex, object: ObjectId): number {
  if (!Number.isInteger(frame) || frame < 0 || frame > MAX_FRAME_INDEX) throw outside(frame, object);
  if (!Number.isInteger(object) || object < 1 || object > MAX_OBJECT_ID) throw outside(frame, object);
  return frame * 65_536 + object;
}

/** Values of `upsertMask`. Checks that the mask has the video's size and is whole: a bad mask is never stored. */
export function maskValues(mask: NewMask, run: RunId | null, size: Size): SqlValue[] {
  const id = maskRowId(mask.frameIndex, mask.objectId);
  const scores = scoreList(mask.scores);
  if (scores.some((score) => Number.isNaN(score))) {
    throw bug(`A score of object ${mask.objectId} on frame ${mask.frameIndex} is not a number`);
  }
  if (mask.mask !== null && (mask.mask.width !== size.width || mask.mask.height !== size.height)) {
    throw bug(`A mask of ${mask.mask.width}x${mask.mask.height} was given for a video of ${size.width}x${size.height}`);
  }
  const blob = mask.mask?.bytes ?? null;
  const area = mask.mask === null ? null : maskArea(mask.mask);
  const checksum = maskRowChecksum(id, scores, blob);
  return [
    id,
    mask.frameIndex,
    mask.objectId,
    run,
    mask.source,
    Number(mask.provisional),
    ...scores,
    area,
    blob,
    checksum,
  ];
}

/** The record of a row; throws `mask-corrupt` naming frame and object when the checksum does not match. */
export function maskRecord(row: MaskRow, size: Size): MaskRecord {
  const scores: Scores = {
    predictedIou: row.predicted_iou,
    objectScoreLogit: row.object_score_logit,
    presence: row.presence,
    detection: row.detection,
  };
  if (maskRowChecksum(row.id, scoreList(scores), row.mask) !== row.checksum) throw damagedMask(row.id);
  return {
    frameIndex: frameOf(row.id),
    objectId: objectOf(row.id),
    mask: row.mask === null ? null : { ...size, bytes: ownedBytes(row.mask) },
    scores,
    source: row.source,
    provisional: row.provisional === 1,
    area: row.area,
    runId: row.run_id === null ? null : runId(row.run_id),
  };
}

/** What `read` gives; `damaged` instead where the stored mask that it reads is damaged. */
export function readableOr<T>(damaged: T, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof StudioError && error.code === 'mask-corrupt') return damaged;
    throw error;
  }
}

export function frameOf(rowId: number): FrameIndex {
  return frameIndex(Math.floor(rowId / 65_536));
}

export function objectOf(rowId: number): ObjectId {
  return objectId(rowId % 65_536);
}

/** In the order of the columns. SQLite stores -0 as 0, so it is made 0 before the checksum. */
function scoreList(scores: Scores): (number | null)[] {
  return [scores.predictedIou, scores.objectScoreLogit, scores.presence, scores.detection].map((score) =>
    score === null ? null : score + 0,
  );
}

function damagedMask(rowId: number): StudioError {
  const frame = frameOf(rowId);
  const object = objectOf(rowId);
  return new StudioError(
    'mask-corrupt',
    'resource',
    `The stored mask of object ${object} on frame ${frame} is damaged; all others are kept. Track that frame again.`,
    { details: { frameIndex: frame, objectId: object } },
  );
}

function outside(frame: number, object: number): StudioError {
  return bug(`Frame ${frame}, object ${object} is outside what a session can hold`);
}

function bug(what: string): StudioError {
  return new StudioError('internal', 'bug', `${what}; nothing of this batch was stored.`);
}
