import { Connection } from '../../../src-main/core/store/connection.ts';
import { type NewMask, openSessionWriter } from '../../../src-main/core/store/index.ts';
import { maskValues, upsertMask } from '../../../src-main/core/store/repositories/mask-row.ts';
import { frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import type { Size } from '../../../src-shared/geometry/geometry.ts';

const BATCH_FRAMES = 1000;

/**
 * Masks of a session's first frames: the run and its objects through the store; then the rows themselves, as the store writes them, with
 * triggers and indices put back after.
 */
export function storeMasks(
  path: string,
  frames: number,
  objects: number,
  size: Size,
  rowOf: (frame: number, id: NewMask['objectId']) => NewMask,
): void {
  const ids = Array.from({ length: objects }, (_, index) => objectId(index + 1));
  using session = openSessionWriter(path);
  for (const id of ids) session.objects.create({ id });
  const range = { first: frameIndex(0), last: frameIndex(frames - 1) };
  const facts = { packId: 'bench', packHash: 'bench', settings: {}, provider: 'none', appVersion: 'bench' };
  const { id: runId } = session.runs.begin({ ...facts, range, direction: 'forward' });
  session.runs.finish(runId, 'done');
  using connection = new Connection(path, { readonly: false, mustExist: true, busyTimeoutMillis: 1000 });
  const kept = connection.all<{ kind: string; name: string; sql: string }>(
    `SELECT type AS kind, name, sql FROM sqlite_master WHERE tbl_name = 'masks' AND type IN ('index', 'trigger') AND sql IS NOT NULL`,
  );
  for (const { kind, name } of kept) connection.execute(`DROP ${kind} ${name}`);
  for (let first = 0; first < frames; first += BATCH_FRAMES) {
    const last = Math.min(frames, first + BATCH_FRAMES) - 1;
    connection.transaction(() => {
      for (let frame = first; frame <= last; frame++) {
        for (const id of ids) connection.run(upsertMask, ...maskValues(rowOf(frame, id), runId, size));
      }
    });
    connection.transaction(() => {
      for (let frame = first; frame <= last; frame++) connection.run('INSERT INTO tracked_frames VALUES (?)', frame);
    });
    if (first % (BATCH_FRAMES * 20) === 0 && frames > BATCH_FRAMES) {
      console.error(`masks: ${Math.round((100 * first) / frames)} %`);
    }
  }
  for (const { sql } of kept) connection.execute(sql);
}
