import { type FrameIndex, frameIndex, type RunId, runId } from '../../../../src-shared/domain/ids.ts';
import type { Connection } from '../connection.ts';
import { blobChecksum, ownedBytes } from '../row-checksum.ts';

/** The tracker's own state after a committed frame, opaque here. */
export interface Snapshot {
  readonly runId: RunId;
  readonly frameIndex: FrameIndex;
  readonly direction: 'forward' | 'backward';
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export class SnapshotReads {
  protected readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** The newest snapshot of a run; null when there is none or it is damaged (prompts and masks can rebuild the memory). */
  latest(run: RunId): Snapshot | null {
    const row = this.connection.get<{
      run_id: number;
      frame_index: number;
      direction: 'forward' | 'backward';
      bytes: Uint8Array;
      checksum: number;
    }>('SELECT run_id, frame_index, direction, bytes, checksum FROM snapshots WHERE run_id = ?', run);
    if (row === undefined || blobChecksum(row.bytes) !== row.checksum) return null;
    return {
      runId: runId(row.run_id),
      frameIndex: frameIndex(row.frame_index),
      direction: row.direction,
      bytes: ownedBytes(row.bytes),
    };
  }
}

/** Replaces the run's snapshot; call inside the transaction of the masks it follows. */
export function putSnapshot(
  connection: Connection,
  snapshot: Omit<Snapshot, 'bytes'> & { readonly bytes: Uint8Array },
): void {
  connection.run(
    'INSERT OR REPLACE INTO snapshots (run_id, frame_index, direction, bytes, checksum) VALUES (?, ?, ?, ?, ?)',
    snapshot.runId,
    snapshot.frameIndex,
    snapshot.direction,
    snapshot.bytes,
    blobChecksum(snapshot.bytes),
  );
}

/** Forgets the snapshots of every run but some. */
export function dropSnapshotsExcept(connection: Connection, keep: readonly RunId[]): void {
  connection.run('DELETE FROM snapshots WHERE run_id NOT IN (SELECT value FROM json_each(?))', JSON.stringify(keep));
}
