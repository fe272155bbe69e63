import type { Connection, SqlValue } from './connection.ts';

/** Setting that holds how each object was last tracked, by `object:ID`; a comparison keeps the earlier entry of its object. */
export const trackingRecordsKey = 'owners';

interface Stored {
  readonly mask_id: number;
  readonly existed: number;
}

const columns =
  'run_id, source, provisional, predicted_iou, object_score_logit, presence, detection, area, mask, checksum';

/**
 * Exchanges the stored masks of a comparison's object with the earlier ones, and its tracking record with the noted one: doing it twice
 * changes nothing.
 */
export function setComparisonState(connection: Connection, id: number, state: 'open' | 'reverted'): void {
  const found = connection.get<{ object_id: number; state: string }>(
    'SELECT object_id, state FROM comparisons WHERE id = ?',
    id,
  );
  if (found === undefined || found.state === state) return;
  const rows = connection.all<Stored>('SELECT mask_id, existed FROM earlier_masks WHERE comparison_id = ?', id);
  for (const row of rows) swapRow(connection, id, row);
  swapRecord(connection, id, found.object_id);
  connection.run('UPDATE comparisons SET state = ? WHERE id = ?', state, id);
}

/** Brings a comparison to a state: stored and earlier masks change places when it is in the other one. */
export interface SwapEdit {
  readonly kind: 'swap-masks';
  readonly comparisonId: number;
  readonly state: 'open' | 'reverted';
  /** The object's tracking record after it was reverted, as JSON; absent in sessions of older versions. */
  readonly record?: string;
}

/**
 * Reverts a comparison, or opens it again. What was tracked or answered since cannot be compared with what was there before: then nothing
 * happens.
 */
export function applySwap(connection: Connection, { comparisonId: id, state, record }: SwapEdit): void {
  if (state === 'open' && hasMovedOn(connection, id, record)) return;
  setComparisonState(connection, id, state);
}

/** Whether another comparison of the object was begun since, or its tracking record is not `record` any more. */
function hasMovedOn(connection: Connection, id: number, record: string | undefined): boolean {
  const object = connection.get<{ object_id: number }>('SELECT object_id FROM comparisons WHERE id = ?', id)?.object_id;
  if (object === undefined) return true;
  const other = connection.get("SELECT 1 FROM comparisons WHERE object_id = ? AND state = 'open'", object);
  return other !== undefined || (record !== undefined && trackingRecordOf(connection, object) !== record);
}

/** Masks that change hands cannot be compared with those of their former owner: what is there now stays. */
export function endComparisons(connection: Connection, objects: readonly number[]): void {
  for (const object of objects) {
    connection.run("DELETE FROM comparisons WHERE object_id = ? AND state = 'open'", object);
  }
}

/** A comparison that is closed with the present masks kept, or opened again. */
export interface KeepEdit {
  readonly kind: 'keep-masks';
  readonly comparisonId: number;
  readonly kept: boolean;
  /** The object's tracking record when it was kept, as JSON. */
  readonly record: string;
}

/**
 * Closes a comparison without an exchange, or opens it again. What was tracked since can no longer be compared with what was there before
 * it was kept: then nothing happens.
 */
export function applyKeep(connection: Connection, { comparisonId: id, kept, record }: KeepEdit): void {
  if (!kept && hasMovedOn(connection, id, record)) return;
  // The table knows two states: 'reverted' is any comparison that is closed.
  connection.run('UPDATE comparisons SET state = ? WHERE id = ?', kept ? 'reverted' : 'open', id);
}

/** How an object was last tracked, as JSON; `null`: never. */
export function trackingRecordOf(connection: Connection, object: number): string {
  const found = connection.get<{ record: string | null }>(
    'SELECT value_json -> ? AS record FROM settings WHERE key = ?',
    recordPath(object),
    trackingRecordsKey,
  );
  return found?.record ?? 'null';
}

/** The tracking record that a comparison has noted, as `trackingRecordOf` gives it. */
export function notedRecordOf(connection: Connection, comparison: number): string {
  const query = 'SELECT json(record_json) AS record FROM comparisons WHERE id = ?';
  return connection.get<{ record: string }>(query, comparison)?.record ?? 'null';
}

/** Puts back what was at one place before the comparison; false when nothing was noted there. */
export function restoreEarlier(connection: Connection, comparison: number, maskId: number): boolean {
  const noted = connection.get<Stored>(
    'SELECT mask_id, existed FROM earlier_masks WHERE comparison_id = ? AND mask_id = ?',
    comparison,
    maskId,
  );
  if (noted === undefined) return false;
  swapRow(connection, comparison, noted);
  connection.run('DELETE FROM earlier_masks WHERE comparison_id = ? AND mask_id = ?', comparison, maskId);
  return true;
}

function recordPath(object: number): string {
  return `$."object:${object}"`;
}

function swapRow(connection: Connection, comparison: number, { mask_id: id, existed }: Stored): void {
  const names = columns.split(', ');
  const now = connection.get<Record<string, SqlValue>>(`SELECT ${columns} FROM masks WHERE id = ?`, id);
  if (existed === 0) connection.run('DELETE FROM masks WHERE id = ?', id);
  else {
    connection.run(
      `INSERT OR REPLACE INTO masks (id, frame_index, object_id, ${columns})
       SELECT mask_id, mask_id >> 16, mask_id & 65535, ${columns} FROM earlier_masks WHERE comparison_id = ? AND mask_id = ?`,
      comparison,
      id,
    );
  }
  connection.run(
    `UPDATE earlier_masks SET existed = ?, ${names.map((name) => `${name} = ?`).join(', ')}
     WHERE comparison_id = ? AND mask_id = ?`,
    Number(now !== undefined),
    ...names.map((name) => now?.[name] ?? null),
    comparison,
    id,
  );
}

function swapRecord(connection: Connection, comparison: number, object: number): void {
  const path = recordPath(object);
  const now = trackingRecordOf(connection, object);
  const noted = connection.get<{ record_json: string }>('SELECT record_json FROM comparisons WHERE id = ?', comparison);
  const entry = noted?.record_json ?? 'null';
  if (entry === 'null') {
    connection.run(
      'UPDATE settings SET value_json = json_remove(value_json, ?) WHERE key = ?',
      path,
      trackingRecordsKey,
    );
  } else {
    connection.run(
      'UPDATE settings SET value_json = json_set(value_json, ?, json(?)) WHERE key = ?',
      path,
      entry,
      trackingRecordsKey,
    );
  }
  connection.run('UPDATE comparisons SET record_json = ? WHERE id = ?', now, comparison);
}
