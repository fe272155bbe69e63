import { type FrameIndex, type ObjectId, objectId } from '../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import { maskArea, maskIou, type RleMask } from '../../../../src-shared/mask/rle.ts';
import type { Connection } from '../connection.ts';
import { notedRecordOf, setComparisonState, trackingRecordOf } from '../swap-masks.ts';
import type { Journal } from './journal.ts';
import { frameOf, type MaskRecord, type MaskRow, maskRecord, maskRowId, readableOr } from './mask-row.ts';
import type { SettingValue } from './settings.ts';

/** Masks whose IoU is at least this show the same thing; a track agrees with another one there. */
export const AGREEING_IOU = 0.95;

/** What replaced results of tracking looked like before, for one object. */
export interface ComparisonRecord {
  readonly id: number;
  readonly objectId: ObjectId;
  /** How the object had been tracked when the comparison was opened, as its caller noted it. */
  readonly record: SettingValue;
  /** It was opened because something new was said about the object. */
  readonly corrects: boolean;
}

interface ComparisonRow {
  readonly id: number;
  readonly object_id: number;
  readonly record_json: string;
  readonly corrects: number;
}

export const comparisonQueries = {
  open: `SELECT c.id, c.object_id, c.record_json, c.corrects FROM comparisons c JOIN objects o ON o.id = c.object_id
    WHERE c.state = 'open' AND o.deleted = 0 ORDER BY c.object_id`,
  of: `SELECT id, object_id, record_json, corrects FROM comparisons WHERE object_id = ? AND state = 'open'`,
  changed: `SELECT mask_id FROM earlier_masks WHERE comparison_id = ? AND agreement < ${AGREEING_IOU} ORDER BY mask_id`,
  at: `SELECT e.mask_id AS id, e.run_id, e.source, e.provisional, e.predicted_iou, e.object_score_logit, e.presence, e.detection,
      e.area, e.mask, e.checksum FROM earlier_masks e
    WHERE e.comparison_id = ? AND e.mask_id = ? AND e.existed = 1`,
  agreement: 'UPDATE earlier_masks SET agreement = ? WHERE comparison_id = ? AND mask_id = ?',
  /** The row that is about to be replaced, or that there was none; nothing when it is noted already. */
  note: `INSERT INTO earlier_masks (comparison_id, mask_id, existed, run_id, source, provisional, predicted_iou, object_score_logit,
      presence, detection, area, mask, checksum)
    SELECT p.comparison, p.place, m.id IS NOT NULL, m.run_id, m.source, m.provisional, m.predicted_iou, m.object_score_logit, m.presence,
      m.detection, m.area, m.mask, m.checksum FROM (SELECT ? AS comparison, ? AS place) p
      LEFT JOIN masks m ON m.id = p.place
    WHERE NOT EXISTS (SELECT 1 FROM earlier_masks WHERE comparison_id = p.comparison AND mask_id = p.place)`,
  tracked: 'SELECT 1 FROM masks WHERE object_id = ? AND run_id IS NOT NULL LIMIT 1',
} as const;

/** Earlier masks of objects whose results are being replaced. */
export class ComparisonReads {
  protected readonly connection: Connection;
  protected readonly size: Size;

  constructor(connection: Connection, size: Size) {
    this.connection = connection;
    this.size = size;
  }

  /** In object id order, without removed objects. */
  open(): ComparisonRecord[] {
    return this.connection.all<ComparisonRow>(comparisonQueries.open).map(recordOf);
  }

  of(object: ObjectId): ComparisonRecord | null {
    const row = this.connection.get<ComparisonRow>(comparisonQueries.of, object);
    return row === undefined ? null : recordOf(row);
  }

  /** Frames on which the earlier and the present mask disagree, as stretches in frame order. Reads the index only. */
  changed({ id }: ComparisonRecord): FrameRange[] {
    const spans: { first: FrameIndex; last: FrameIndex }[] = [];
    for (const { mask_id } of this.connection.all<{ mask_id: number }>(comparisonQueries.changed, id)) {
      const frame = frameOf(mask_id);
      const open = spans.at(-1);
      if (open !== undefined && open.last + 1 === frame) open.last = frame;
      else spans.push({ first: frame, last: frame });
    }
    return spans;
  }

  /** The mask that was there before; null: none, or not replaced. */
  earlier({ id, objectId: object }: ComparisonRecord, frame: FrameIndex): MaskRecord | null {
    const row = this.connection.get<MaskRow>(comparisonQueries.at, id, maskRowId(frame, object));
    return row === undefined ? null : maskRecord(row, this.size);
  }
}

export class ComparisonWrites extends ComparisonReads {
  readonly #journal: Journal;

  constructor(connection: Connection, size: Size, journal: Journal) {
    super(connection, size);
    this.#journal = journal;
  }

  /**
   * From now on rows of the object are kept before they are replaced. Nothing happens when they are already, or when no run has made any.
   * `record`: what the caller needs to have back with them, its entry of `trackingRecordsKey`; null: it has none.
   */
  begin(object: ObjectId, record: SettingValue, corrects: boolean): void {
    if (this.of(object) !== null) return;
    if (this.connection.get(comparisonQueries.tracked, object) === undefined) return;
    this.connection.run(
      "INSERT INTO comparisons (object_id, state, corrects, record_json) VALUES (?, 'open', ?, ?)",
      object,
      Number(corrects),
      JSON.stringify(record),
    );
  }

  /** Ends the comparison with the present masks, undoable as long as the object is not tracked again. */
  keep({ id, objectId: object }: ComparisonRecord): void {
    const record = trackingRecordOf(this.connection, object);
    this.#journal.apply('Keep masks', { kind: 'keep-masks', comparisonId: id, kept: true, record });
  }

  /** Lets the earlier masks go, for good. */
  drop({ id }: ComparisonRecord): void {
    this.connection.run('DELETE FROM comparisons WHERE id = ?', id);
  }

  /** Puts the earlier masks back without leaving a step to undo, and ends the comparison. */
  restore(comparison: ComparisonRecord): void {
    this.connection.transaction(() => {
      setComparisonState(this.connection, comparison.id, 'reverted');
      this.drop(comparison);
    });
  }

  /** Puts the earlier masks and the record back, undoable as long as the object is not tracked or answered again: undo brings the replaced ones. */
  revert({ id }: ComparisonRecord): void {
    const record = notedRecordOf(this.connection, id);
    this.#journal.apply('Revert masks', { kind: 'swap-masks', comparisonId: id, state: 'reverted', record });
  }
}

/**
 * Notes what a new row replaces. Call before it is written, and `settleAgreement` after, with the row.
 */
export function noteEarlier(connection: Connection, comparisonId: number, frame: FrameIndex, object: ObjectId): void {
  connection.run(comparisonQueries.note, comparisonId, maskRowId(frame, object));
}

/** Notes, and returns, how much a row that was written agrees with the earlier mask; not at all with one that is damaged. */
export function settleAgreement(
  connection: Connection,
  comparisonId: number,
  place: { readonly frameIndex: FrameIndex; readonly objectId: ObjectId; readonly mask: RleMask | null },
  size: Size,
): number | null {
  const id = maskRowId(place.frameIndex, place.objectId);
  const row = connection.get<MaskRow>(comparisonQueries.at, comparisonId, id);
  const agreement = row === undefined ? null : readableOr(0, () => agreementOf(maskRecord(row, size).mask, place.mask));
  connection.run(comparisonQueries.agreement, agreement, comparisonId, id);
  return agreement;
}

/** IoU of two masks; an absent object and an empty mask say the same. */
export function agreementOf(earlier: RleMask | null, now: RleMask | null): number {
  const isEmpty = (mask: RleMask | null) => mask === null || maskArea(mask) === 0;
  if (isEmpty(earlier) || isEmpty(now)) return isEmpty(earlier) && isEmpty(now) ? 1 : 0;
  return maskIou(earlier as RleMask, now as RleMask);
}

function recordOf(row: ComparisonRow): ComparisonRecord {
  return {
    id: row.id,
    objectId: objectId(row.object_id),
    record: JSON.parse(row.record_json) as SettingValue,
    corrects: row.corrects === 1,
  };
}
