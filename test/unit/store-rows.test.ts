import { describe, expect, it } from 'vitest';
import {
  frameOf,
  maskRecord,
  maskRowId,
  maskValues,
  objectOf,
} from '../../src-main/core/store/repositories/mask-row.ts';
import { maskRowChecksum } from '../../src-main/core/store/row-checksum.ts';
import { editFromJson, editToJson, type RowEdit } from '../../src-main/core/store/row-edit.ts';
import { sqliteFailure } from '../../src-main/core/store/sqlite-failure.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { emptyMask } from '../../src-shared/mask/rle.ts';

describe('the row id of a mask', () => {
  it('holds frame and object, sorts by frame then object, and stays exact at the limits', () => {
    for (const [frame, object] of [
      [0, 1],
      [1, 65_535],
      [323_999, 64],
      [2 ** 37 - 1, 65_535],
    ]) {
      const id = maskRowId(frameIndex(frame), objectId(object));
      expect(Number.isSafeInteger(id)).toBe(true);
      expect([frameOf(id), objectOf(id)]).toEqual([frame, object]);
    }
    expect(maskRowId(frameIndex(1), objectId(1))).toBeGreaterThan(maskRowId(frameIndex(0), objectId(65_535)));
    for (const [frame, object] of [
      [-1, 1],
      [0, 0],
      [0, 65_536],
      [0.5, 1],
      [2 ** 37, 1],
    ]) {
      expect(() => maskRowId(frameIndex(frame), objectId(object))).toThrow();
    }
  });
});

describe('the checksum of a mask row', () => {
  const blob = new Uint8Array([7, 1, 4]);
  it('depends on key, each score and blob', () => {
    const base = maskRowChecksum(65_537, [0.5, null, null, 1], blob);
    const others = [
      maskRowChecksum(65_538, [0.5, null, null, 1], blob),
      maskRowChecksum(65_537, [0.25, null, null, 1], blob),
      maskRowChecksum(65_537, [0.5, 0, null, 1], blob),
      maskRowChecksum(65_537, [0.5, null, 1, null], blob),
      maskRowChecksum(65_537, [0.5, null, null, 1], null),
      maskRowChecksum(65_537, [0.5, null, null, 1], new Uint8Array([7, 1, 5])),
    ];
    expect(others).not.toContain(base);
    expect(new Set(others).size).toBe(others.length);
  });

  it('does not fail on a negative zero, which SQLite stores as zero', () => {
    const size = { width: 4, height: 3 };
    const scores = { predictedIou: -0, objectScoreLogit: null, presence: null, detection: null };
    const mask = emptyMask(4, 3);
    const row = {
      frameIndex: frameIndex(2),
      objectId: objectId(1),
      mask,
      scores,
      source: 'tracked',
      provisional: false,
    } as const;
    const values = maskValues(row, null, size);
    const stored = { id: 131_073, run_id: null, source: 'tracked', provisional: 0, predicted_iou: 0 } as const;
    const rest = { object_score_logit: null, presence: null, detection: null, area: 0, mask: mask.bytes };
    expect(maskRecord({ ...stored, ...rest, checksum: Number(values.at(-1)) }, size).scores.predictedIou).toBe(0);
  });
});

describe('an edit as JSON', () => {
  it('comes back as it was, blobs included; an unknown table is refused', () => {
    const row = { id: 3, kind: 'mask', mask: Buffer.from([0, 255, 128]), x: null, width: 1.5 };
    const edits: RowEdit[] = [
      { kind: 'put', table: 'prompts', row },
      { kind: 'delete', table: 'prompts', id: 3 },
    ];
    expect(edits.map((edit) => editFromJson(editToJson(edit)))).toEqual(edits);
    expect(() => editFromJson('{"kind":"delete","table":"sqlite_schema","id":1}')).toThrow();
  });
});

describe('a failure of SQLite', () => {
  const named = (code: string) => Object.assign(new Error('text that no one may read'), { code });
  it.each([
    ['SQLITE_FULL', 'disk-full', 'resource'],
    ['SQLITE_IOERR_SHMSIZE', 'disk-full', 'resource'],
    ['SQLITE_IOERR_READ', 'session-corrupt', 'resource'],
    ['SQLITE_CORRUPT_INDEX', 'session-corrupt', 'resource'],
    ['SQLITE_NOTADB', 'session-not-a-session', 'user'],
    ['SQLITE_BUSY_SNAPSHOT', 'session-locked', 'conflict'],
    ['SQLITE_READONLY_DIRECTORY', 'permission-denied', 'environment'],
    ['SQLITE_CONSTRAINT_FOREIGNKEY', 'internal', 'bug'],
  ])('%s is %s', (sqliteCode, code, kind) => {
    const failure = sqliteFailure(named(sqliteCode), '/library/clip.masklet');
    expect(failure).toMatchObject({ code, kind });
    if (code !== 'internal') expect(failure.message).toContain('clip.masklet');
  });

  it('a name that is too long is told apart from a place that may not be used', () => {
    const failure = (stem: string) => sqliteFailure(named('SQLITE_CANTOPEN'), `/library/${stem}.masklet`).code;
    expect([failure('clip'), failure('x'.repeat(234)), failure('漢'.repeat(79))]).toEqual([
      'permission-denied',
      'permission-denied',
      'usage',
    ]);
  });
});
