import { expect, it } from 'vitest';
import { createSession } from '../../../src-main/core/store/index.ts';
import {
  applyPrompts,
  commitFrames,
  finishRun,
  planRun,
  type RunWish,
} from '../../../src-main/core/studio/session/index.ts';
import { frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import { noScores } from '../../../src-shared/domain/scores.ts';
import { mediaAt, runWish, TempFolder } from './fixture.ts';

const SIDE = 16;
const FRAMES = 40;
const one = objectId(1);

it('a correction that was stopped counts on from its snapshot', async () => {
  using folder = new TempFolder();
  using session = createSession(folder.file(), mediaAt(folder.file('clip.mp4'), { frameCount: FRAMES }), {});
  const click = (frame: number) =>
    ({ kind: 'point', objectId: one, frameIndex: frameIndex(frame), point: { x: 5, y: 5 }, include: true }) as const;
  const planned = (change: Partial<RunWish>) => {
    const plan = planRun(session, runWish({ direction: 'forward', ...change }));
    if (plan.kind !== 'run') throw new Error('nothing to track');
    return plan;
  };
  const commit = (
    runId: ReturnType<typeof planned>['runId'],
    first: number,
    last: number,
    half: string,
    snapshot = false,
  ) =>
    commitFrames(session, {
      ...{ runId, direction: 'forward', lowres: SIDE, keepUserMasks: true },
      snapshot: snapshot ? new Uint8Array(8) : null,
      frames: Array.from({ length: last - first + 1 }, (_, at) => ({
        frameIndex: frameIndex(first + at),
        retracted: [],
        objects: [tracked(half)],
      })),
    }).agreeing;

  await applyPrompts(session, [click(0)]);
  const { runId } = planned({});
  expect(commit(runId, 0, FRAMES - 1, 'left')).toBe(0);
  const memory = { bytes: new Uint8Array([1]), frameIndex: frameIndex(FRAMES - 1), direction: 'forward' as const };
  finishRun(session, runId, { state: 'done', memory });

  await applyPrompts(session, [click(10)]);
  const correct = { until: 'agreement', objectIds: [one], conceptIds: [] } as const;
  const range = { first: frameIndex(10), last: null };
  const mends = planned({ ...correct, range });
  expect(mends.until).toBe('agreement');
  expect(commit(mends.runId, 10, 12, 'right')).toBe(0);
  expect(commit(mends.runId, 13, 17, 'left', true)).toBe(5);
  expect(commit(mends.runId, 18, 19, 'left')).toBe(7);
  finishRun(session, mends.runId, { state: 'cancelled', code: 'cancelled' });

  const resumed = planned({ ...correct, range, resume: true });
  expect(resumed).toMatchObject({ runId: mends.runId, until: 'agreement', resumedFrames: 8 });
  expect(commit(resumed.runId, 18, 20, 'left')).toBe(8);
  expect(commit(resumed.runId, 21, 22, 'left')).toBe(10);
});

function tracked(half: string) {
  const isOn = (at: number) => at % SIDE < SIDE / 2 === (half === 'left');
  const logits = Float32Array.from({ length: SIDE * SIDE }, (_, at) => (isOn(at) ? 5 : -5));
  return { objectId: one, conceptId: null, source: 'tracked' as const, logits, scores: noScores, provisional: false };
}
