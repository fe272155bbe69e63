import { describe, expect, it } from 'vitest';
import { openSessionReader, openSessionWriter } from '../../../src-main/core/store/index.ts';
import { frameIndex, objectId, runId } from '../../../src-shared/domain/ids.ts';
import { emptyMask, maskArea } from '../../../src-shared/mask/rle.ts';
import { codeOf, HEIGHT, noiseMask, rowOf, someRun, startedSession, TempFolder, WIDTH } from './fixture.ts';

const at = frameIndex;

describe('a batch of masks', () => {
  it('comes back as it was: 12 frames of 20 objects, absent and empty ones included', () => {
    using folder = new TempFolder();
    const rows = Array.from({ length: 240 }, (_, row) => rowOf(Math.floor(row / 20), (row % 20) + 1));
    rows[21] = { ...rows[21], mask: emptyMask(WIDTH, HEIGHT) };
    {
      const { session, run } = startedSession(folder.file(), 20);
      using _ = session;
      session.masks.commitBatch({ rows, progress: { runId: run, direction: 'forward', lastFrame: at(11) } });
    }
    using reader = openSessionReader(folder.file());
    for (let frame = 0; frame < 12; frame++) {
      const expected = rows
        .slice(frame * 20, frame * 20 + 20)
        .map((row) => ({ ...row, runId: runId(1), area: row.mask === null ? null : maskArea(row.mask) }));
      expect(reader.masks.at(at(frame))).toEqual(expected);
    }
    expect(reader.masks.at(at(12))).toEqual([]);
    expect(reader.masks.get(at(3), objectId(4))?.scores).toEqual(rows[63].scores);
    expect(reader.masks.get(at(99), objectId(4))).toBeNull();
    expect(reader.runs.latest()?.forwardCommitted).toBe(11);
    expect(reader.masks.framesTracked()).toBe(12);
    expect(reader.verify()).toEqual([]);
  });

  it('replaces what was there for the same frame and object, and nothing else', () => {
    using folder = new TempFolder();
    const { session, run } = startedSession(folder.file(), 2);
    using _ = session;
    const progress = { runId: run, direction: 'forward', lastFrame: at(0) } as const;
    session.masks.commitBatch({ rows: [rowOf(0, 1), rowOf(0, 2)], progress });
    const neighbour = session.masks.get(at(0), objectId(2));
    const mask = noiseMask(77);
    session.masks.commitBatch({ rows: [rowOf(0, 1, { mask })], progress });
    expect(session.masks.get(at(0), objectId(1))?.mask).toEqual(mask);
    expect(session.masks.get(at(0), objectId(2))).toEqual(neighbour);
    expect(session.masks.counts(objectId(1)).frames).toBe(1);
  });

  it('is all or nothing: a bad row, or a run that is over, stores none of it', () => {
    using folder = new TempFolder();
    const { session, run } = startedSession(folder.file());
    using _ = session;
    const progress = { runId: run, direction: 'forward', lastFrame: at(1) } as const;
    const wrongSize = rowOf(1, 1, { mask: noiseMask(1, WIDTH + 1, HEIGHT) });
    const torn = rowOf(1, 1, { mask: { width: WIDTH, height: HEIGHT, bytes: new Uint8Array([5, 5]) } });
    const notANumber = rowOf(1, 1, { scores: { ...rowOf(1, 1).scores, presence: Number.NaN } });
    const noObject = rowOf(1, 9);
    for (const bad of [wrongSize, torn, notANumber, noObject]) {
      expect(() => session.masks.commitBatch({ rows: [rowOf(0, 1), bad], progress })).toThrow();
    }
    session.runs.finish(run, 'cancelled');
    expect(codeOf(() => session.masks.commitBatch({ rows: [rowOf(0, 1)], progress }))).toBe('internal');
    expect(session.masks.framesTracked()).toBe(0);
    expect(session.runs.get(run)?.forwardCommitted).toBeNull();
  });

  it('creates found objects, confirms settled ones and forgets retracted ones of this run only', () => {
    using folder = new TempFolder();
    const { session, run } = startedSession(folder.file(), 1);
    using _ = session;
    const object = (frame: number, id: number, provisional: boolean) => rowOf(frame, id, { provisional });
    const progress = { runId: run, direction: 'forward', lastFrame: at(1) } as const;
    const found = [{ id: objectId(2), name: 'ball 1' }, { id: objectId(3) }];
    session.masks.commitBatch({ rows: [object(0, 1, false), object(0, 2, true), object(0, 3, true)], found, progress });
    expect(session.objects.all().map((o) => o.name)).toEqual(['Object 1', 'ball 1', 'Object 3']);
    session.masks.commitBatch({ rows: [object(1, 2, false), object(1, 3, true)], progress, retracted: [objectId(3)] });
    expect(session.masks.of(objectId(2), null).map((row) => row.provisional)).toEqual([false, false]);
    expect(session.masks.counts(objectId(3)).frames).toBe(0);
    expect(session.objects.get(objectId(3))?.deleted).toBe(true);
    expect(session.objects.nextId()).toBe(4);
    session.runs.finish(run, 'done');

    const second = session.runs.begin(someRun).id;
    const later = { runId: second, direction: 'backward', lastFrame: at(5) } as const;
    session.masks.commitBatch({ rows: [rowOf(5, 2)], progress: later, retracted: [objectId(2)] });
    expect(session.masks.of(objectId(2), null).map((row) => row.frameIndex)).toEqual([0, 1]);
    expect(session.objects.get(objectId(2))?.deleted).toBe(false);
    expect(session.runs.get(second)?.backwardCommitted).toBe(5);
  });

  it('leaves an object that was retracted to a person who has prompted it', () => {
    using folder = new TempFolder();
    const { session, run } = startedSession(folder.file(), 1);
    using _ = session;
    const progress = { runId: run, direction: 'forward', lastFrame: at(0) } as const;
    const found = [{ id: objectId(2) }];
    session.masks.commitBatch({ rows: [rowOf(0, 2, { provisional: true })], found, progress });
    const point = { x: 3, y: 4 };
    session.prompts.add({ kind: 'point', objectId: objectId(2), frameIndex: at(0), point, include: true });
    session.masks.commitBatch({ rows: [], progress, retracted: [objectId(2)] });
    expect(session.masks.counts(objectId(2)).frames).toBe(0);
    expect(session.objects.get(objectId(2))?.deleted).toBe(false);
  });

  it('keeps the newest snapshot of the newest run, and drops it when the run is done', () => {
    using folder = new TempFolder();
    const { session, run } = startedSession(folder.file());
    using _ = session;
    for (const frame of [0, 1, 2]) {
      const progress = { runId: run, direction: 'forward', lastFrame: at(frame) } as const;
      const snapshot = frame < 2 ? { snapshot: { frameIndex: at(frame), bytes: new Uint8Array([frame, 7]) } } : {};
      session.masks.commitBatch({ rows: [rowOf(frame, 1)], progress, ...snapshot });
    }
    const kept = { runId: run, frameIndex: 1, direction: 'forward', bytes: new Uint8Array([1, 7]) };
    expect(session.snapshots.latest(run)).toEqual(kept);
    session.runs.finish(run, 'cancelled');
    expect(session.snapshots.latest(run)).toEqual(kept);
    session.runs.resume(run);
    session.runs.finish(run, 'done');
    expect(session.snapshots.latest(run)).toBeNull();
  });
});

describe('reading masks', () => {
  it('gives one object in a range, its coverage, counts and the lowest scores', () => {
    using folder = new TempFolder();
    const { session, run } = startedSession(folder.file(), 2);
    using _ = session;
    const frames = [0, 1, 2, 3, 4, 5, 9, 10];
    const rows = frames.flatMap((frame) => [rowOf(frame, 1), rowOf(frame, 2, { mask: emptyMask(WIDTH, HEIGHT) })]);
    session.masks.commitBatch({ rows, progress: { runId: run, direction: 'forward', lastFrame: at(10) } });
    const range = { first: at(2), last: at(9) };
    expect(session.masks.of(objectId(1), range).map((row) => row.frameIndex)).toEqual([2, 3, 4, 5, 9]);
    expect(session.masks.coverage(objectId(1))).toEqual([
      { first: 0, last: 3, state: 'present' },
      { first: 4, last: 4, state: 'absent' },
      { first: 5, last: 5, state: 'present' },
      { first: 9, last: 9, state: 'absent' },
      { first: 10, last: 10, state: 'present' },
    ]);
    expect(session.masks.coverage(objectId(1), range)[0]).toEqual({ first: 2, last: 3, state: 'present' });
    expect(session.masks.coverage(objectId(2)).every((span) => span.state === 'absent')).toBe(true);
    expect(session.masks.counts(objectId(1))).toEqual({ objectId: 1, frames: 8, present: 6 });
    expect(session.masks.counts(objectId(2))).toEqual({ objectId: 2, frames: 8, present: 0 });
    expect(session.masks.lowest('objectScoreLogit', 3)).toEqual([
      { frameIndex: 0, objectId: 2, score: -2 },
      { frameIndex: 0, objectId: 1, score: -1 },
      { frameIndex: 1, objectId: 2, score: -1 },
    ]);
    expect(session.masks.lowest('presence', 3)).toEqual([]);
    expect(session.masks.lowest('detection', 99)).toHaveLength(8);
  });

  it('hides a removed object and shows it again after undo, masks included', () => {
    using folder = new TempFolder();
    const { session, run } = startedSession(folder.file(), 2);
    using _ = session;
    const progress = { runId: run, direction: 'forward', lastFrame: at(1) } as const;
    session.masks.commitBatch({ rows: [rowOf(1, 1), rowOf(1, 2)], progress });
    session.objects.remove(objectId(1));
    expect(session.masks.at(at(1)).map((row) => row.objectId)).toEqual([2]);
    expect(session.masks.lowest('predictedIou', 9)).toHaveLength(1);
    session.journal.undo();
    expect(session.masks.at(at(1)).map((row) => row.objectId)).toEqual([1, 2]);
  });

  it('keeps masks made outside a run without one', () => {
    using folder = new TempFolder();
    {
      const { session } = startedSession(folder.file());
      using _ = session;
      session.masks.save([rowOf(7, 1, { source: 'prompt' })]);
    }
    using session = openSessionWriter(folder.file());
    expect(session.masks.at(at(7))[0]).toMatchObject({ runId: null, source: 'prompt' });
  });

  it('addresses the last object of a late frame exactly', () => {
    using folder = new TempFolder();
    const { session } = startedSession(folder.file(), 0);
    using _ = session;
    session.objects.create({ id: objectId(65_535) });
    const late = 2 ** 37 - 1;
    session.masks.save([rowOf(late, 65_535)]);
    expect(session.masks.at(at(late)).map((row) => [row.frameIndex, row.objectId])).toEqual([[late, 65_535]]);
    expect(session.masks.coverage(objectId(65_535))).toHaveLength(1);
    expect(codeOf(() => session.masks.save([rowOf(late + 1, 1)]))).toBe('internal');
    expect(codeOf(() => session.objects.create())).toBe('prompt-invalid');
  });
});
