import { describe, expect, test } from 'vitest';
import { Tracker, type TrackerConstants } from '../../src-main/core/tracking/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import type { TrackedFrame } from '../../src-shared/domain/track.ts';
import { type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { boxMask, FakeModel, type FakeScript, fakeFrames, fakeSpec, video } from './tracking-fake-model.ts';

const FRAMES = 16;
const whole = boxMask([2, 2, 7, 7]);
const half = boxMask([2, 2, 5, 6]);
/** A twenty-fifth of `whole`. */
const rest = boxMask([3, 3, 4, 4]);

const guards = { fallen: [{ area: 0.2, frames: 5 }], absences: 'left-out' } as const;

function setUp(script: FakeScript, own: TrackerConstants['guards'], policy: 'studio' | 'reference' = 'studio') {
  const spec = { tracker: { ...fakeSpec.tracker!, guards: own } };
  const model = new FakeModel({ ...script, spec });
  return { model, tracker: new Tracker({ model, video: video(FRAMES), policy }), frames: fakeFrames() };
}

/** The mask `whole` is given on a frame. */
async function begin({ tracker, frames }: ReturnType<typeof setUp>, at = 0): Promise<void> {
  const mask = boxAt(16, 12, 56, 42);
  const prompt = { kind: 'mask' as const, objectId: objectId(1), frameIndex: frameIndex(at), mask };
  await tracker.segment({ frameIndex: frameIndex(at), prompts: [prompt] }, frames);
}

function boxAt(x0: number, y0: number, x1: number, y1: number): RleMask {
  const bitmap = new Uint8Array(64 * 48);
  for (let y = y0; y < y1; y++) bitmap.fill(1, y * 64 + x0, y * 64 + x1);
  return rleFromBitmap(bitmap, 64, 48);
}

async function absent(setup: ReturnType<typeof setUp>, direction: 'forward' | 'backward' = 'forward') {
  await begin(setup, direction === 'forward' ? 0 : FRAMES - 1);
  const range = { first: frameIndex(0), last: frameIndex(FRAMES - 1) };
  return absentOf(await Array.fromAsync(setup.tracker.propagate({ ...range, direction }, setup.frames)));
}

function absentOf(frames: readonly TrackedFrame[]): readonly number[] {
  return frames.filter(({ objects }) => objects[0].logits === null).map((frame) => frame.frameIndex);
}

describe('an object of which suddenly little is left', () => {
  const gone: FakeScript = { mask: (frame) => (frame < 6 ? whole : rest) };
  const away: FakeScript = { mask: (frame) => (frame < 6 || frame > 8 ? whole : rest) };

  test('is absent until it is of a size again', async () => {
    expect(await absent(setUp(away, guards))).toEqual([6, 7, 8]);
  });

  test('is believed at any size after some time', async () => {
    expect(await absent(setUp(gone, guards))).toEqual([6, 7, 8, 9, 10]);
  });

  test('is shown by the reference, and with a pack that does not ask for the rule', async () => {
    expect(await absent(setUp(away, guards, 'reference'))).toEqual([]);
    expect(await absent(setUp(away, undefined))).toEqual([]);
  });

  test('is absent only while the model is unsure, where the pack says so', async () => {
    const script: FakeScript = { ...away, score: (frame) => (frame === 7 ? 4 : 2) };
    expect(await absent(setUp(script, { ...guards, fallen: [{ area: 0.2, scoreBelow: 3, frames: 5 }] }))).toEqual([6]);
  });

  test('is absent on the way back too', async () => {
    const back: FakeScript = { mask: (frame) => (frame > 9 || frame < 7 ? whole : rest) };
    expect(await absent(setUp(back, guards), 'backward')).toEqual([9, 8, 7]);
  });

  test('is not one that becomes smaller by and by', async () => {
    const slow: FakeScript = { mask: (frame) => [whole, half, boxMask([3, 3, 5, 5]), rest][Math.min(3, frame >> 2)] };
    expect(await absent(setUp(slow, guards))).toEqual([]);
  });

  test('is measured by the mask that a correction gave', async () => {
    const setup = setUp(gone, guards);
    await begin(setup);
    const before = { first: frameIndex(0), last: frameIndex(6), direction: 'forward' as const };
    await Array.fromAsync(setup.tracker.propagate(before, setup.frames));
    const mask = boxAt(24, 18, 32, 24);
    const at = frameIndex(7);
    const prompt = { kind: 'mask' as const, objectId: objectId(1), frameIndex: at, mask };
    await setup.tracker.segment({ frameIndex: at, prompts: [prompt] }, setup.frames);
    const range = { first: at, last: frameIndex(FRAMES - 1), start: at, objectIds: [objectId(1)] };
    const again = await Array.fromAsync(setup.tracker.propagate({ ...range, direction: 'forward' }, setup.frames));
    expect(absentOf(again.slice(1))).toEqual([]);
  });

  test.each(['all', 'run'] as const)('stays absent in a run that goes on from a snapshot (%s)', async (scope) => {
    const first = setUp(gone, guards);
    await begin(first);
    const range = { first: frameIndex(0), last: frameIndex(FRAMES - 1), direction: 'forward' as const };
    for await (const frame of first.tracker.propagate(range, first.frames)) if (frame.frameIndex === 7) break;
    const second = setUp(gone, guards);
    await second.tracker.restore(first.tracker.snapshot(scope), []);
    const resume = { direction: 'forward' as const, frameIndex: frameIndex(8) };
    const rest = await Array.fromAsync(
      second.tracker.propagate({ ...range, start: frameIndex(0), resume }, second.frames),
    );
    expect(absentOf(rest)).toEqual([8, 9, 10]);
  });

  test('enters memory as a frame without it, for packs that want to know', async () => {
    const told = setUp(away, { ...guards, absences: 'remembered' });
    expect(await absent(told)).toEqual([6, 7, 8]);
    const seen = (setup: ReturnType<typeof setUp>) =>
      setup.model.memories.filter(({ frame }) => frame > 4 && frame < 10).map(({ frame, visible }) => [frame, visible]);
    expect(seen(told)).toEqual([
      [5, true],
      [6, false],
      [7, false],
      [8, false],
      [9, true],
    ]);
    const left = setUp(away, guards);
    await absent(left);
    expect(seen(left)).toEqual([
      [5, true],
      [9, true],
    ]);
  });
});
