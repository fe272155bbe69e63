import { describe, expect, it } from 'vitest';
import { createSession } from '../../../src-main/core/store/index.ts';
import {
  applyPrompts,
  changeObjects,
  commitFrames,
  finishRun,
  planRun,
  planSegment,
  type RunPlan,
  type RunWish,
  removePrompts,
  revertChanges,
  sessionStateOf,
} from '../../../src-main/core/studio/session/index.ts';
import { conceptId, frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import { noScores } from '../../../src-shared/domain/scores.ts';
import type { TrackedFrame } from '../../../src-shared/domain/track.ts';
import { mediaAt, runWish, TempFolder } from './fixture.ts';

const SIDE = 16;
const FRAMES = 20;
const red = conceptId(1);

describe('a phrase that was searched one way', () => {
  it('is searched the other way with what was found', async () => {
    using at = await searched('forward', 8);
    const plan = at.plan({ direction: 'backward' });
    expect(plan).toMatchObject({ goesOn: [1], rounds: [], settled: [{ phrase: 'red' }] });
    expect(plan.bases).toMatchObject([{ objectIds: [1, 2], conceptIds: [1] }]);
    expect(at.objects()).toEqual([1, 2]);
    // Frame 8 was looked at.
    at.commit(plan, 7, 1, 2);
    finishRun(at.session, plan.runId, { state: 'cancelled', code: 'cancelled' });
    expect(at.plan({ direction: 'backward', resume: true })).toMatchObject({ goesOn: [1], bases: plan.bases });
    at.finish(plan);
    for (const direction of ['forward', 'backward'] as const) expect(at.kind({ direction })).toBe('up-to-date');
    expect(at.objects()).toEqual([1, 2]);
  });

  it('begins anew both ways, with another pack, and where a reference predictor is told its start', async () => {
    const wishes = [
      { direction: 'both' },
      { direction: 'backward', packHash: 'other' },
      { direction: 'backward', range: { first: 0, last: 5 }, policy: 'reference' },
    ] as const;
    for (const wish of wishes) {
      using at = await searched('forward', 3);
      expect(at.plan(wish)).toMatchObject({ goesOn: [], bases: [] });
      expect(at.objects()).toEqual([]);
    }
  });

  it('leaves alone who a person corrected since', async () => {
    using at = await searched('forward', 8);
    await at.click(1, 12);
    const plan = at.plan({ direction: 'backward', objectIds: [], conceptIds: [red] });
    expect(plan.bases).toMatchObject([{ objectIds: [2], conceptIds: [1] }]);
  });

  it.each([
    ['found', false],
    ['corrected', true],
  ])(
    'follows who was %s and locked since, so that it is not found again, and leaves it as it is',
    async (_, clicked) => {
      using at = await searched('forward', 8);
      if (clicked) {
        await at.click(1, 12);
        const correction = at.plan({ direction: 'forward' });
        at.commit(correction, 12, 1);
        at.finish(correction);
      }
      changeObjects(at.session, [objectId(1)], { locked: true });
      const frames = at.frames(1);
      const plan = at.plan({ direction: 'backward' });
      expect(plan.bases).toMatchObject([{ objectIds: [1, 2], conceptIds: [1] }]);
      at.commit(plan, 7, 1, 2);
      at.finish(plan);
      expect([at.objects(), at.frames(1), at.frames(2)]).toEqual([[1, 2], frames, [7, 9]]);
    },
  );

  it.each([
    ['forward', 0, 'backward'],
    ['backward', FRAMES - 1, 'forward'],
  ] as const)('%s from frame %i keeps its objects where no frame is left %s', async (way, start, other) => {
    using at = await searched(way, start);
    expect(at.kind({ direction: other })).toBe('up-to-date');
    expect(at.objects()).toEqual([1, 2]);
  });
});

describe('a found object that is corrected', () => {
  it('goes on with what it had', async () => {
    using at = await searched('forward', 0);
    await at.click(1, 12);
    expect(planSegment(at.session, frameIndex(12), null).inquiries).toMatchObject([{ runKey: '1' }]);
    expect(sessionStateOf(at.session).objects.map(({ tracking }) => tracking)).toEqual(['changed', 'tracked']);
    const plan = at.plan({ direction: 'forward' });
    expect(plan.objectIds).toEqual([1]);
    expect(plan.bases).toMatchObject([{ objectIds: [1], conceptIds: [] }]);
  });

  it('has no memory of its own where it bears another number than in the run', async () => {
    using at = await searched('forward', 0, true);
    expect(at.objects()).toEqual([1, 2, 3]);
    await at.click(3, 12);
    expect(at.plan({ direction: 'forward', objectIds: [objectId(3)], conceptIds: [] }).bases).toEqual([]);
  });

  it('is as it was when that is taken back, before and after it was tracked', async () => {
    using at = await searched('forward', 0);
    await at.click(1, 12);
    const [{ id }] = at.session.prompts.ofObject(objectId(1));
    removePrompts(at.session, [id]);
    expect(at.kind({ direction: 'forward' })).toBe('up-to-date');
    await at.click(1, 12);
    const plan = at.plan({ direction: 'forward' });
    at.commit(plan, 1, 1);
    at.finish(plan);
    revertChanges(at.session, [objectId(1)]);
    expect(at.session.prompts.ofObject(objectId(1))).toEqual([]);
    expect(at.kind({ direction: 'forward' })).toBe('up-to-date');
  });
});

type Started = Extract<RunPlan, { kind: 'run' }>;

/** A session in which a phrase found objects 1 and 2. `clash`: a person made an object of the second number meanwhile. */
async function searched(direction: 'forward' | 'backward', start: number, clash = false) {
  const folder = new TempFolder();
  const session = createSession(folder.file(), mediaAt(folder.file('clip.mp4'), { frameCount: FRAMES }), {});
  await applyPrompts(session, [{ kind: 'text', phrase: 'red', frameIndex: frameIndex(start) }]);
  const kept = {
    session,
    plan: (change: Partial<RunWish>): Started => {
      const plan = planRun(session, runWish(change));
      if (plan.kind !== 'run') throw new Error('nothing to track');
      return plan;
    },
    kind: (change: Partial<RunWish>) => planRun(session, runWish(change)).kind,
    commit: (plan: Started, frame: number, ...ids: readonly number[]) =>
      commitFrames(session, {
        runId: plan.runId,
        direction: plan.direction === 'backward' ? 'backward' : 'forward',
        lowres: SIDE,
        snapshot: null,
        keepUserMasks: true,
        frames: [tracked(frame, ids, plan.runId > 1)],
      }),
    finish: ({ runId, range, direction: way }: Started) => {
      const direction = way === 'backward' ? ('backward' as const) : ('forward' as const);
      const memory = { bytes: new Uint8Array([1]), frameIndex: range.last, direction };
      finishRun(session, runId, { state: 'done', memory });
    },
    click: (id: number, frame: number) => {
      const place = { objectId: objectId(id), frameIndex: frameIndex(frame), point: { x: 5, y: 5 }, include: true };
      return applyPrompts(session, [{ kind: 'point', ...place }]);
    },
    objects: () => session.objects.all().map(({ id }) => id as number),
    frames: (id: number) => session.masks.of(objectId(id), null).map(({ frameIndex: frame }) => frame as number),
    [Symbol.dispose]: () => {
      session[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
  const plan = kept.plan({ direction });
  kept.commit(plan, start, 1);
  if (clash) await kept.click(2, 5);
  kept.commit(plan, Math.min(FRAMES - 1, start + 1), 1, 2);
  kept.finish(plan);
  return kept;
}

/** Left half or right half; `other` way round for a later run. */
function tracked(frame: number, ids: readonly number[], other: boolean): TrackedFrame {
  const objects = ids.map((id) => ({
    objectId: objectId(id),
    conceptId: red,
    source: 'tracked' as const,
    logits: Float32Array.from({ length: SIDE * SIDE }, (_, at) =>
      (at % SIDE < SIDE / 2 === (id === 1)) !== other ? 5 : -5,
    ),
    scores: noScores,
    provisional: false,
  }));
  return { frameIndex: frameIndex(frame), retracted: [], objects };
}
