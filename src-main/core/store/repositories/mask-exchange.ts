import type { ObjectId } from '../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import type { Connection } from '../connection.ts';
import { maskRowChecksum } from '../row-checksum.ts';
import { frameOf, type MaskRow, maskColumns, maskRowId, upsertMask } from './mask-row.ts';
import { putShape } from './mask-shapes.ts';

/** Frames handled at a time: what is in memory at once stays small. */
const CHUNK_FRAMES = 256;

interface ShapedRow extends MaskRow {
  readonly x: number | null;
  readonly y: number | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly step_iou: number | null;
}

export const exchangeQueries = {
  bounds:
    'SELECT min(frame_index) AS first, max(frame_index) AS last FROM masks WHERE object_id = ? AND frame_index BETWEEN ? AND ?',
  rows: `SELECT ${maskColumns}, s.x, s.y, s.width, s.height, s.step_iou FROM masks m LEFT JOIN mask_shapes s ON s.id = m.id
    WHERE m.object_id = ? AND m.frame_index BETWEEN ? AND ? ORDER BY m.frame_index`,
  remove: 'DELETE FROM masks WHERE object_id = ? AND frame_index BETWEEN ? AND ?',
} as const;

/**
 * Two objects give each other all their masks on some frames, each with its scores and run. Done twice, every row is as it was: that
 * makes it its own inverse, and nothing is ever overwritten. A damaged row stays damaged. Call inside a transaction.
 */
export function exchangeMasks(connection: Connection, a: ObjectId, b: ObjectId, range: FrameRange): void {
  const bounds = [a, b].flatMap((object) => {
    const found = connection.get<{ first: number | null; last: number | null }>(
      exchangeQueries.bounds,
      object,
      range.first,
      range.last,
    );
    return found?.first == null || found.last === null ? [] : [found.first, found.last];
  });
  const end = Math.max(...bounds);
  for (let first = Math.min(...bounds); first <= end; first += CHUNK_FRAMES) {
    exchangeChunk(connection, a, b, first, Math.min(end, first + CHUNK_FRAMES - 1), range.first);
  }
}

function exchangeChunk(
  connection: Connection,
  a: ObjectId,
  b: ObjectId,
  first: number,
  last: number,
  seam: number,
): void {
  const read = (object: ObjectId) => connection.all<ShapedRow>(exchangeQueries.rows, object, first, last);
  const moved = [...read(a).map((row) => ({ row, to: b })), ...read(b).map((row) => ({ row, to: a }))];
  for (const object of [a, b]) connection.run(exchangeQueries.remove, object, first, last);
  for (const { row, to } of moved) putUnder(connection, row, to);
  for (const { row, to } of moved) {
    if (row.x === null || row.y === null || row.width === null || row.height === null) continue;
    const frame = frameOf(row.id);
    const box = { x: row.x, y: row.y, width: row.width, height: row.height };
    // The first mask follows on another one now.
    putShape(connection, maskRowId(frame, to), { box, stepIou: frame === seam ? null : row.step_iou });
  }
}

function putUnder(connection: Connection, row: MaskRow, object: ObjectId): void {
  const frame = frameOf(row.id);
  const id = maskRowId(frame, object);
  const scores = [row.predicted_iou, row.object_score_logit, row.presence, row.detection];
  // The difference to what it should be moves along: a row that was damaged is still found to be.
  const damage = row.checksum ^ maskRowChecksum(row.id, scores, row.mask);
  const checksum = (maskRowChecksum(id, scores, row.mask) ^ damage) >>> 0;
  connection.run(
    upsertMask,
    id,
    frame,
    object,
    row.run_id,
    row.source,
    row.provisional,
    ...scores,
    row.area,
    row.mask,
    checksum,
  );
}

/** Removes all masks of an object on some frames, for good. */
export function removeMasks(connection: Connection, object: ObjectId, { first, last }: FrameRange): void {
  connection.run(exchangeQueries.remove, object, first, last);
}

/** Whether an object has no row on some frames. */
export function isEmptyOn(connection: Connection, object: ObjectId, range: FrameRange): boolean {
  const found = connection.get<{ first: number | null }>(exchangeQueries.bounds, object, range.first, range.last);
  return found?.first == null;
}
