import { describe, expect, test } from 'vitest';
import { Planner, type PlannerOptions } from '../../src-main/core/tracking/planner/index.ts';
import type { DetectorConstants } from '../../src-main/core/tracking/ports.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
import { packedMask } from '../support/bit-masks.ts';

const constants: DetectorConstants = {
  numQueries: 4,
  scoreThreshold: 0.5,
  detNmsThresh: 0.1,
  assocIou: 0.1,
  trkAssocIou: 0.5,
  newDetThresh: 0.7,
  hotstartDelay: 4,
  hotstartUnmatchThresh: 2,
  hotstartDupThresh: 2,
  suppressUnmatchedOnlyWithinHotstart: true,
  initKeepAlive: 3,
  maxKeepAlive: 3,
  minKeepAlive: -1,
  decreaseKeepAliveForEmpty: false,
  occlusionIou: 0.7,
  fillHoleArea: 0,
  maxObjects: 10,
  reconditionEvery: 2,
  highConf: 0.8,
  highIou: 0.8,
  areaShrinkage: 0.3,
};

function makePlanner(changes: Partial<DetectorConstants> = {}, options: Partial<PlannerOptions> = {}): Planner {
  let next = 1;
  const allocateId = () => objectId(next++);
  return new Planner({ constants: { ...constants, ...changes }, reverse: false, allocateId, ...options });
}

/** One row of 32 pixels; foreground from `start` to `end`. */
const strip = (start: number, end: number) =>
  packedMask(
    Uint8Array.from({ length: 32 }, (_, at) => (at >= start && at < end ? 1 : 0)),
    32,
    1,
  );
const seen = (start: number, end: number, score = 0.9) => ({ score, mask: strip(start, end) });
const track = (id: number, start: number, end: number) => ({
  id: objectId(id),
  mask: strip(start, end),
  objectScoreLogit: 5,
});
const at = (frame: number, detections: ReturnType<typeof seen>[] | null, tracks: ReturnType<typeof track>[] = []) => ({
  frameIndex: frameIndex(frame),
  detections,
  tracks,
});

describe('life of a track', () => {
  test('new detections get ids in order, are provisional, and appear in the delayed output', () => {
    const planner = makePlanner();
    const plan = planner.plan(at(0, [seen(0, 8), seen(16, 24)]));
    expect(plan.created).toEqual([
      { id: 1, detection: 0 },
      { id: 2, detection: 1 },
    ]);
    expect(plan).toMatchObject({ visible: [1, 2], provisional: [1, 2], alive: [1, 2], settled: [] });
    expect(planner.finish()).toEqual([{ frameIndex: 0, ids: [1, 2] }]);
  });

  test('a young track that detections miss twice is removed, also from frames already planned', () => {
    const planner = makePlanner();
    planner.plan(at(0, [seen(0, 8), seen(16, 24)]));
    planner.plan(at(1, [seen(0, 8)], [track(1, 0, 8), track(2, 16, 24)]));
    const plan = planner.plan(at(2, [seen(0, 8)], [track(1, 0, 8), track(2, 16, 24)]));
    expect(plan).toMatchObject({ removed: [2], visible: [1], alive: [1] });
    expect(planner.finish().map(({ ids }) => ids)).toEqual([[1], [1], [1]]);
  });

  test('an old track survives any number of misses; it stops being provisional one frame before', () => {
    const planner = makePlanner();
    planner.plan(at(0, [seen(0, 8)]));
    for (let frame = 1; frame <= 3; frame++) {
      const plan = planner.plan(at(frame, [seen(0, 8)], [track(1, 0, 8)]));
      expect(plan.provisional).toEqual(frame < 3 ? [1] : []);
    }
    for (let frame = 4; frame < 10; frame++) {
      expect(planner.plan(at(frame, [], [track(1, 0, 8)]))).toMatchObject({ removed: [], visible: [1] });
    }
  });

  test('in reverse, time runs down', () => {
    const planner = makePlanner({}, { reverse: true });
    planner.plan(at(9, [seen(0, 8)]));
    expect(planner.plan(at(8, [], [track(1, 0, 8)])).provisional).toEqual([1]);
    expect(planner.plan(at(7, [], [track(1, 0, 8)])).removed).toEqual([1]);
  });

  test('of two tracks on one thing the younger goes', () => {
    const planner = makePlanner({ hotstartUnmatchThresh: 100 });
    planner.plan(at(0, [seen(0, 8)]));
    planner.plan(at(1, [seen(0, 8), seen(16, 24)], [track(1, 0, 8)]));
    planner.plan(at(2, [seen(0, 8)], [track(1, 0, 8), track(2, 0, 8)]));
    expect(planner.plan(at(3, [seen(0, 8)], [track(1, 0, 8), track(2, 0, 8)])).removed).toEqual([2]);
  });

  test('the object limit keeps the best and counts the rest', () => {
    const plan = makePlanner({ maxObjects: 1 }).plan(at(0, [seen(0, 8, 0.75), seen(16, 24, 0.95)]));
    expect(plan).toMatchObject({ created: [{ id: 1, detection: 1 }], dropped: 1 });
  });

  test('a new object close to the edge is refused when that rule is on', () => {
    const box = { left: 0, top: 0, right: 0.02, bottom: 0.02 };
    const frame = at(0, [{ ...seen(0, 8), box } as ReturnType<typeof seen>]);
    expect(makePlanner({}, { boundaryMargin: 0.025 }).plan(frame)).toMatchObject({ created: [], dropped: 0 });
    expect(makePlanner().plan(frame).created).toHaveLength(1);
  });
});

describe('guards of ours', () => {
  test('a frame that the detector did not look at blames nobody', () => {
    const planner = makePlanner();
    planner.plan(at(0, [seen(0, 8)]));
    for (let frame = 1; frame < 4; frame++) {
      expect(planner.plan(at(frame, null, [track(1, 0, 8)]))).toMatchObject({ removed: [], hidden: [], visible: [1] });
    }
    expect(planner.snapshot().hotstart).toMatchObject({ keepAlive: [[1, 3]], unmatchedCount: [] });
  });

  test('a trusted id comes back and stays; a forgotten one leaves the frames held back', () => {
    const planner = makePlanner();
    planner.plan(at(0, [seen(0, 8), seen(16, 24)]));
    for (const frame of [1, 2]) planner.plan(at(frame, [], [track(1, 0, 8), track(2, 16, 24)]));
    expect(planner.snapshot().hotstart.removed).toEqual([1, 2]);
    planner.trust(objectId(1));
    expect(planner.plan(at(3, [], [track(1, 0, 8)]))).toMatchObject({ removed: [], visible: [1], provisional: [] });
    planner.forget(objectId(1));
    expect(planner.finish().map(({ ids }) => ids)).toEqual([[], [], []]);
  });

  test('a track that the planner did not make belongs to the user', () => {
    const planner = makePlanner();
    for (let frame = 0; frame < 4; frame++) {
      expect(planner.plan(at(frame, [], [track(7, 0, 8)]))).toMatchObject({
        removed: [],
        visible: [7],
        provisional: [],
      });
    }
  });
});

describe('masks that compete', () => {
  test('the track hidden more recently gives way', () => {
    const planner = makePlanner({}, {});
    planner.plan(at(0, [seen(0, 8), seen(16, 24)]));
    planner.plan(at(1, null, [track(1, 0, 0), track(2, 16, 24)]));
    planner.plan(at(2, null, [track(1, 0, 8), track(2, 0, 0)]));
    const plan = planner.plan(at(3, null, [track(1, 0, 8), track(2, 0, 8)]));
    expect(plan).toMatchObject({ occlusionSuppressed: [2], visible: [1] });
  });

  test('a track removed on this frame gives way even without a record of its own', () => {
    const planner = makePlanner({ hotstartUnmatchThresh: 1 });
    planner.trust(objectId(9));
    planner.plan(at(0, null, [track(9, 0, 0)]));
    planner.plan(at(1, [seen(16, 24)], [track(9, 0, 0)]));
    const plan = planner.plan(at(2, [seen(28, 30, 0.6)], [track(9, 0, 8), track(1, 0, 8)]));
    expect(plan).toMatchObject({ removed: [1], occlusionSuppressed: [1], visible: [9] });
  });

  test('memory is refreshed every second frame from a detection beyond doubt', () => {
    const planner = makePlanner();
    planner.plan(at(0, [seen(0, 8)]));
    expect(planner.plan(at(1, [seen(0, 8)], [track(1, 0, 8)])).recondition).toEqual([]);
    expect(planner.plan(at(2, [seen(0, 8)], [track(1, 0, 8)])).recondition).toEqual([{ track: 1, detection: 0 }]);
    const unsure = { ...track(1, 0, 8), objectScoreLogit: 0.5 };
    expect(planner.plan(at(4, [seen(0, 8)], [unsure])).recondition).toEqual([]);
  });

  test('a track removed on this frame is not refreshed, however sure the detection', () => {
    const planner = makePlanner({ hotstartDupThresh: 1, reconditionEvery: 1 });
    planner.plan(at(0, [seen(0, 8)]));
    planner.plan(at(1, [seen(0, 8), seen(16, 24)], [track(1, 0, 8)]));
    const plan = planner.plan(at(2, [seen(0, 8)], [track(1, 0, 6), track(2, 0, 8)]));
    expect(plan.association.highConfidence).toEqual([{ track: 2, detection: 0 }]);
    expect(plan).toMatchObject({ removed: [2], recondition: [] });
  });

  test('with confirmation a track shows from the start once three matches in a row are known', () => {
    const planner = makePlanner({ hotstartDelay: 3 }, { confirmationFrames: 3 });
    expect(planner.plan(at(0, [seen(0, 8)])).visible).toEqual([]);
    planner.plan(at(1, [seen(0, 8)], [track(1, 0, 8)]));
    const plan = planner.plan(at(2, [seen(0, 8)], [track(1, 0, 8)]));
    expect(plan).toMatchObject({ visible: [1], settled: [{ frameIndex: 0, ids: [1] }] });
  });
});

describe('resume', () => {
  test('a restored planner goes on alike and is independent of the old one', () => {
    const saved = makePlanner();
    saved.plan(at(0, [seen(0, 8), seen(16, 24)]));
    saved.plan(at(1, [], [track(1, 0, 8), track(2, 16, 24)]));
    const text = JSON.stringify(saved.snapshot());
    const next = at(2, [seen(0, 8)], [track(1, 0, 8), track(2, 16, 24)]);
    const expected = saved.plan(next);
    const restored = makePlanner();
    restored.restore(JSON.parse(text));
    expect(restored.plan(next)).toEqual(expected);
    expect(restored.finish()).toEqual(saved.finish());
  });

  test('a snapshot of a later version is refused', () => {
    const snapshot = { ...makePlanner().snapshot(), version: 2 as unknown as 1 };
    expect(() => makePlanner().restore(snapshot)).toThrow(StudioError);
  });
});
