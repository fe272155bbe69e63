import { describe, expect, test } from 'vitest';
import { FrameDesk, type ObjectPrompt, Tracker } from '../../src-main/core/tracking/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { click, detectorConstants, FakeModel, fakeFrames, fakeSpec, video } from './tracking-fake-model.ts';

const one = objectId(1);
const at = frameIndex(3);
const asked = (...rounds: ObjectPrompt[][]) => ({ objectId: one, settled: [], rounds, storedMask: null, runKey: null });

function setUp(model = new FakeModel()) {
  const log = { asked: [] as number[], held: 0 };
  return { model, desk: new FrameDesk(model, video(12)), frames: fakeFrames(log), log };
}

describe('questions about one frame', () => {
  test('encode it once and decode each round once, however often they are asked', async () => {
    const { model, desk, frames, log } = setUp();
    const first = [click(1, 3, 10)];
    const second = [click(1, 3, 40)];
    const [once] = await desk.segment(at, [asked(first)], frames);
    const [twice] = await desk.segment(at, [asked(first, second)], frames);
    const [again] = await desk.segment(at, [asked(first)], frames);
    expect(model.encodedFrames).toEqual([3]);
    expect(model.calls.decode).toEqual([1, 1]);
    expect(again.scores).toEqual(once.scores);
    expect(again.logits).toEqual(once.logits);
    expect(twice.logits).not.toEqual(once.logits);
    expect(log.held).toBe(0);
  });

  test('are answered as tracking will answer them, round by round', async () => {
    const { desk, frames } = setUp();
    const [first, second] = [[click(1, 3, 10)], [click(1, 3, 40)]];
    const [now] = await desk.segment(at, [asked(first, second)], frames);
    const tracker = new Tracker({ model: new FakeModel(), video: video(12), policy: 'studio' });
    await tracker.segment({ frameIndex: at, prompts: first }, frames);
    const [later] = await tracker.segment({ frameIndex: at, prompts: second }, frames);
    expect(now.logits).toEqual(later.logits);
    const [together] = await desk.segment(at, [asked([...first, ...second])], frames);
    expect(together.logits).not.toEqual(later.logits);
  });

  test('about a mask and clicks together correct the mask, as tracking will', async () => {
    const { desk, frames } = setUp();
    const mask = rleFromBitmap(new Uint8Array(64 * 48).fill(1, 0, 900), 64, 48);
    const prompts = [{ kind: 'mask' as const, objectId: one, frameIndex: at, mask }, click(1, 3, 10)];
    const [now] = await desk.segment(at, [asked(prompts)], frames);
    const tracker = new Tracker({ model: new FakeModel(), video: video(12), policy: 'reference' });
    const [later] = await tracker.segment({ frameIndex: at, prompts }, frames);
    expect(now.logits).toEqual(later.logits);
    const [alone] = await desk.segment(at, [asked([click(1, 3, 10)])], frames);
    expect(alone.logits).not.toEqual(now.logits);
  });

  test('begin from the mask that tracking left, also when an answer has displaced it in storage', async () => {
    const { desk, frames } = setUp();
    const rounds = [[click(1, 3, 10)]];
    const bare = await desk.segment(at, [asked(...rounds)], frames);
    const about = { objectId: one, settled: [], rounds, runKey: null };
    const { width, height } = video(12);
    const mask = rleFromBitmap(new Uint8Array(width * height).fill(1, 0, (width * height) / 2), width, height);
    const corrected = await desk.segment(at, [{ ...about, storedMask: mask }], frames);
    const known = await desk.segment(at, [{ ...about, storedMask: undefined }], frames);
    expect(corrected[0].logits).not.toEqual(bare[0].logits);
    expect(known[0].logits).toEqual(corrected[0].logits);
    const forgotten = await desk.segment(at, [{ ...about, storedMask: null }], frames);
    expect(forgotten[0].logits).toEqual(bare[0].logits);
  });

  test('correct a tracked frame with what the run remembered, as a later propagation will', async () => {
    const { model, desk, frames } = setUp();
    const tracker = new Tracker({ model: new FakeModel(), video: video(12), policy: 'reference' });
    await tracker.segment({ frameIndex: frameIndex(0), prompts: [click(1, 0, 20)] }, frames);
    const range = { first: frameIndex(0), last: frameIndex(8), direction: 'forward' as const };
    for await (const frame of tracker.propagate(range, frames)) expect(frame.objects).toHaveLength(1);
    const bytes = tracker.memory(2 ** 20);
    const rounds = [[click(1, 3, 10)], [click(1, 3, 40)]];
    const about = { ...asked(...rounds), runKey: '5' };
    // Not given yet: the run counts for nothing, and its later arrival is not hidden by the answer kept.
    const [without] = await desk.segment(at, [about], frames);
    desk.memories.add({ key: '5', bytes, policy: 'reference', memoryPolicy: null });
    const [now] = await desk.segment(at, [about], frames);
    const later = new Tracker({ model: new FakeModel(), video: video(12), policy: 'reference' });
    later.adopt(bytes, [one], []);
    await later.segment({ frameIndex: at, prompts: rounds[0] }, frames);
    const [expected] = await later.segment({ frameIndex: at, prompts: rounds[1] }, frames);
    expect(now.logits).toEqual(expected.logits);
    expect(now.scores).toEqual(expected.scores);
    expect(without.logits).not.toEqual(expected.logits);
    // Two rounds and another click attend to the memory once.
    await desk.segment(at, [{ ...about, rounds: [[click(1, 3, 11)]] }], frames);
    expect(model.calls.attend).toEqual([1]);
    // A frame that the run never reached has nothing to lend.
    const beyond = { objectId: one, settled: [], rounds: [[click(1, 10, 10)]], storedMask: null };
    const [known] = await desk.segment(frameIndex(10), [{ ...beyond, runKey: '5' }], frames);
    const [bare] = await desk.segment(frameIndex(10), [{ ...beyond, runKey: null }], frames);
    expect(known.logits).toEqual(bare.logits);
  });

  test('two at a time about one frame do not encode it twice; a phrase shares it too', async () => {
    const seen = { box: [1, 1, 5, 5], score: 0.9 };
    const model = new FakeModel({ spec: { detector: detectorConstants }, detect: () => [seen] });
    const { desk, frames } = setUp(model);
    const [, , instances] = await Promise.all([
      desk.segment(at, [asked([click(1, 3, 10)])], frames),
      desk.segment(at, [asked([click(1, 3, 20)])], frames),
      desk.detect(at, { phrase: 'red thing', exemplars: [] }, frames),
    ]);
    expect(model.encodedFrames).toEqual([3]);
    expect(instances[0].score).toBeCloseTo(0.9);
  });

  test('need no tracker, and refuse what cannot be meant', async () => {
    const { desk, frames } = setUp(new FakeModel({ spec: { tracker: null } }));
    expect(await desk.segment(at, [asked([click(1, 3, 10)])], frames)).toHaveLength(1);
    await expect(desk.detect(at, { phrase: 'dog', exemplars: [] }, frames)).rejects.toMatchObject({
      code: 'concepts-unsupported',
    });
    expect(() => desk.segment(at, [asked([click(1, 99, 10)])], frames)).toThrow(/frames 0 to 11/);
  });
});

describe('many clicks on one frame', () => {
  const clicks = Array.from({ length: 20 }, (_, index) => click(1, 3, 2 + 2 * index));
  const pointsSeen = async (tracker: typeof fakeSpec.tracker) => {
    const model = new FakeModel({ spec: { tracker } });
    const counts: number[] = [];
    const decode = model.decode.bind(model);
    model.decode = async (features, request) => {
      counts.push(...request.items.map(({ points }) => points.length));
      return decode(features, request);
    };
    await setUp(model).desk.segment(at, [asked(clicks)], setUp().frames);
    return counts;
  };

  test('SAM 3 is given the first and the last eight, the others all', async () => {
    const constants = fakeSpec.tracker!;
    expect(await pointsSeen(constants)).toEqual([20]);
    expect(await pointsSeen({ ...constants, memorySelection: true })).toEqual([16]);
    expect(await pointsSeen({ ...constants, maxPoints: 5 })).toEqual([5]);
  });
});
