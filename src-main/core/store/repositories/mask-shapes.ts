import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { BoxInVideo, Size } from '../../../../src-shared/geometry/geometry.ts';
import { maskBox, maskIou, type RleMask } from '../../../../src-shared/mask/rle.ts';
import type { Connection } from '../connection.ts';
import { ownedBytes } from '../row-checksum.ts';
import { maskRowId, type NewMask } from './mask-row.ts';

/** One frame up in a mask's row id. */
const FRAME_STEP = 65_536;

/** What is known of a mask without its blob. */
export interface MaskShape {
  /** Tight box in whole pixels. */
  readonly box: BoxInVideo;
  /** IoU with the object's mask one frame earlier; null: not known, or there is none. */
  readonly stepIou: number | null;
}

export const shapeQueries = {
  put: 'INSERT OR REPLACE INTO mask_shapes (id, x, y, width, height, step_iou) VALUES (?, ?, ?, ?, ?, ?)',
  setStep: 'UPDATE mask_shapes SET step_iou = ? WHERE id = ?',
  has: 'SELECT 1 FROM mask_shapes WHERE id = ?',
  mask: 'SELECT mask FROM masks WHERE id = ?',
} as const;

/** Notes the shapes of masks that were just stored, and how the frames after them now follow on. Call in the transaction that stores them. */
export function noteShapes(connection: Connection, rows: readonly NewMask[], size: Size): void {
  const fresh = new Map(rows.map((row) => [maskRowId(row.frameIndex, row.objectId), row.mask]));
  const maskAt = (id: number): RleMask | null =>
    fresh.get(id) ?? (fresh.has(id) ? null : storedMask(connection, id, size));
  for (const [id, mask] of fresh) {
    const box = mask === null ? null : maskBox(mask);
    if (mask === null || box === null) continue;
    putShape(connection, id, { box, stepIou: stepIou(maskAt(id - FRAME_STEP), mask) });
    const next = id + FRAME_STEP;
    if (fresh.has(next) || connection.get(shapeQueries.has, next) === undefined) continue;
    connection.run(shapeQueries.setStep, stepIou(mask, storedMask(connection, next, size)), next);
  }
}

export function putShape(connection: Connection, id: number, { box, stepIou: step }: MaskShape): void {
  connection.run(shapeQueries.put, id, box.x, box.y, box.width, box.height, step);
}

/** IoU of two masks that follow each other; null where one of them is missing or damaged. */
export function stepIou(before: RleMask | null, mask: RleMask | null): number | null {
  if (before === null || mask === null) return null;
  try {
    return maskIou(before, mask);
  } catch (error) {
    // A damaged mask is named where it is shown; a shape is only a hint.
    if (error instanceof StudioError) return null;
    throw error;
  }
}

/** A mask as it lies in the file, not checked; null: absent, or no such row. */
export function storedMask(connection: Connection, id: number, size: Size): RleMask | null {
  const bytes = connection.get<{ mask: Uint8Array | null }>(shapeQueries.mask, id)?.mask ?? null;
  return bytes === null ? null : { width: size.width, height: size.height, bytes: ownedBytes(bytes) };
}
