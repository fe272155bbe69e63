import { describe, expect, test } from 'vitest';
import {
  type AttendItem,
  type FrameProvider,
  type ImageFeatures,
  Tracker,
} from '../../src-main/core/tracking/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import type { TrackedFrame } from '../../src-shared/domain/track.ts';
import { rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { boxMask, FakeModel, type FakeScript, fakeSpec, told, video } from './tracking-fake-model.ts';

const FRAMES = 16;
const LEAVES = 6;
const range = { first: frameIndex(0), last: frameIndex(FRAMES - 1), direction: 'forward' as const };

const guards = { fallen: [], absences: 'remembered', returns: { after: 1, every: 2, iou: 0.7 } } as const;

/** Every pixel has the number of its frame, so a picture in the light of another frame is that frame. */
const frames: FrameProvider = async function* ({ first, last }, direction) {
  for (let step = 0; step <= last - first; step++) {
    const index = direction === 'forward' ? first + step : last - step;
    yield { frameIndex: index, pixels: Uint8Array.of(index, 0, 0, index, 0, 0), release: () => undefined };
  }
};

/** Notes what is attended with what. */
class Attentive extends FakeModel {
  readonly attended: { frame: number; temporal: readonly number[] }[] = [];

  override async attend(features: ImageFeatures, items: readonly AttendItem[]) {
    const { frame } = features as ImageFeatures & { frame: number };
    for (const { memories } of items) {
      this.attended.push({ frame, temporal: memories.map(({ temporalIndex }) => temporalIndex) });
    }
    return super.attend(features, items);
  }
}

type Own = NonNullable<(typeof fakeSpec)['tracker']>['guards'];

function setUp(script: FakeScript, own: Own = guards, policy: 'studio' | 'reference' = 'studio') {
  // Three frames of memory and none to spare.
  const tracker = { ...fakeSpec.tracker!, numMaskmem: 3, maxPtrs: 3, maxCond: 4, guards: own };
  const model = new Attentive({ ...script, spec: { tracker } });
  return { model, tracker: new Tracker({ model, video: video(FRAMES), policy, settings: { spareFrames: 0 } }) };
}

async function begin({ tracker }: ReturnType<typeof setUp>, objects = 1): Promise<void> {
  const bitmap = new Uint8Array(64 * 48).fill(1, 64 * 12, 64 * 36);
  const mask = rleFromBitmap(bitmap, 64, 48);
  const prompts = Array.from({ length: objects }, (_, at) => ({
    kind: 'mask' as const,
    objectId: objectId(at + 1),
    frameIndex: frameIndex(0),
    mask,
  }));
  await tracker.segment({ frameIndex: frameIndex(0), prompts }, frames);
}

async function run(setup: ReturnType<typeof setUp>, objects = 1): Promise<readonly TrackedFrame[]> {
  await begin(setup, objects);
  return Array.fromAsync(setup.tracker.propagate(range, frames));
}

function absentOf(tracked: readonly TrackedFrame[], index = 0): readonly number[] {
  return tracked.filter(({ objects }) => objects[index].logits === null).map((frame) => frame.frameIndex);
}

function from(first: number, last = FRAMES - 1): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

describe('an absent object', () => {
  const whole = boxMask([2, 2, 7, 7]);
  /** It is seen in the pictures before `LEAVES` only. */
  const gone: FakeScript = { mask: () => whole, score: (frame) => (frame < LEAVES ? 2 : -2) };

  /** On second looks at frame 5 the model is not sure of it. */
  const unsure = (objects = 1): FakeScript => {
    let asked = 0;
    return { ...gone, iou: (frame) => (frame === 5 && asked++ >= objects ? 0.6 : 0.8) };
  };

  test('is looked for in the light in which it was last surely seen', async () => {
    // On frame 8 it is seen as on frame 5; then the light of frame 8 is what is known of it.
    expect(absentOf(await run(setUp(gone)))).toEqual([6, 7, ...from(9)]);
  });

  test('is looked for when it has been absent for some time', async () => {
    const later = { ...guards, returns: { ...guards.returns, after: 4 } };
    expect(absentOf(await run(setUp(gone, later)))).toEqual([...from(6, 9), ...from(11)]);
  });

  test('is only followed with packs that do not ask for it, and by the reference', async () => {
    expect(absentOf(await run(setUp(gone, { ...guards, returns: undefined })))).toEqual(from(LEAVES));
    expect(absentOf(await run(setUp(gone, guards, 'reference')))).toEqual(from(LEAVES));
  });

  test('is not found while the model is unsure of it', async () => {
    expect(absentOf(await run(setUp(unsure())))).toEqual(from(LEAVES));
  });

  test('is not a small part of it that is found soon', async () => {
    const part = boxMask([3, 3, 4, 4]);
    let asked = 0;
    const script: FakeScript = { ...gone, mask: (frame) => (frame === 5 && asked++ > 0 ? part : whole) };
    const tracked = await run(setUp(script, { ...guards, fallen: [{ area: 0.2, frames: 5 }] }));
    expect(absentOf(tracked)).toEqual([...from(6, 11), ...from(13)]);
  });

  test('is looked for with what was given and the frame on which it was surely seen, however long ago', async () => {
    const setup = setUp(unsure());
    await run(setup);
    const looks = setup.model.attended.filter(({ frame }, at) => at > 6 && frame === 5);
    expect(looks).toEqual(Array.from({ length: 4 }, () => ({ frame: 5, temporal: [2, 2] })));
  });

  test('is not looked for as on frames on which the model was unsure of it', async () => {
    const setup = setUp({ ...gone, iou: (frame) => (frame === 5 ? 0.6 : 0.8) });
    await run(setup);
    expect(setup.model.attended[7]).toEqual({ frame: 4, temporal: [2, 2] });
  });

  test('that is not found is remembered as absent', async () => {
    const setup = setUp(unsure());
    await run(setup);
    const remembered = setup.model.memories.filter(({ frame }) => frame >= LEAVES);
    expect(remembered).toEqual(from(LEAVES).map((frame) => ({ frame, binarize: false, visible: false })));
  });

  test('that is found is remembered in the light of its frame', async () => {
    const setup = setUp(gone);
    await run(setup);
    const remembered = setup.model.memories.filter(({ frame }) => frame === 8);
    expect(remembered).toEqual([{ frame: 8, binarize: false, visible: true }]);
  });

  test('takes turns with others, and costs one picture more on those frames', async () => {
    const setup = setUp(unsure(2));
    await run(setup, 2);
    expect(setup.model.calls.attend.slice(LEAVES + 1)).toEqual([1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 1, 2]);
    expect(setup.model.calls.encodeImage).toBe(FRAMES + 4);
  });

  test('alone costs one picture more on those frames, and nothing else', async () => {
    const setup = setUp(unsure());
    await run(setup);
    expect(setup.model.calls.encodeImage).toBe(FRAMES + 4);
    expect(setup.model.calls.encodeMemory).toEqual(Array.from({ length: FRAMES }, () => 1));
    expect(setup.model.calls.decode).toEqual(Array.from({ length: FRAMES }, () => 1));
    expect(setup.model.calls.attend).toEqual(Array.from({ length: FRAMES - 1 }, () => 1));
  });

  test.each(['all', 'run'] as const)(
    'is looked for as well in a run that goes on from a snapshot (%s)',
    async (scope) => {
      // Without scripted masks every answer follows from the memory.
      const script: FakeScript = { score: gone.score!, iou: (frame) => (frame === 5 ? 0.6 : 0.8) };
      const whole = await run(setUp(script));
      const first = setUp(script);
      await begin(first);
      for await (const frame of first.tracker.propagate(range, frames)) if (frame.frameIndex === 7) break;
      const second = setUp(script);
      await second.tracker.restore(first.tracker.snapshot(scope), []);
      const resume = { direction: 'forward' as const, frameIndex: frameIndex(8) };
      const rest = await Array.fromAsync(second.tracker.propagate({ ...range, start: frameIndex(0), resume }, frames));
      expect(absentOf(whole)).not.toContain(8);
      expect(told(rest)).toEqual(told(whole.slice(8)));
    },
  );
});
