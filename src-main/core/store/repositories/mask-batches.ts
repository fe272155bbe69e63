import { type FrameIndex, frameIndex, type ObjectId, type RunId } from '../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import { noScores } from '../../../../src-shared/domain/scores.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import type { Connection } from '../connection.ts';
import { restoreEarlier } from '../swap-masks.ts';
import { agreementOf, comparisonQueries, noteEarlier, settleAgreement } from './comparisons.ts';
import { maskValues, type NewMask, readableOr, upsertMask } from './mask-row.ts';
import { noteShapes } from './mask-shapes.ts';
import { MaskReads, maskQueries } from './masks.ts';
import { ensureFoundObject, type NewObject } from './objects.ts';
import { placeAside } from './set-aside.ts';
import { putSnapshot } from './snapshots.ts';

/** Where a run has come to with this batch. */
export interface RunProgress {
  readonly runId: RunId;
  readonly direction: 'forward' | 'backward';
  /** The last frame of the batch, in running order. */
  readonly lastFrame: FrameIndex;
}

/** State of the tracker after `frameIndex`; the bytes are copied before the call returns. */
export interface NewSnapshot {
  readonly frameIndex: FrameIndex;
  readonly bytes: Uint8Array;
}

export interface MaskBatch {
  readonly rows: readonly NewMask[];
  readonly progress: RunProgress;
  /** Objects the tracker found in these frames; known ids are left as they are, retracted ones come back, removed ones do not. */
  readonly found?: readonly (NewObject & { readonly id: ObjectId })[];
  /** Objects withdrawn in these frames: all that this run stored for them goes, rows of this batch included, and what is provisional still. */
  readonly retracted?: readonly ObjectId[];
  /** Replaces the run's snapshot. */
  readonly snapshot?: NewSnapshot;
}

const stateOfRun = 'SELECT state FROM runs WHERE id = ?';

export class MaskWrites extends MaskReads {
  readonly #connection: Connection;

  constructor(connection: Connection, size: Size) {
    super(connection, size);
    this.#connection = connection;
  }

  /**
   * Stores a batch of one run: rows (replacing those of the same frame and object), found and retracted objects, progress and
   * snapshot, all or nothing. When it returns, the batch survives a killed process. An object whose row is not provisional
   * has its earlier rows confirmed, also those of the run that this one goes on from. Returns for each row its agreement (IoU) with the mask that
   * it replaces (where a run that never ended made that: with the one before the comparison), null where no comparison of the object is open or no
   * readable mask was there.
   * Throws `disk-full` (this batch is not stored, all earlier ones are safe) or `internal` (a row that is not valid).
   */
  commitBatch(batch: MaskBatch): readonly (number | null)[] {
    const { progress } = batch;
    return this.#connection.transaction(() => {
      for (const object of batch.found ?? []) ensureFoundObject(this.#connection, object);
      const agreements = batch.rows.map((row) => this.#put(row, progress.runId));
      noteShapes(this.#connection, batch.rows, this.size);
      this.#confirm(batch.rows);
      for (const object of batch.retracted ?? []) this.#retract(object, progress.runId);
      this.#advance(progress);
      if (batch.snapshot !== undefined) {
        putSnapshot(this.#connection, { ...batch.snapshot, runId: progress.runId, direction: progress.direction });
      }
      return agreements;
    });
  }

  /** Stores masks made outside a run (a prompt answered on its own frame), all or nothing. Not undoable. */
  save(rows: readonly NewMask[]): void {
    this.#connection.transaction(() => {
      for (const row of rows) this.#put(row, null);
      noteShapes(this.#connection, rows, this.size);
    });
  }

  /** Masks that answer prompts of their own frame and that no run has replaced: row ids with checksums. */
  answers(): ReadonlyMap<number, number> {
    const rows = this.#connection.all<{ id: number; checksum: number }>(maskQueries.answers);
    return new Map(rows.map(({ id, checksum }) => [id, checksum]));
  }

  /** Removes answers that are still as they were; what they had replaced comes back. Not undoable: it follows from prompts, which are. */
  forgetAnswers(answers: ReadonlyMap<number, number>): void {
    this.#connection.transaction(() => {
      for (const [id, checksum] of answers) {
        const row = this.#connection.get<{ object_id: number; checksum: number }>(maskQueries.answer, id);
        if (row?.checksum !== checksum) continue;
        const open = this.#connection.get<{ id: number }>(comparisonQueries.of, row.object_id);
        if (open !== undefined && restoreEarlier(this.#connection, open.id, id)) continue;
        this.#connection.run(maskQueries.forget, id);
      }
    });
  }

  /**
   * A place for what an object has on some frames, to exchange it with; out of sight. `absent`: it holds rows that say that the object is
   * not there, by a person's word. Call inside the step that makes the exchange.
   */
  makeRoomAside(spans: readonly FrameRange[], absent: boolean): ObjectId {
    const place = placeAside(this.#connection, spans);
    const facts = { objectId: place, mask: null, scores: noScores, source: 'prompt' as const, provisional: false };
    for (const { first, last } of absent ? spans : []) {
      for (let frame: number = first; frame <= last; frame++)
        this.#put({ ...facts, frameIndex: frameIndex(frame) }, null);
    }
    return place;
  }

  #put(row: NewMask, run: RunId | null): number | null {
    const open = this.#connection.get<{ id: number }>(comparisonQueries.of, row.objectId);
    if (open !== undefined) noteEarlier(this.#connection, open.id, row.frameIndex, row.objectId);
    const replaced = open === undefined ? null : readableOr(null, () => this.get(row.frameIndex, row.objectId));
    this.#connection.run(upsertMask, ...maskValues(row, run, this.size));
    const earlier = open === undefined ? null : settleAgreement(this.#connection, open.id, row, this.size);
    if (replaced === null) return null;
    // What a run that never ended has left is no track: its own frames, tracked again, would agree with themselves.
    return this.#isUnfinished(replaced.runId) ? earlier : agreementOf(replaced.mask, row.mask);
  }

  #isUnfinished(run: RunId | null): boolean {
    const row = run === null ? undefined : this.#connection.get<{ state: string }>(stateOfRun, run);
    return row !== undefined && row.state !== 'done';
  }

  #confirm(rows: readonly NewMask[]): void {
    const settled = new Set(rows.filter((row) => !row.provisional).map((row) => row.objectId));
    for (const object of settled) this.#connection.run(maskQueries.confirm, object);
  }

  #retract(object: ObjectId, run: RunId): void {
    this.#connection.run(maskQueries.retract, object, run);
    if (this.#connection.get(maskQueries.hasAny, object) !== undefined) return;
    // Nothing else speaks for it: an object no one prompted and no other run tracked is gone for the user.
    this.#connection.run(
      'UPDATE objects SET deleted = 1 WHERE id = ? AND NOT EXISTS (SELECT 1 FROM prompts WHERE object_id = objects.id)',
      object,
    );
  }

  #advance(progress: RunProgress): void {
    const column = progress.direction === 'forward' ? 'forward_committed' : 'backward_committed';
    const { changes } = this.#connection.run(
      `UPDATE runs SET ${column} = ? WHERE id = ? AND state = 'running'`,
      progress.lastFrame,
      progress.runId,
    );
    if (changes === 1) return;
    throw new StudioError('internal', 'bug', `Run ${progress.runId} is not running; this batch was not stored.`);
  }
}
