import { describe, expect, test } from 'vitest';
import { Tracker, type TrackerConstants } from '../../src-main/core/tracking/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import type { TrackedFrame } from '../../src-shared/domain/track.ts';
import { rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { boxMask, FakeModel, type FakeScript, fakeFrames, fakeSpec, video } from './tracking-fake-model.ts';

const FRAMES = 8;
const side = Math.sqrt(boxMask([0, 0, 1, 1]).length);
/** Four cells, so the object is two cells large. */
const there = [0, 0, 2, 2];
type Mask = NonNullable<FakeScript['mask']>;
const guards = { fallen: [], absences: 'left-out', strays: 1 } as const;

/** Boxes x0 y0 x1 y1 on the low-resolution grid, as one mask. */
function boxes(...list: readonly (readonly number[])[]): Float32Array {
  const masks = list.map((box) => boxMask(box));
  return masks[0].map((logit, at) => Math.max(logit, ...masks.map((mask) => mask[at])));
}

/** What is shown on frames 1 and on, as areas of the left half and of the rest. */
async function areas(
  mask: Mask,
  own: TrackerConstants['guards'] = guards,
  policy: 'studio' | 'reference' = 'studio',
): Promise<readonly (readonly [number, number])[]> {
  const { tracker, frames } = setUp(mask, own, policy);
  await begin(tracker, frames);
  const range = { first: frameIndex(0), last: frameIndex(FRAMES - 1), direction: 'forward' as const };
  return (await Array.fromAsync(tracker.propagate(range, frames))).slice(1).map(halves);
}

function setUp(mask: Mask, own: TrackerConstants['guards'], policy: 'studio' | 'reference' = 'studio') {
  const spec = { tracker: { ...fakeSpec.tracker!, guards: own } };
  return {
    tracker: new Tracker({ model: new FakeModel({ mask, spec }), video: video(FRAMES), policy }),
    frames: fakeFrames(),
  };
}

/** `there` is given on frame 0, at the size of the picture. */
async function begin(tracker: Tracker, frames: ReturnType<typeof fakeFrames>): Promise<void> {
  const bitmap = new Uint8Array(64 * 48);
  for (let y = 0; y < (48 * 2) / side; y++) bitmap.fill(1, y * 64, y * 64 + (64 * 2) / side);
  const mask = rleFromBitmap(bitmap, 64, 48);
  const prompt = { kind: 'mask' as const, objectId: objectId(1), frameIndex: frameIndex(0), mask };
  await tracker.segment({ frameIndex: frameIndex(0), prompts: [prompt] }, frames);
}

function halves({ objects }: TrackedFrame): readonly [number, number] {
  const logits = objects[0].logits ?? new Float32Array();
  const count = (right: boolean) => logits.filter((logit, at) => logit > 0 && at % side >= side / 2 === right).length;
  return [count(false), count(true)];
}

describe('parts of a mask far from where the object was', () => {
  const stray = [side - 1, side - 1, side, side];

  test('are left out, as long as they are there', async () => {
    expect(await areas(() => boxes(there, stray))).toEqual(Array.from({ length: FRAMES - 1 }, () => [4, 0]));
  });

  test('are shown by the reference, and with a pack that does not ask for the rule', async () => {
    const mask = () => boxes(there, stray);
    expect(await areas(mask, guards, 'reference')).toContainEqual([4, 1]);
    expect(await areas(mask, { fallen: [], absences: 'left-out' })).toContainEqual([4, 1]);
  });

  test('are the object where they are the larger share of the mask', async () => {
    const moved = [side - 4, side - 4, side, side];
    const seen = await areas(() => boxes([0, 0, 1, 1], moved));
    expect(seen[0]).toEqual([1, 16]);
  });

  test('are kept where the object can have come to since it was last seen', async () => {
    const near = [side / 2, 0, side / 2 + 1, 1];
    const [first] = await areas(() => boxes(there, near));
    expect(first).toEqual([4, 1]);
  });

  test.each(['all', 'run'] as const)('are left out in a run that goes on from a snapshot (%s)', async (scope) => {
    const mask = (frame: number) => (frame < 4 ? boxes(there) : boxes(there, stray));
    const first = setUp(mask, guards);
    await begin(first.tracker, first.frames);
    const range = { first: frameIndex(0), last: frameIndex(FRAMES - 1), direction: 'forward' as const };
    for await (const frame of first.tracker.propagate(range, first.frames)) if (frame.frameIndex === 3) break;
    const second = setUp(mask, guards);
    await second.tracker.restore(first.tracker.snapshot(scope), []);
    const resume = { direction: 'forward' as const, frameIndex: frameIndex(4) };
    const on = second.tracker.propagate({ ...range, start: frameIndex(0), resume }, second.frames);
    expect((await Array.fromAsync(on)).map(halves)).toEqual(Array.from({ length: FRAMES - 4 }, () => [4, 0]));
  });
});
