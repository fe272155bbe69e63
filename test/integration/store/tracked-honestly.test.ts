import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { createSession, openSessionWriter, type SessionWriter } from '../../../src-main/core/store/index.ts';
import type { RunEnding } from '../../../src-main/core/studio/session/finish-run.ts';
import {
  applyPrompts,
  changeIdentity,
  changePrompt,
  commitFrames,
  finishRun,
  isUpToDate,
  keepChanges,
  planRun,
  removePrompts,
  revertChanges,
  sessionStateOf,
  withoutUnasked,
} from '../../../src-main/core/studio/session/index.ts';
import type { RunPlan } from '../../../src-main/core/studio/session/plan-run.ts';
import type { RunWish } from '../../../src-main/core/studio/session/what-runs.ts';
import type { PromptInput } from '../../../src-shared/contract/schemas.ts';
import { frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import { noScores } from '../../../src-shared/domain/scores.ts';
import { bitmapFromRle, type RleMask, rleFromBitmap } from '../../../src-shared/mask/rle.ts';
import { HEIGHT, mediaAt, runWish, TempFolder, WIDTH } from './fixture.ts';

/** Frames of every session here; a lane below is a letter a frame, one for each distinct mask. */
const FRAMES = 20;
const one = objectId(1);
const two = objectId(2);

describe('what counts as tracked', () => {
  const folder = new TempFolder();
  let made = 0;
  afterAll(() => folder[Symbol.dispose]());
  const fresh = (): SessionWriter => {
    const path = folder.file(`${++made}.masklet`);
    return createSession(path, mediaAt(`${path}.mp4`, { frameCount: FRAMES }), {});
  };

  it('a second correction goes on as long as it changes what is there, not until it meets what was there at first', async () => {
    using session = fresh();
    await tracked(session);
    await applyPrompts(session, [point(1, 4)]);
    follow(session, 'B', 4);
    await applyPrompts(session, [point(1, 5)]);
    const plan = planned(session, { ...correction(5) });
    const agreements = commit(session, plan, 'A', [5, 16]);
    expect(agreements).toEqual(agreements.map(() => 0));
    // What a person compares with is what was there before the first correction.
    expect(session.comparisons.changed(session.comparisons.open()[0])).toEqual([
      { first: 4, last: 4 },
      { first: 17, last: 19 },
    ]);
  });

  it('a correction after a prompt was taken back is no mere addition: it runs to the end', async () => {
    using session = fresh();
    await applyPrompts(session, [point(1, 0)]);
    await applyPrompts(session, [point(1, 12)]);
    run(session, 'A');
    withoutUnasked(session, (edited) => removePrompts(edited, [edited.prompts.all()[1].id]));
    const plan = planned(session, correction(0));
    expect([plan.until, plan.range]).toEqual(['end', { first: 0, last: FRAMES - 1 }]);
    finish(session, plan);

    using moved = fresh();
    await tracked(moved);
    changePrompt(moved, moved.prompts.all()[0].id, { point: { x: 50, y: 30 } });
    await applyPrompts(moved, [point(1, 8)]);
    follow(moved, 'B', 8);
    // The frames before it come from a prompt that is no more: tracking has something to do.
    expect(planRun(moved, runWish()).kind).toBe('run');
  });

  it('a correction that was tracked and is taken back is not one that waits to be followed', async () => {
    using session = fresh();
    await tracked(session);
    const own = () => {
      const [{ tracking, takenBack }] = sessionStateOf(session).objects;
      return [tracking, takenBack];
    };
    await applyPrompts(session, [point(1, 4)]);
    expect(own()).toEqual(['changed', false]);
    follow(session, 'B', 4);
    expect(own()).toEqual(['tracked', false]);
    withoutUnasked(session, (edited) => edited.journal.undo());
    expect(own()).toEqual(['changed', true]);
    revertChanges(session, [one]);
    expect(own()).toEqual(['tracked', false]);
  });

  it('a correction that is resumed is one still', async () => {
    using session = fresh();
    await tracked(session);
    await applyPrompts(session, [point(1, 6)]);
    const plan = planned(session, correction(6));
    expect(plan.until).toBe('agreement');
    commit(session, plan, 'B', [6, 8]);
    finish(session, plan, { state: 'cancelled', code: 'cancelled' });
    // What a tab that looks on shows of it: 6 to 8, not every frame that has a mask.
    expect(sessionStateOf(session).runs.at(-1)).toMatchObject({ framesDone: 3 });
    expect(planned(session, { resume: true }).until).toBe('agreement');
  });

  it('a correction that was stopped is not told that it has done its work by what it has left itself', async () => {
    using session = fresh();
    await tracked(session);
    await applyPrompts(session, [point(1, 2)]);
    const plan = planned(session, correction(2));
    commit(session, plan, 'B', [2, 14]);
    finish(session, plan, { state: 'cancelled', code: 'cancelled' });
    expect(commit(session, planned(session, correction(2)), 'B', [2, 14])).toEqual(Array(13).fill(0));
  });

  it('a correction that is followed corrects the mask that its answer corrected', async () => {
    using session = fresh();
    await tracked(session);
    await applyPrompts(session, [point(1, 6)]);
    answer(session, 'B', 6);
    expect(planned(session, correction(6)).storedMasks).toEqual([
      { objectId: one, frameIndex: frameIndex(6), mask: maskOf('A') },
    ]);
  });

  it('masks of two packs are not up to date with either', async () => {
    for (const isKilled of [false, true]) {
      using session = fresh();
      await tracked(session);
      const plan = planned(session, { packHash: 'other' });
      commit(session, plan, 'B', [0, 9]);
      if (isKilled) session.runs.finish(plan.runId, 'interrupted');
      else finish(session, plan, { state: 'cancelled', code: 'cancelled' });
      expect(lane(session, 1)).toBe('BBBBBBBBBBAAAAAAAAAA');
      keepChanges(session, [one]);
      expect(planRun(session, runWish()).kind).toBe('run');
    }
    // What the run did not come to, and what was put back, is up to date still.
    using far = fresh();
    await applyPrompts(far, [point(1, 0), point(2, 15)]);
    run(far, 'A');
    const plan = planned(far, { packHash: 'other' });
    const rows = frames([0, 7]).map((frame) => row(frame, 'B'));
    const progress = { runId: plan.runId, direction: 'forward' as const, lastFrame: frameIndex(7) };
    far.masks.commitBatch({ rows, progress });
    far.runs.finish(plan.runId, 'interrupted');
    expect(planned(far, {}).objectIds).toEqual([one]);
    revertChanges(far, [one]);
    // A run that stopped before it changed anything leaves everything up to date.
    using session = fresh();
    await tracked(session);
    finish(session, planned(session, { packHash: 'other' }), { state: 'cancelled', code: 'cancelled' });
    expect(planRun(session, runWish()).kind).toBe('up-to-date');
  });

  it('is known without a model where the latest run has ended, and left to the plan where it has not', async () => {
    using session = fresh();
    expect(() => isUpToDate(session, runWish())).toThrow(/nothing to track/);
    await tracked(session);
    expect(isUpToDate(session, runWish())).toBe(true);
    expect(isUpToDate(session, runWish({ packHash: 'other' }))).toBe(false);
    finish(session, planned(session, { packHash: 'other' }), { state: 'cancelled', code: 'cancelled' });
    expect(isUpToDate(session, runWish())).toBe(false);
    using corrected = fresh();
    await tracked(corrected);
    await applyPrompts(corrected, [point(1, 8)]);
    expect(isUpToDate(corrected, runWish())).toBe(false);
  });

  it('undoing a revert leaves alone what was tracked since', async () => {
    using session = fresh();
    await tracked(session);
    await applyPrompts(session, [point(1, 8)]);
    follow(session, 'B', 8, [8, 12]);
    revertChanges(session, [one]);
    await applyPrompts(session, [point(1, 10)]);
    follow(session, 'C', 10, [10, 16]);
    const since = 'AAAAAAAAAACCCCCCCAAA';
    expect(lane(session, 1)).toBe(since);
    const undo = () => withoutUnasked(session, (edited) => edited.journal.undo());
    undo();
    undo();
    expect([lane(session, 1), sessionStateOf(session).objects[0].tracking]).toEqual([since, 'changed']);
    expect(session.comparisons.open()).toHaveLength(1);
    revertChanges(session, [one]);
    expect(lane(session, 1)).toBe('A'.repeat(FRAMES));
  });

  it('taking a correction back takes no mask that only looks like its answer', async () => {
    using session = fresh();
    await tracked(session);
    await applyPrompts(session, [point(1, 6)]);
    answer(session, 'B', 6);
    // The first prompt was answered again, with just what had been tracked there.
    answer(session, 'A', 0);
    withoutUnasked(session, (edited) => edited.journal.undo());
    expect(lane(session, 1)).toBe('A'.repeat(FRAMES));
  });

  it('a damaged mask is replaced by tracking again, as its message says', async () => {
    const session = fresh();
    await tracked(session);
    const { path } = session;
    session[Symbol.dispose]();
    const database = new Database(path);
    database.exec('UPDATE masks SET checksum = checksum + 1 WHERE frame_index = 5');
    database.close();
    using again = openSessionWriter(path);
    expect(() => again.masks.get(frameIndex(5), one)).toThrow(/damaged/);
    await applyPrompts(again, [point(1, 5)]);
    run(again, 'B');
    expect(lane(again, 1)).toBe('B'.repeat(FRAMES));
  });

  it('a number that a person gave while a phrase is searched stays that person’s, also in the batches after', async () => {
    using session = fresh();
    await applyPrompts(session, [{ kind: 'text', phrase: 'red', frameIndex: frameIndex(0) }]);
    const plan = planned(session, {});
    const first = objectId(plan.nextObjectId);
    await applyPrompts(session, [point(first, 2)]);
    const mask = (letter: string) => ({ mask: maskOf(letter), scores: noScores, provisional: false });
    session.masks.save([{ ...mask('A'), frameIndex: frameIndex(2), objectId: first, source: 'prompt' }]);
    const { conceptId } = plan.concepts[0];
    const seen = (frame: number, ids: readonly number[], retracted: readonly number[] = []) => ({
      frameIndex: frameIndex(frame),
      retracted: retracted.map(objectId),
      objects: ids.map((id) => ({
        objectId: objectId(id),
        conceptId,
        source: 'detected' as const,
        logits: new Float32Array(16 * 16).fill(id === first ? 5 : -5),
        scores: noScores,
        provisional: false,
      })),
    });
    const batch = { runId: plan.runId, direction: 'forward' as const, lowres: 16, snapshot: null, keepUserMasks: true };
    commitFrames(session, { ...batch, frames: [seen(5, [first])] });
    // The tracker's next number is by now the session's number of its first.
    const later = commitFrames(session, { ...batch, frames: [seen(6, [first, first + 1])] });
    expect(later.frames[0].masks.map(({ objectId: id }) => id)).toEqual([2, 3]);
    expect(commitFrames(session, { ...batch, frames: [seen(7, [first], [first + 1])] }).retracted).toEqual([3]);
    expect(lane(session, 1)).toBe(`--A${'-'.repeat(17)}`);
    expect(session.objects.all().map(({ id, conceptId: from }) => [id, from])).toEqual([
      [1, null],
      [2, conceptId],
    ]);
    expect(session.masks.coverage(two)).toMatchObject([{ first: 5, last: 7 }]);
  });

  it('a change of identities holds on to what was decided when a paused run goes on', async () => {
    using session = fresh();
    await applyPrompts(session, [point(1, 0), point(2, 0)]);
    const plan = planned(session, {});
    commit(session, plan, 'A', [0, 9]);
    finish(session, plan, { state: 'cancelled', code: 'cancelled' });
    changeIdentity(session, { kind: 'swap', objectId: one, otherId: two, first: frameIndex(5), last: null }, '');
    expect(() => planRun(session, runWish({ resume: true }))).toThrow(/cannot be resumed/);
    const held = planned(session, {}).prompts.filter(({ kind, frameIndex: frame }) => kind === 'mask' && frame === 5);
    expect(held).toHaveLength(2);

    using joined = fresh();
    await applyPrompts(joined, [{ kind: 'text', phrase: 'red', frameIndex: frameIndex(0) }]);
    const search = planned(joined, {});
    const found = [{ id: one, conceptId: search.concepts[0].conceptId, name: 'red' }];
    const progress = { runId: search.runId, direction: 'forward' as const, lastFrame: frameIndex(9) };
    joined.masks.commitBatch({ rows: frames([0, 9]).map((frame) => row(frame, 'A')), progress, found });
    finish(joined, search, { state: 'cancelled', code: 'cancelled' });
    await applyPrompts(joined, [point(2, 12)]);
    joined.masks.save([row(12, 'B', 2)]);
    changeIdentity(joined, { kind: 'join', objectId: two, otherId: one }, '');
    expect(() => planRun(joined, runWish({ resume: true }))).toThrow(/cannot be resumed/);
  });

  it('nothing to decide does not stand in the way of a split, and a found object is reverted with its click', async () => {
    using session = fresh();
    await tracked(session);
    await applyPrompts(session, [point(1, 6)]);
    answer(session, 'A', 6);
    expect(sessionStateOf(session).comparisons).toEqual([]);
    changeIdentity(session, { kind: 'split', objectId: one, frameIndex: frameIndex(10) }, '');

    using found = fresh();
    await applyPrompts(found, [{ kind: 'text', phrase: 'red', frameIndex: frameIndex(0) }]);
    const plan = planned(found, {});
    const conceptId = plan.concepts[0].conceptId;
    const rows = frames([0, FRAMES - 1]).map((frame) => row(frame, 'A'));
    const progress = { runId: plan.runId, direction: 'forward' as const, lastFrame: frameIndex(FRAMES - 1) };
    found.masks.commitBatch({ rows, progress, found: [{ id: one, conceptId, name: 'red' }] });
    finish(found, plan);
    await applyPrompts(found, [point(1, 6)]);
    answer(found, 'B', 6);
    follow(found, 'B', 6, [6, 10]);
    withoutUnasked(found, (edited) => revertChanges(edited, [one]));
    expect(lane(found, 1)).toBe('A'.repeat(FRAMES));
    expect(found.prompts.ofObject(one)).toEqual([]);
    expect(planRun(found, runWish()).kind).toBe('up-to-date');
  });
});

function point(id: number, frame: number): PromptInput {
  return { kind: 'point', objectId: objectId(id), frameIndex: frameIndex(frame), point: { x: 5, y: 5 }, include: true };
}

function correction(first: number): Partial<RunWish> {
  return {
    until: 'agreement',
    range: { first, last: null },
    direction: 'forward',
    objectIds: [one],
    conceptIds: [],
  };
}

type StartedRun = Extract<RunPlan, { kind: 'run' }>;

function planned(session: SessionWriter, change: Partial<RunWish>): StartedRun {
  const plan = planRun(session, runWish(change));
  if (plan.kind === 'run') return plan;
  throw new Error('there is nothing to track');
}

/** A block whose left edge is the letter's. */
function maskOf(letter: string): RleMask {
  const bitmap = new Uint8Array(WIDTH * HEIGHT);
  const left = (letter.charCodeAt(0) - 65) * 16;
  for (let y = 5; y < 20; y++) bitmap.fill(1, y * WIDTH + left, y * WIDTH + left + 12);
  return rleFromBitmap(bitmap, WIDTH, HEIGHT);
}

function row(frame: number, letter: string, id = 1) {
  const place = { frameIndex: frameIndex(frame), objectId: objectId(id) };
  return { ...place, mask: maskOf(letter), scores: noScores, source: 'tracked' as const, provisional: false };
}

function frames([first, last]: readonly [number, number]): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function commit(session: SessionWriter, plan: StartedRun, letter: string, span: readonly [number, number]) {
  const rows = frames(span).flatMap((frame) => plan.objectIds.map((id) => row(frame, letter, id)));
  const progress = { runId: plan.runId, direction: 'forward' as const, lastFrame: frameIndex(span[1]) };
  return session.masks.commitBatch({ rows, progress });
}

function finish(session: SessionWriter, plan: StartedRun, ending?: RunEnding): void {
  const memory = { bytes: new Uint8Array([1]), frameIndex: plan.range.last, direction: 'forward' as const };
  finishRun(session, plan.runId, ending ?? { state: 'done', memory });
}

function run(session: SessionWriter, letter: string): void {
  const plan = planned(session, {});
  commit(session, plan, letter, [plan.range.first, plan.range.last]);
  finish(session, plan);
}

function follow(session: SessionWriter, letter: string, first: number, span?: readonly [number, number]): void {
  const plan = planned(session, correction(first));
  commit(session, plan, letter, span ?? [plan.range.first, plan.range.last]);
  finish(session, plan);
}

/** A prompt's answer on its own frame, as it is stored. */
function answer(session: SessionWriter, letter: string, frame: number): void {
  session.comparisons.begin(one, sessionRecord(session), true);
  session.masks.save([{ ...row(frame, letter), source: 'prompt' }]);
}

function sessionRecord(session: SessionWriter) {
  const owners = session.settings.get('owners') as Record<string, never> | undefined;
  return owners?.['object:1'] ?? null;
}

async function tracked(session: SessionWriter): Promise<void> {
  await applyPrompts(session, [point(1, 0)]);
  run(session, 'A');
}

function lane(session: SessionWriter, id: number): string {
  const letters = new Map(
    session.masks.of(objectId(id), null).map(({ frameIndex: frame, mask }) => {
      const at = mask === null ? -1 : bitmapFromRle(mask).indexOf(1);
      return [frame as number, at < 0 ? '.' : String.fromCharCode(65 + (at % WIDTH) / 16)];
    }),
  );
  return frames([0, FRAMES - 1])
    .map((frame) => letters.get(frame) ?? '-')
    .join('');
}
