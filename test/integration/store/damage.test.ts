import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openSessionReader, openSessionWriter } from '../../../src-main/core/store/index.ts';
import { type FrameIndex, frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import { codeOf, failureOf, noiseMask, rowOf, startedSession, TempFolder } from './fixture.ts';

/** Flips one bit in the middle of where `bytes` lies in the closed file. */
function flipBitIn(path: string, bytes: Uint8Array): void {
  const file = readFileSync(path);
  const start = file.indexOf(Buffer.from(bytes.subarray(0, 64)));
  expect(start).toBeGreaterThan(0);
  file[start + 32] ^= 0x10;
  writeFileSync(path, file);
}

function closedSession(path: string): void {
  const { session, run } = startedSession(path, 3);
  using _ = session;
  const rows = [1, 2, 3].flatMap((frame) =>
    [1, 2, 3].map((id) => rowOf(frame, id, { mask: noiseMask(frame * 10 + id) })),
  );
  session.masks.commitBatch({
    rows,
    progress: { runId: run, direction: 'forward', lastFrame: frameIndex(3) },
    snapshot: { frameIndex: frameIndex(3), bytes: noiseMask(5).bytes },
  });
}

describe('a flipped bit', () => {
  it('in a mask is noticed and named; every other mask stays readable', () => {
    using folder = new TempFolder();
    closedSession(folder.file());
    flipBitIn(folder.file(), noiseMask(22).bytes);
    using reader = openSessionReader(folder.file());
    const failure = failureOf(() => reader.masks.at(frameIndex(2)));
    expect(failure.code).toBe('mask-corrupt');
    expect(failure.details).toEqual({ frameIndex: 2, objectId: 2 });
    expect(failure.message).toContain('object 2 on frame 2');
    expect(codeOf(() => reader.masks.of(objectId(2), null))).toBe('mask-corrupt');
    const damaged: unknown[] = [];
    const rest = reader.masks.at(frameIndex(2), { onDamaged: (error) => damaged.push(error.details) });
    expect(rest.map((row) => row.objectId)).toEqual([1, 3]);
    expect(damaged).toEqual([{ frameIndex: 2, objectId: 2 }]);
    expect(reader.masks.at(frameIndex(1))).toHaveLength(3);
    expect(reader.verify()).toEqual([failure.message]);
  });

  it('in a snapshot makes it unusable, not the session', () => {
    using folder = new TempFolder();
    closedSession(folder.file());
    flipBitIn(folder.file(), noiseMask(5).bytes);
    using session = openSessionWriter(folder.file());
    expect(session.snapshots.latest(session.runs.latest()!.id)).toBeNull();
    expect(session.verify()).toEqual([]);
  });

  it('in the frame table is noticed', () => {
    using folder = new TempFolder();
    closedSession(folder.file());
    const ticks = new Uint8Array(Float64Array.from({ length: 8 }, (_, frame) => 1024 + 512 * frame).buffer);
    flipBitIn(folder.file(), ticks);
    using reader = openSessionReader(folder.file());
    expect(codeOf(() => reader.media.framePts())).toBe('session-corrupt');
    expect(reader.masks.at(frameIndex(1))).toHaveLength(3);
  });

  it('in a score, or a row under another frame, is noticed too', () => {
    using folder = new TempFolder();
    closedSession(folder.file());
    const score = new Uint8Array(8);
    new DataView(score.buffer).setFloat64(0, rowOf(2, 2).scores.predictedIou ?? 0);
    const file = readFileSync(folder.file());
    for (let at = file.indexOf(score); at >= 0; at = file.indexOf(score, at + 8)) file[at + 7] ^= 1;
    writeFileSync(folder.file(), file);
    using reader = openSessionReader(folder.file());
    expect(codeOf(() => reader.masks.get(frameIndex(2), objectId(2)))).toBe('mask-corrupt');
  });
});

describe('a torn write-ahead log', () => {
  it('keeps a whole number of batches, without a gap, wherever it is cut', () => {
    using folder = new TempFolder();
    const { session, run } = startedSession(folder.file());
    const commit = (frame: FrameIndex) =>
      session.masks.commitBatch({
        rows: [rowOf(frame, 1)],
        progress: { runId: run, direction: 'forward', lastFrame: frame },
      });
    for (let frame = 0; frame < 12; frame++) commit(frameIndex(frame));
    // Copied while open, as a crash leaves them (this process's locks may go: nobody else is here).
    const cuts = Array.from({ length: 12 }, (_, cut) => folder.file(`cut-${cut}.masklet`));
    for (const cut of cuts) {
      copyFileSync(folder.file(), cut);
      copyFileSync(`${folder.file()}-wal`, `${cut}-wal`);
    }
    session[Symbol.dispose]();
    const lengths = cuts.map((cut, index) => {
      const wal = readFileSync(`${cut}-wal`).length;
      truncateSync(`${cut}-wal`, wal - Math.floor((index * wal) / 24) - index);
      using torn = openSessionWriter(cut);
      const { forwardCommitted } = torn.runs.latest() ?? { forwardCommitted: null };
      expect(torn.masks.framesTracked()).toBe((forwardCommitted ?? -1) + 1);
      expect(torn.verify()).toEqual([]);
      return torn.masks.framesTracked();
    });
    expect(lengths[0]).toBe(12);
    expect(lengths[11]).toBeLessThan(12);
  });
});

describe('a full disk', () => {
  it('fails the batch with disk-full, keeps every earlier one, and goes on when there is space', () => {
    using folder = new TempFolder();
    let stored = 0;
    {
      const { session, run } = startedSession(folder.file(), 1, { maxSizeBytes: 400_000 });
      using _ = session;
      const commit = (frame: number) =>
        session.masks.commitBatch({
          rows: [rowOf(frame, 1, { mask: noiseMask(frame) })],
          progress: { runId: run, direction: 'forward', lastFrame: frameIndex(frame) },
        });
      const failure = failureOf(() => {
        for (; stored < 1_000; stored++) commit(stored);
      });
      expect(failure.code).toBe('disk-full');
      expect(failure.message).toContain('safe');
      expect(session.masks.framesTracked()).toBe(stored);
    }
    using session = openSessionWriter(folder.file());
    expect(stored).toBeGreaterThan(10);
    expect(session.masks.framesTracked()).toBe(stored);
    expect(session.runs.latest()).toMatchObject({ state: 'interrupted', forwardCommitted: stored - 1 });
    expect(session.verify()).toEqual([]);
    session.masks.save([rowOf(stored, 1)]);
    expect(session.masks.framesTracked()).toBe(stored + 1);
  });
});
