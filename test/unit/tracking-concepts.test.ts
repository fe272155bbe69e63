import { describe, expect, test } from 'vitest';
import { Tracker, type TrackerOptions } from '../../src-main/core/tracking/index.ts';
import { conceptId, frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import type { TrackedFrame } from '../../src-shared/domain/track.ts';
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
const middle = [3, 3, 5, 6];

function setUp(script: FakeScript, options: Partial<TrackerOptions> & { frames?: number } = {}) {
  const model = new FakeModel({ ...script, spec: { detector: detectorConstants, ...script.spec } });
  const frameCount = options.frames ?? 24;
  const tracker = new Tracker({ model, video: video(frameCount), policy: 'studio', ...options });
  return { model, tracker, frames: fakeFrames(), frameCount };
}

const phrase = (id: number, text: string, at = 0) => ({
  kind: 'text' as const,
  conceptId: conceptId(id),
  frameIndex: frameIndex(at),
  phrase: text,
});

async function run({ tracker, frames, frameCount }: ReturnType<typeof setUp>): Promise<TrackedFrame[]> {
  const whole = { first: frameIndex(0), last: frameIndex(frameCount - 1), direction: 'forward' as const };
  return Array.fromAsync(tracker.propagate(whole, frames));
}

const idsOn = ({ objects }: TrackedFrame) => objects.map(({ objectId: id }) => id);

describe('concepts', () => {
  test('several phrases and a clicked object share one encode, one attention and one decoder batch a frame', async () => {
    const boxes = [left, right, middle];
    const setup = setUp({
      detect: (_, text) => [{ box: text === 'red' ? right : middle, score: 0.9 }],
      mask: (_, index) => boxMask(boxes[index]),
    });
    await setup.tracker.segment({ frameIndex: frameIndex(0), prompts: [click(1, 0)] }, setup.frames);
    await setup.tracker.describe(phrase(1, 'red'));
    await setup.tracker.describe(phrase(2, 'blue'));
    const frames = await run(setup);
    expect(setup.model.encodedFrames).toEqual(Array.from({ length: 24 }, (_, at) => at));
    expect([setup.model.texts, setup.model.detections]).toEqual([2, 48]);
    expect(setup.model.calls.attend).toEqual(new Array(23).fill(3));
    expect(idsOn(frames[0])).toEqual([1, 2, 3]);
    expect(frames[0].objects.map(({ source, conceptId: of }) => [source, of])).toEqual([
      ['prompt', null],
      ['detected', 1],
      ['detected', 2],
    ]);
    expect(frames[23].objects.map(({ logits }) => logits !== null)).toEqual([true, true, true]);
    expect(frames[5].objects[1].scores).toMatchObject({ presence: 0.9, detection: Math.fround(0.9) });
  });

  test('a new object is provisional during hotstart and settled after it', async () => {
    const setup = setUp({ detect: () => [{ box: left, score: 0.9 }], mask: () => boxMask(left) });
    await setup.tracker.describe(phrase(1, 'red'));
    const provisional = (await run(setup)).map(({ objects }) => objects[0].provisional);
    expect(provisional.slice(0, 10)).toEqual(new Array(10).fill(true));
    expect(provisional.slice(-5)).toEqual(new Array(5).fill(false));
  });

  test('an object of a concept that is not on the frame is lost and not remembered; the reference shows it', async () => {
    const gone = (frame: number) => frame >= 18 && frame < 21;
    const script: FakeScript = {
      detect: (frame) => (gone(frame) ? [] : [{ box: left, score: 0.9 }]),
      presence: (frame) => (gone(frame) ? 0.001 : 0.9),
      mask: () => boxMask(left),
    };
    const outcome = async (policy: 'studio' | 'reference') => {
      const setup = setUp(script, { policy });
      await setup.tracker.describe(phrase(1, 'red'));
      const absent = (await run(setup))
        .filter(({ objects }) => objects[0].logits === null)
        .map((each) => each.frameIndex);
      return { absent, remembered: setup.model.calls.encodeMemory.length };
    };
    const [studio, reference] = [await outcome('studio'), await outcome('reference')];
    expect(studio.absent).toEqual([18, 19, 20]);
    expect(reference.absent).toEqual([]);
    expect(reference.remembered - studio.remembered).toBe(3);
  });

  test('an object that detections do not support is retracted; the clicked one stays as it would be alone', async () => {
    const script: FakeScript = {
      detect: (frame) => (frame === 0 ? [{ box: right, score: 0.9 }] : []),
      mask: (_, index) => boxMask(index === 0 ? left : right),
    };
    const setup = setUp(script);
    await setup.tracker.segment({ frameIndex: frameIndex(0), prompts: [click(1, 0)] }, setup.frames);
    await setup.tracker.describe(phrase(1, 'red'));
    const frames = await run(setup);
    const retracted = frames.filter((frame) => frame.retracted.length > 0);
    expect(retracted.map((frame) => [frame.frameIndex, frame.retracted])).toEqual([[8, [2]]]);
    expect(idsOn(frames[7])).toEqual([1, 2]);
    expect(idsOn(frames[8])).toEqual([1]);
    expect(setup.tracker.objectIds).toEqual([1]);

    const alone = setUp(script);
    await alone.tracker.segment({ frameIndex: frameIndex(0), prompts: [click(1, 0)] }, alone.frames);
    expect(told(frames, 1)).toEqual(told(await run(alone)));
  });

  test('a corrected object is never retracted', async () => {
    const setup = setUp({
      detect: (frame) => (frame === 0 ? [{ box: right, score: 0.9 }] : []),
      mask: () => boxMask(right),
    });
    await setup.tracker.describe(phrase(1, 'red'));
    const begun = setup.tracker.propagate(
      { first: frameIndex(0), last: frameIndex(4), direction: 'forward' },
      setup.frames,
    );
    await Array.fromAsync(begun);
    await setup.tracker.segment({ frameIndex: frameIndex(3), prompts: [click(1, 3)] }, setup.frames);
    const frames = await run(setup);
    expect(frames.flatMap(({ retracted }) => retracted)).toEqual([]);
    expect(idsOn(frames[23])).toEqual([1]);
  });

  test('a concept shown only by a box is looked for on its frame alone, and nobody is blamed afterwards', async () => {
    const setup = setUp({ detect: () => [{ box: left, score: 0.9 }], mask: () => boxMask(right) });
    const box = { x: 2, y: 2, width: 20, height: 16 };
    const shown = { kind: 'exemplar' as const, conceptId: conceptId(1), frameIndex: frameIndex(2), box, include: true };
    await setup.tracker.describe(shown);
    const frames = await run(setup);
    expect(setup.model.detections).toBe(1);
    expect(frames.flatMap(({ retracted }) => retracted)).toEqual([]);
    expect(idsOn(frames.at(-1)!)).toEqual([1]);
  });

  test('a concept is looked for from its earliest prompt on, in whichever order they came', async () => {
    for (const order of [
      [6, 2],
      [2, 6],
    ]) {
      const setup = setUp({ detect: () => [{ box: left, score: 0.9 }], mask: () => boxMask(left) });
      const box = { x: 2, y: 2, width: 20, height: 16 };
      for (const frame of order) {
        const shown = { kind: 'exemplar' as const, conceptId: conceptId(1), box, include: true };
        await setup.tracker.describe({ ...shown, frameIndex: frameIndex(frame) });
      }
      expect((await run(setup))[0].frameIndex).toBe(2);
      expect(setup.model.detections).toBe(2);
    }
  });

  test('an object covered by another does not enter memory with the other one’s pixels', async () => {
    const setup = setUp({
      detect: (frame) => (frame === 0 ? [left, right].map((box) => ({ box, score: 0.9 })) : []),
      // The second object's mask collapses onto the first one's, a little weaker.
      mask: (_, index) => boxMask(left).map((logit) => (index === 0 ? logit : logit * 0.5)),
    });
    await setup.tracker.describe(phrase(1, 'red'));
    await run(setup);
    const onFrame1 = setup.model.memories.filter(({ frame }) => frame === 1);
    expect(onFrame1).toEqual([
      { frame: 1, binarize: false, visible: true },
      { frame: 1, binarize: false, visible: false },
    ]);
  });

  test.each([
    ['det', true],
    ['reference', false],
    ['track', false],
  ] as const)('recondition mode %s refreshes memory every 16 frames', async (reconditionMode, binarize) => {
    const setup = setUp(
      { detect: () => [{ box: left, score: 0.95 }], mask: () => boxMask(left), score: () => 5 },
      { settings: { reconditionMode } },
    );
    await setup.tracker.describe(phrase(1, 'red'));
    const frames = await run(setup);
    expect(setup.model.memories.filter(({ frame }) => frame === 16)).toEqual([{ frame: 16, binarize, visible: true }]);
    expect(frames[16].objects[0].source).toBe('tracked');
    // The pointer of a refreshed frame needs one more decoder call, unless the tracker's own memory is promoted.
    expect(setup.model.calls.decode).toHaveLength(reconditionMode === 'track' ? 24 : 25);
  });

  test('a snapshot in the middle of hotstart goes on exactly', async () => {
    const script: FakeScript = {
      detect: (frame) =>
        frame % 5 === 0 ? [{ box: left, score: 0.9 }] : frame > 12 ? [{ box: right, score: 0.8 }] : [],
      mask: (_, index) => boxMask(index === 0 ? left : right),
    };
    const whole = setUp(script);
    await whole.tracker.describe(phrase(1, 'red'));
    const expected = await run(whole);

    const first = setUp(script);
    await first.tracker.describe(phrase(1, 'red'));
    const kept: TrackedFrame[] = [];
    const request = { first: frameIndex(0), last: frameIndex(23), direction: 'forward' as const };
    for await (const frame of first.tracker.propagate(request, first.frames)) {
      kept.push(frame);
      if (frame.frameIndex === 6) break;
    }
    const second = setUp(script);
    await second.tracker.restore(first.tracker.snapshot(), []);
    const resume = { direction: 'forward' as const, frameIndex: frameIndex(7) };
    const rest = await Array.fromAsync(
      second.tracker.propagate({ ...request, resume, start: frameIndex(0) }, second.frames),
    );
    const all = [...kept, ...rest];
    expect(told(all)).toEqual(told(expected));
    expect(all.map(({ retracted }) => retracted)).toEqual(expected.map(({ retracted }) => retracted));
    expect(expected.flatMap(({ retracted }) => retracted).length).toBeGreaterThan(0);
  });

  test('removing a concept removes what it found', async () => {
    const setup = setUp({
      detect: () => [left, right].map((box, index) => ({ box, score: 0.8 + index * 0.1 })),
      mask: (_, index) => boxMask([left, right][index]),
    });
    await setup.tracker.describe(phrase(1, 'red'));
    await run(setup);
    expect(setup.tracker.objectIds).toEqual([1, 2]);
    expect(setup.tracker.removeConcept(conceptId(1))).toEqual([objectId(1), objectId(2)]);
    expect(setup.tracker.objectIds).toEqual([]);
  });

  test('a pack without a detector says so', async () => {
    const setup = setUp({ spec: { detector: null } });
    await expect(setup.tracker.describe(phrase(1, 'red'))).rejects.toMatchObject({ code: 'concepts-unsupported' });
    await expect(setup.tracker.describe(phrase(1, '  '))).rejects.toMatchObject({ code: 'prompt-invalid' });
  });
});
