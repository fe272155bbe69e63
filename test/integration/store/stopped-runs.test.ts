import { describe, expect, it } from 'vitest';
import { createSession, openSessionWriter, type SessionWriter } from '../../../src-main/core/store/index.ts';
import {
  applyPrompts,
  changeObjects,
  finishRun,
  planRun,
  previewRun,
  sessionStateOf,
} from '../../../src-main/core/studio/session/index.ts';
import type { RunWish } from '../../../src-main/core/studio/session/what-runs.ts';
import type { PromptInput } from '../../../src-shared/contract/schemas.ts';
import { frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import type { Direction } from '../../../src-shared/domain/prompt.ts';
import { noScores } from '../../../src-shared/domain/scores.ts';
import { mediaAt, runWish, TempFolder } from './fixture.ts';

const FRAMES = 90;
const wish = runWish();

function point(id: number, frame: number): PromptInput {
  return { kind: 'point', objectId: objectId(id), frameIndex: frameIndex(frame), point: { x: 5, y: 5 }, include: true };
}

/** Ends a run as it was asked for; false: there is nothing to track. */
function ran(session: SessionWriter, direction: Direction, range: RunWish['range'] = wish.range): boolean {
  const plan = planRun(session, { ...wish, direction, range });
  if (plan.kind === 'run') finishRun(session, plan.runId, { state: 'done', memory: null });
  return plan.kind === 'run';
}

/** Objects that Track would go over, and the frames it would visit. */
function ahead(session: SessionWriter, change: Partial<RunWish> = {}) {
  const { objectIds, frameCount } = previewRun(session, { ...wish, ...change });
  return [objectIds, frameCount];
}

/** Stops a run of both ways that has come as far as it says. */
function stopped(session: SessionWriter, direction: Direction, reached: Partial<Record<Direction, number>>): void {
  const plan = planRun(session, { ...wish, direction });
  if (plan.kind !== 'run') throw new Error('there is nothing to track');
  const { runId } = plan;
  for (const heading of ['forward', 'backward'] as const) {
    const frame = reached[heading];
    if (frame === undefined) continue;
    session.masks.commitBatch({ rows: [], progress: { runId, direction: heading, lastFrame: frameIndex(frame) } });
  }
  finishRun(session, runId, { state: 'cancelled', code: 'cancelled' });
}

async function withPrompts(folder: TempFolder, ...frames: number[]): Promise<SessionWriter> {
  const session = createSession(folder.file(), mediaAt(folder.file('clip.mp4'), { frameCount: FRAMES }), {});
  await applyPrompts(
    session,
    frames.map((frame, index) => point(index + 1, frame)),
  );
  return session;
}

describe('what a session shows of a run that was stopped', () => {
  it.each<[Direction, Partial<Record<Direction, number>>, number, number]>([
    ['forward', { forward: 49 }, 10, 50],
    ['backward', { backward: 31 }, 10, 41],
    ['both', { forward: 89, backward: 30 }, 60, 90],
    ['both', {}, 0, 90],
  ])('how far it came on its way %s, counted from its prompt', async (direction, reached, framesDone, frameCount) => {
    using folder = new TempFolder();
    using session = await withPrompts(folder, 40);
    stopped(session, direction, reached);
    expect(sessionStateOf(session).runs.at(-1)).toMatchObject({ framesDone, frameCount, resumable: true });
  });

  it('counts frames that are passed both ways twice', async () => {
    using folder = new TempFolder();
    using session = await withPrompts(folder, 20, 40);
    stopped(session, 'both', { forward: 89, backward: 30 });
    expect(sessionStateOf(session).runs.at(-1)).toMatchObject({ framesDone: 80, frameCount: 110, objectIds: [1, 2] });
  });

  it('that it can go on, unless something was said or locked since', async () => {
    using folder = new TempFolder();
    using session = await withPrompts(folder, 40);
    stopped(session, 'forward', { forward: 49 });
    const resumable = () => sessionStateOf(session).runs.map((run) => run.resumable);
    await applyPrompts(session, [point(1, 45)]);
    expect(resumable()).toEqual([false]);
    expect(() => planRun(session, { ...wish, resume: true })).toThrow(/cannot be resumed/);
    session.journal.undo();
    expect(resumable()).toEqual([true]);
    changeObjects(session, [objectId(1)], { locked: true });
    expect(resumable()).toEqual([false]);
    changeObjects(session, [objectId(1)], { locked: false });
    // Another object is no part of it.
    await applyPrompts(session, [point(2, 3)]);
    expect(resumable()).toEqual([true]);
    stopped(session, 'forward', {});
    expect(resumable()).toEqual([false, true]);
  });
});

describe('tracking both ways', () => {
  it('has nothing to do after one way and then the other from the only prompt', async () => {
    using folder = new TempFolder();
    using session = await withPrompts(folder, 40);
    ran(session, 'forward');
    expect(ahead(session)).toEqual([[1], 90]);
    expect(ran(session, 'backward')).toBe(true);
    expect(ahead(session)).toEqual([[], 0]);
    expect(ran(session, 'both')).toBe(false);
  });

  it('has nothing to do after a way forward from the first frame', async () => {
    using folder = new TempFolder();
    using session = await withPrompts(folder, 0);
    ran(session, 'forward');
    expect(ran(session, 'both')).toBe(false);
  });

  it('goes over what one way alone has not reached, or has reached otherwise', async () => {
    using folder = new TempFolder();
    using half = await withPrompts(folder, 40);
    ran(half, 'forward', { first: null, last: 60 });
    ran(half, 'backward');
    expect(ahead(half)).toEqual([[1], 90]);
    expect(ran(half, 'both')).toBe(true);
    // Back from the last of two prompts is not back from the first.
    using second = new TempFolder();
    using two = await withPrompts(second, 40);
    await applyPrompts(two, [point(1, 60)]);
    ran(two, 'forward');
    ran(two, 'backward');
    expect(ran(two, 'both')).toBe(true);
  });
});

describe('what a person is told of a run before it begins', () => {
  it('are the objects between the marks, or that nothing is said there', async () => {
    using folder = new TempFolder();
    using session = await withPrompts(folder, 5, 40);
    // The frames between both prompts are visited both ways.
    expect(ahead(session)).toEqual([[1, 2], 125]);
    expect(ahead(session, { range: { first: 30, last: 49 } })).toEqual([[2], 20]);
    expect(() => ahead(session, { range: { first: 10, last: 30 } })).toThrow(/No prompt lies in the frames/);
    expect(session.runs.all()).toEqual([]);
  });

  it('counts what another pack has replaced in part before the process was killed', async () => {
    using folder = new TempFolder();
    const session = await withPrompts(folder, 0);
    ran(session, 'both');
    const other = planRun(session, { ...wish, packHash: 'other' });
    if (other.kind !== 'run') throw new Error('there is nothing to track');
    const row = { frameIndex: frameIndex(0), objectId: objectId(1), mask: null, scores: noScores };
    session.masks.commitBatch({
      rows: [{ ...row, source: 'tracked', provisional: false }],
      progress: { runId: other.runId, direction: 'forward', lastFrame: frameIndex(0) },
    });
    const { path } = session;
    session[Symbol.dispose]();
    using again = openSessionWriter(path, {});
    expect(ahead(again)).toEqual([[1], 90]);
    expect(ran(again, 'both')).toBe(true);
  });
});
