import { describe, expect, test } from 'vitest';
import { Tracker, type TrackerOptions } from '../../src-main/core/tracking/index.ts';
import { conceptId, frameIndex } from '../../src-shared/domain/ids.ts';
import type { Direction } from '../../src-shared/domain/prompt.ts';
import type { TrackedFrame, TrackingPolicyName } from '../../src-shared/domain/track.ts';
import {
  boxMask,
  click,
  detectorConstants,
  FakeModel,
  type FakeScript,
  fakeFrames,
  told,
  video,
} from './tracking-fake-model.ts';

const left = [0, 0, 3, 3];
const right = [5, 5, 8, 8];

function setUp(script: FakeScript, frameCount: number, options: Partial<TrackerOptions> = {}) {
  const model = new FakeModel({ ...script, spec: { detector: detectorConstants, ...script.spec } });
  const tracker = new Tracker({ model, video: video(frameCount), policy: 'studio', ...options });
  const run = (direction: Direction): Promise<TrackedFrame[]> =>
    Array.fromAsync(
      tracker.propagate({ first: frameIndex(0), last: frameIndex(frameCount - 1), direction }, fakeFrames()),
    );
  return { model, tracker, run };
}

const phrase = (at: number) => ({
  kind: 'text' as const,
  conceptId: conceptId(1),
  frameIndex: frameIndex(at),
  phrase: 'red',
});

const retractions = (frames: readonly TrackedFrame[]) =>
  frames.filter(({ retracted }) => retracted.length > 0).map((each) => [each.frameIndex, ...each.retracted]);

describe('the way back', () => {
  // Something is taken for an instance on the frame where the search begins, and never again.
  const mistake: FakeScript = {
    detect: (frame) => (frame === 20 ? [{ box: left, score: 0.9 }] : []),
    mask: () => boxMask(left),
  };

  test.each(['studio', 'reference'] as const)('%s: judges on who was still young when it began', async (policy) => {
    const { tracker, run } = setUp(mistake, 24, { policy });
    await tracker.describe(phrase(20));
    // Three frames forward and five back have not seen it.
    expect(retractions(await run('both'))).toEqual([[15, 1]]);
    expect(tracker.objectIds).toEqual([]);
  });

  // Seen for its whole youth, unseen for ten frames later on.
  const gap: FakeScript = {
    detect: (frame) => (frame > 40 && frame < 51 ? [] : [{ box: left, score: 0.9 }]),
    mask: () => boxMask(left),
  };
  test.each<[TrackingPolicyName, unknown[]]>([
    ['studio', []],
    // "State per session": what was counted forward removes it while it counts as young again.
    ['reference', [[19, 1]]],
  ])('%s: who outlived its youth', async (policy, expected) => {
    const { tracker, run } = setUp(gap, 60, { policy });
    await tracker.describe(phrase(20));
    expect(retractions(await run('both'))).toEqual(expected);
  });

  test.each(['studio', 'reference'] as const)('%s: forward, then backward is both', async (policy) => {
    const script: FakeScript = {
      detect: (frame) => (frame > 2 ? [{ box: left, score: 0.9 }] : [left, right].map((box) => ({ box, score: 0.9 }))),
    };
    const options = { policy, settings: { spareFrames: 0 } };
    const begin = async () => {
      const setup = setUp(script, 60, options);
      await setup.tracker.segment({ frameIndex: frameIndex(20), prompts: [click(1, 20)] }, fakeFrames());
      await setup.tracker.describe(phrase(20));
      return setup;
    };
    const whole = await (await begin()).run('both');
    const forth = await begin();
    const forward = await forth.run('forward');
    const back = setUp(script, 60, options);
    const memory = forth.tracker.memory(0);
    back.tracker.adopt(memory, 'all', [click(1, 20)]);
    await back.tracker.goOn(memory, [conceptId(1)]);
    const backward = await back.run('backward');
    // In the studio an object of a person's stands on its own frame once more.
    const again = policy === 'studio' ? 1 : 0;
    expect(backward.slice(0, again).flatMap(({ objects }) => objects.map(({ objectId }) => objectId))).toEqual(
      new Array(again).fill(1),
    );
    expect(told([...forward, ...backward.slice(again)])).toEqual(told(whole));
  });

  test('recalls where a way began that was gone in parts', async () => {
    const go = async (...parts: readonly (readonly [number, number, Direction])[]) => {
      let memory: Uint8Array | null = null;
      let frames: readonly TrackedFrame[] = [];
      for (const [first, last, direction] of parts) {
        const { tracker } = setUp({}, 100, { settings: { spareFrames: 0 } });
        if (memory === null)
          await tracker.segment({ frameIndex: frameIndex(20), prompts: [click(1, 20)] }, fakeFrames());
        else tracker.adopt(memory, 'all', [click(1, 20)]);
        const range = { first: frameIndex(first), last: frameIndex(last), direction };
        frames = await Array.fromAsync(tracker.propagate(range, fakeFrames()));
        memory = tracker.memory(0);
      }
      return told(frames);
    };
    const whole = await go([20, 99, 'forward'], [0, 19, 'backward']);
    expect(await go([20, 50, 'forward'], [51, 99, 'forward'], [0, 19, 'backward'])).toEqual(whole);
  });

  test('backward, then forward finds nothing twice', async () => {
    const script: FakeScript = { detect: () => [{ box: left, score: 0.9 }], mask: () => boxMask(left) };
    const first = setUp(script, 40);
    await first.tracker.describe(phrase(20));
    await first.run('backward');
    const second = setUp(script, 40);
    second.tracker.adopt(first.tracker.memory(0), 'all', []);
    await second.tracker.goOn(first.tracker.memory(0), [conceptId(1)]);
    const frames = await second.run('forward');
    expect([frames[0].frameIndex, frames.length]).toEqual([21, 19]);
    expect(new Set(frames.flatMap(({ objects }) => objects.map(({ objectId }) => objectId)))).toEqual(new Set([1]));
  });

  test.each(['studio', 'reference'] as const)('%s: cut anywhere, it goes on exactly', async (policy) => {
    const script: FakeScript = {
      detect: (frame) =>
        [left, right].filter((_, at) => (frame + at * 4) % 7 < 4 || frame === 20).map((box) => ({ box, score: 0.9 })),
    };
    const begin = async () => {
      const setup = setUp(script, 30, { policy, settings: { spareFrames: 0 } });
      await setup.tracker.describe(phrase(20));
      return setup;
    };
    const whole = await (await begin()).run('both');
    const request = { first: frameIndex(0), last: frameIndex(29), direction: 'both' as const };
    for (const [cut, { frameIndex: at }] of whole.entries()) {
      // No snapshot is made of the last frame of a pass.
      if (at === 29 || at === 0) continue;
      const first = await begin();
      for await (const frame of first.tracker.propagate(request, fakeFrames())) if (frame.frameIndex === at) break;
      const second = await begin();
      await second.tracker.restore(first.tracker.snapshot('run'), []);
      const forward = at >= 20;
      const resume = {
        direction: forward ? ('forward' as const) : ('backward' as const),
        frameIndex: frameIndex(forward ? at + 1 : at - 1),
      };
      const start = frameIndex(20);
      const rest = await Array.fromAsync(second.tracker.propagate({ ...request, start, resume }, fakeFrames()));
      expect(told(rest), `cut after ${at}`).toEqual(told(whole.slice(cut + 1)));
      expect(retractions(rest)).toEqual(retractions(whole.slice(cut + 1)));
    }
  });
});
