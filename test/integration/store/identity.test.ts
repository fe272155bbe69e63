import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Connection } from '../../../src-main/core/store/connection.ts';
import { openSessionWriter, type SessionWriter } from '../../../src-main/core/store/index.ts';
import {
  changeIdentity,
  changeObjects,
  commitFrames,
  previewIdentity,
  sessionStateOf,
} from '../../../src-main/core/studio/session/index.ts';
import { noteTracked, promptsByOwner, saidOf } from '../../../src-main/core/studio/session/owner-records.ts';
import type { IdentityChange } from '../../../src-shared/contract/identity.ts';
import { frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import { codeOf, mediaAt, noiseMask, rowOf, startedSession, TempFolder } from './fixture.ts';

const one = objectId(1);
const two = objectId(2);
const at = frameIndex;

/** Objects 1 to 3 on frames 0 to 39; object 1 ends at 29, object 2 begins at 10. Prompted on their first frames and up to date. */
function tracked(path: string): SessionWriter {
  const { session, run } = startedSession(path, 3);
  const rows = Array.from({ length: 120 }, (_, index) => rowOf(Math.floor(index / 3), (index % 3) + 1)).filter(
    ({ frameIndex: frame, objectId: id }) => !(id === 1 && frame > 29) && !(id === 2 && frame < 10),
  );
  session.masks.commitBatch({ rows, progress: { runId: run, direction: 'forward', lastFrame: at(39) } });
  session.runs.finish(run, 'done');
  for (const [id, frame] of [
    [1, 0],
    [2, 10],
    [2, 35],
    [3, 0],
  ]) {
    const place = { objectId: objectId(id), frameIndex: at(frame), point: { x: id, y: 3 } };
    session.prompts.add({ kind: 'point', include: true, ...place });
  }
  return session;
}

/** As a finished run leaves it. */
function noteAsTracked(session: SessionWriter): void {
  const run = session.runs.latest();
  const said = Object.fromEntries([...promptsByOwner(session)].map(([owner, prompts]) => [owner, saidOf(prompts)]));
  noteTracked(session, said, {
    facts: 'pack',
    runId: run!.id,
    covered: { first: 0, last: 39, direction: 'both' },
    mends: false,
  });
}

/** Every stored mask as text, hash of its blob and checksum included; of every object, or of one. */
function rows(path: string, of: number | null = null): readonly string[] {
  using connection = new Connection(path, { readonly: true, mustExist: true, busyTimeoutMillis: 0 });
  return connection
    .all<Record<string, string | number | null>>(
      `SELECT m.id, m.object_id, run_id, source, provisional, predicted_iou, object_score_logit, presence, detection, area, hex(mask) AS mask,
        checksum FROM masks m JOIN objects o ON o.id = m.object_id WHERE o.colour <> 'aside' ORDER BY m.id`,
    )
    .filter((row) => of === null || row.object_id === of)
    .map((row) => Object.values(row).join(' '));
}

const spans = (session: SessionWriter, id: number) =>
  session.masks
    .coverage(objectId(id))
    .filter(({ state }) => state === 'present')
    .flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index));

const blobs = (session: SessionWriter, id: number, first: number, last: number) =>
  session.masks
    .of(objectId(id), { first: at(first), last: at(last) })
    .map(({ frameIndex: frame, mask, scores }) => [
      frame,
      mask === null ? null : Buffer.from(mask.bytes).toString('hex'),
      scores,
    ]);

const changes: Readonly<Record<string, IdentityChange>> = {
  split: { kind: 'split', objectId: two, frameIndex: at(20) },
  swap: { kind: 'swap', objectId: one, otherId: two, first: at(15), last: at(24) },
  'swap to the end': { kind: 'swap', objectId: one, otherId: two, first: at(15), last: null },
  join: { kind: 'join', objectId: one, otherId: two },
  'reassign to a new object': { kind: 'reassign', objectId: two, otherId: null, first: at(12), last: at(20) },
  'reassign to another': { kind: 'reassign', objectId: two, otherId: one, first: at(12), last: at(36) },
  absent: { kind: 'absent', objectId: two, first: at(30), last: at(37) },
};

describe.each(Object.entries(changes))('%s', (_, change) => {
  it('is one step; undo and redo bring back every row, also after the file was closed', () => {
    using folder = new TempFolder();
    const path = folder.file();
    const session = tracked(path);
    const facts = (s: SessionWriter) => [s.prompts.all(), s.objects.all(), s.reviews.all()];
    const before = { rows: rows(path), facts: facts(session), undo: session.journal.state().undo };
    const { label } = previewIdentity(session, change);
    changeIdentity(session, change, 'Ada');
    const after = { rows: rows(path), facts: facts(session) };
    expect(after.rows).not.toEqual(before.rows);
    expect(session.verify()).toEqual([]);
    session[Symbol.dispose]();

    using again = openSessionWriter(path);
    for (let round = 0; round < 2; round++) {
      expect(again.journal.undo()).toBe(label);
      expect(again.journal.state().undo).toBe(before.undo);
      expect({ rows: rows(path), facts: facts(again) }).toEqual({ rows: before.rows, facts: before.facts });
      expect(again.verify()).toEqual([]);
      again.journal.redo();
      expect({ rows: rows(path), facts: facts(again) }).toEqual(after);
    }
  });

  it('leaves other objects alone, and does what its preview says', () => {
    using folder = new TempFolder();
    const path = folder.file();
    using session = tracked(path);
    const others = rows(path, 3);
    const { lanes } = previewIdentity(session, change);
    expect(rows(path, 3)).toEqual(others);
    for (const { objectId: id, before, fate } of lanes) {
      expect(before).toEqual(fate === 'made' ? [] : session.masks.coverage(id));
    }
    changeIdentity(session, change, '');
    expect(rows(path, 3)).toEqual(others);
    for (const { objectId: id, after, fate } of lanes)
      if (fate !== 'gone') expect(session.masks.coverage(id)).toEqual(after);
    expect(lanes.map(({ objectId: id }) => id)).not.toContain(3);
  });
});

describe('identity', () => {
  it('split: the left part keeps its number, prompts follow their masks', () => {
    using folder = new TempFolder();
    using session = tracked(folder.file());
    const right = blobs(session, 2, 20, 39);
    const left = blobs(session, 2, 0, 19);
    changeIdentity(session, changes.split, '');
    expect(blobs(session, 4, 0, 39)).toEqual(right);
    expect(blobs(session, 2, 0, 39)).toEqual(left);
    expect(session.objects.get(objectId(4))?.name).toBe('Object 2 (2)');
    expect(session.prompts.ofObject(objectId(4)).map(({ prompt }) => prompt.frameIndex)).toEqual([35]);
    expect(session.prompts.ofObject(two).map(({ prompt }) => prompt.frameIndex)).toEqual([10]);
  });

  it('swap: only the range changes hands', () => {
    using folder = new TempFolder();
    using session = tracked(folder.file());
    const [a, b] = [1, 2].map((id) => blobs(session, id, 15, 24));
    const rest = [1, 2].map((id) => [blobs(session, id, 0, 14), blobs(session, id, 25, 39)]);
    changeIdentity(session, changes.swap, '');
    expect(blobs(session, 1, 15, 24)).toEqual(b);
    expect(blobs(session, 2, 15, 24)).toEqual(a);
    expect([1, 2].map((id) => [blobs(session, id, 0, 14), blobs(session, id, 25, 39)])).toEqual(rest);
  });

  it('join: the kept object’s masks win, the other one fills the gaps and goes', () => {
    using folder = new TempFolder();
    using session = tracked(folder.file());
    const own = spans(session, 1);
    const wanted = [...new Set([...own, ...spans(session, 2)])].sort((a, b) => a - b);
    const kept = new Map(blobs(session, 1, 0, 39).map((row) => [row[0], row]));
    changeIdentity(session, changes.join, '');
    expect(spans(session, 1)).toEqual(wanted);
    for (const row of blobs(session, 1, 0, 39)) if (own.includes(Number(row[0]))) expect(row).toEqual(kept.get(row[0]));
    expect(session.objects.all().map(({ id }) => id)).toEqual([1, 3]);
  });

  it('reassign: what the other object had there makes way, and comes back with undo', () => {
    using folder = new TempFolder();
    using session = tracked(folder.file());
    const given = blobs(session, 2, 12, 36).filter(([, mask]) => mask !== null);
    changeIdentity(session, changes['reassign to another'], '');
    const frames = given.map(([frame]) => frame);
    expect(blobs(session, 1, 12, 36).filter(([frame]) => frames.includes(frame))).toEqual(given);
    expect(spans(session, 2).every((frame) => frame < 12 || frame > 36)).toBe(true);
  });

  it('absent: every frame of the range says so, prompts there go, and the range counts as reviewed', () => {
    using folder = new TempFolder();
    using session = tracked(folder.file());
    changeIdentity(session, changes.absent, 'Ada');
    expect(session.masks.coverage(two, { first: at(30), last: at(37) })).toEqual([
      { first: 30, last: 37, state: 'absent' },
    ]);
    expect(session.prompts.ofObject(two).map(({ prompt }) => prompt.frameIndex)).toEqual([10]);
    expect(session.reviews.all()).toMatchObject([
      { objectId: 2, first: 30, last: 37, verdict: 'absent', reviewer: 'Ada' },
    ]);
    expect(session.reviews.reviewed(two)).toEqual([{ first: 30, last: 37 }]);
  });

  it('absent, and locked: a run that sees the object there all the same changes nothing of it', () => {
    using folder = new TempFolder();
    using session = tracked(folder.file());
    changeIdentity(session, changes.absent, 'Ada');
    const latest = session.runs.latest();
    const run = session.runs.begin({ ...latest!, settings: null });
    const logits = () => new Float32Array(16 * 16).fill(5);
    const frame = (index: number) => ({
      frameIndex: at(index),
      retracted: [],
      objects: [1, 2].map((id) => ({
        objectId: objectId(id),
        conceptId: null,
        source: 'tracked' as const,
        logits: logits(),
        scores: { predictedIou: 0.9, objectScoreLogit: 3, presence: null, detection: null },
        provisional: false,
      })),
    });
    const batch = { direction: 'forward' as const, lowres: 16, snapshot: null, keepUserMasks: true };
    const { frames: committed } = commitFrames(session, {
      ...batch,
      runId: run.id,
      frames: [frame(29), frame(30), frame(38)],
    });
    expect(committed.map(({ masks }) => masks.map(({ mask }) => mask !== null))).toEqual([
      [true, true],
      [true, false],
      [true, true],
    ]);
    expect(session.masks.get(at(30), two)?.mask).toBeNull();
    // Locked while it is tracked: from then on its masks stay as they are.
    changeObjects(session, [two], { locked: true });
    const [before, bare] = [39, 5].map((index) => session.masks.get(at(index), two));
    const late = commitFrames(session, { ...batch, runId: run.id, frames: [frame(39), frame(5)] });
    expect(late.frames.map(({ masks }) => masks.map(({ objectId: id }) => id))).toEqual([[one], [one]]);
    expect([39, 5].map((index) => session.masks.get(at(index), two))).toEqual([before, bare]);
  });

  it('keeps a damaged mask damaged: no operation signs it anew', () => {
    using folder = new TempFolder();
    const path = folder.file();
    tracked(path)[Symbol.dispose]();
    {
      using connection = new Connection(path, { readonly: false, mustExist: true, busyTimeoutMillis: 0 });
      connection.run('UPDATE masks SET checksum = checksum + 1 WHERE id = ?', 21 * 65_536 + 2);
    }
    using session = openSessionWriter(path);
    changeIdentity(session, changes.split, '');
    expect(session.verify()).toHaveLength(1);
    expect(codeOf(() => session.masks.get(at(21), objectId(4)))).toBe('mask-corrupt');
  });

  it('refuses what makes no sense and changes nothing then', () => {
    using folder = new TempFolder();
    const path = folder.file();
    using session = tracked(path);
    const before = rows(path);
    const bad: readonly (readonly [string, IdentityChange])[] = [
      ['prompt-invalid', { kind: 'swap', objectId: one, otherId: one, first: at(0), last: null }],
      ['prompt-invalid', { kind: 'join', objectId: one, otherId: objectId(9) }],
      ['range-invalid', { kind: 'split', objectId: one, frameIndex: at(0) }],
      ['range-invalid', { kind: 'split', objectId: one, frameIndex: at(35) }],
      ['range-invalid', { kind: 'absent', objectId: one, first: at(5), last: at(4_000) }],
      ['range-invalid', { kind: 'reassign', objectId: one, otherId: null, first: at(31), last: at(33) }],
    ];
    for (const [code, change] of bad) expect(codeOf(() => changeIdentity(session, change, ''))).toBe(code);
    session.runs.begin({ ...session.runs.latest()!, settings: null });
    expect(codeOf(() => changeIdentity(session, changes.split, ''))).toBe('session-busy');
    expect(rows(path)).toEqual(before);
  });

  it('forgets what an undone step had ready once something else is done', () => {
    using folder = new TempFolder();
    const path = folder.file();
    using session = tracked(path);
    const count = () => {
      using connection = new Connection(path, { readonly: true, mustExist: true, busyTimeoutMillis: 0 });
      return connection.get<{ count: number }>(
        "SELECT count(*) AS count FROM masks m JOIN objects o ON o.id = m.object_id WHERE o.colour = 'aside'",
      )?.count;
    };
    const before = rows(path);
    changeIdentity(session, changes.absent, '');
    expect(count()).toBe(8);
    session.journal.undo();
    session.objects.update(one, { name: 'Ball' });
    expect(count()).toBe(0);
    expect(rows(path)).toEqual(before);
    expect(session.objects.nextId()).toBe(4);
  });
});

describe('identity of long videos', () => {
  const LONG = 10_000;

  it(`moves ${LONG} frames in small pieces, journals no mask, and survives kill -9 whole or not at all`, async () => {
    using folder = new TempFolder();
    const path = folder.file();
    {
      const { session, run } = startedSession(path, 2, {}, mediaAt(`${path}.mp4`, { frameCount: LONG }));
      const masks = Array.from({ length: 17 }, (_, seed) => noiseMask(seed));
      for (let first = 0; first < LONG; first += 1_000) {
        const batch = Array.from({ length: 2_000 }, (_, index) =>
          rowOf(first + (index >> 1), (index % 2) + 1, { mask: masks[index % 16] }),
        );
        session.masks.commitBatch({
          rows: batch,
          progress: { runId: run, direction: 'forward', lastFrame: at(first + 999) },
        });
      }
      session.runs.finish(run, 'done');
      session[Symbol.dispose]();
    }
    const digest = () => createHash('sha256').update(rows(path).join()).digest('hex');
    const before = digest();
    const child = fileURLToPath(new URL('./child.ts', import.meta.url));
    // Killed while it swaps for ever: a transaction of ten thousand frames takes long enough to be hit.
    for (const millis of [0, 150]) {
      const swapper = spawn(process.execPath, [child, 'swap', path], { stdio: ['ignore', 'pipe', 'inherit'] });
      const closed = once(swapper, 'close');
      await Promise.race([once(swapper.stdout, 'data'), closed]);
      await new Promise((done) => setTimeout(done, millis));
      swapper.kill('SIGKILL');
      await closed;
      using session = openSessionWriter(path);
      // An odd number of swaps was committed, or an even one; never a part of one.
      const swapped = session.journal.history(1_000).filter(({ label }) => label.startsWith('Swap')).length;
      if (swapped % 2 === 1) session.journal.undo();
      expect(digest()).toBe(before);
    }
    using session = openSessionWriter(path);
    const first = session.masks.get(at(9_000), two);
    changeIdentity(session, { kind: 'swap', objectId: one, otherId: two, first: at(1), last: null }, '');
    expect(session.masks.get(at(9_000), one)?.mask).toEqual(first?.mask);
    using connection = new Connection(path, { readonly: true, mustExist: true, busyTimeoutMillis: 0 });
    const journal = connection.get<{ bytes: number }>(
      `SELECT max(length(forward_json)) AS bytes FROM edits WHERE forward_json LIKE '{"kind":"exchange"%'`,
    );
    expect(journal?.bytes).toBeLessThan(300);
  });
});

describe('what was up to date', () => {
  it('stays so through every change and its undo', () => {
    for (const change of Object.values(changes)) {
      using folder = new TempFolder();
      using session = tracked(folder.file());
      noteAsTracked(session);
      const states = () => sessionStateOf(session).objects.map(({ objectId: id, tracking }) => [id, tracking]);
      const before = states();
      expect(before.map(([, tracking]) => tracking)).toEqual(['tracked', 'tracked', 'tracked']);
      changeIdentity(session, change, '');
      expect(
        states().every(([, tracking]) => tracking === 'tracked'),
        change.kind,
      ).toBe(true);
      session.journal.undo();
      expect(states()).toEqual(before);
    }
  });

  it('holds on to a swap with a mask prompt where it begins', () => {
    using folder = new TempFolder();
    using session = tracked(folder.file());
    noteAsTracked(session);
    changeIdentity(session, changes['swap to the end'], '');
    const planted = session.prompts.all().filter(({ prompt }) => prompt.kind === 'mask');
    expect(planted.map(({ prompt }) => 'objectId' in prompt && prompt.objectId).sort()).toEqual([1, 2]);
    for (const { prompt } of planted) {
      if (prompt.kind !== 'mask') continue;
      expect(prompt.frameIndex).toBeGreaterThanOrEqual(15);
      expect(prompt.mask).toEqual(session.masks.get(prompt.frameIndex, prompt.objectId)?.mask);
    }
  });
});
