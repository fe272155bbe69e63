import { describe, expect, test } from 'vitest';
import {
  type ObjectPrompt,
  type PropagateRequest,
  Tracker,
  type TrackerOptions,
} from '../../src-main/core/tracking/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import type { TrackedFrame } from '../../src-shared/domain/track.ts';
import { rleFromBitmap } from '../../src-shared/mask/rle.ts';
import {
  boxMask,
  click,
  FakeModel,
  type FakeScript,
  fakeFrames,
  fakeSpec,
  told,
  video,
} from './tracking-fake-model.ts';

function setUp(script: FakeScript = {}, options: Partial<TrackerOptions> & { frames?: number } = {}) {
  const model = new FakeModel(script);
  const frameCount = options.frames ?? 12;
  const tracker = new Tracker({ model, video: video(frameCount), policy: 'reference', ...options });
  const log = { asked: [] as number[], held: 0 };
  return { model, tracker, frames: fakeFrames(log), log, last: frameIndex(frameCount - 1) };
}

async function run(
  { tracker, frames, last }: ReturnType<typeof setUp>,
  request: Partial<PropagateRequest> = {},
): Promise<TrackedFrame[]> {
  const whole = { first: frameIndex(0), last, direction: 'forward' as const };
  return Array.fromAsync(tracker.propagate({ ...whole, ...request }, frames));
}

describe('calls', () => {
  test('one image encode a frame and one call per component, whatever the number of objects', async () => {
    const setup = setUp();
    for (const id of [1, 2, 3]) {
      await setup.tracker.segment({ frameIndex: frameIndex(0), prompts: [click(id, 0, id * 10)] }, setup.frames);
    }
    expect(setup.model.encodedFrames).toEqual([0]);
    const frames = await run(setup, { last: frameIndex(4) });
    expect(frames.map(({ objects }) => objects.length)).toEqual([3, 3, 3, 3, 3]);
    expect(setup.model.encodedFrames).toEqual([0, 1, 2, 3, 4]);
    expect(setup.model.calls.attend).toEqual([3, 3, 3, 3]);
    expect(setup.model.calls.decode).toEqual([1, 1, 1, 3, 3, 3, 3]);
    expect(setup.model.calls.encodeMemory).toEqual([3, 3, 3, 3, 3]);
    expect(setup.log.held).toBe(0);
  });

  test('a refined object alone runs again', async () => {
    const setup = setUp();
    const at = (frame: number, id: number) => ({ frameIndex: frameIndex(frame), prompts: [click(id, frame, id * 9)] });
    await setup.tracker.segment(at(0, 1), setup.frames);
    await setup.tracker.segment(at(0, 2), setup.frames);
    expect(setup.tracker.nextPropagation).toEqual({ kind: 'full' });
    await run(setup);
    expect(setup.tracker.nextPropagation).toEqual({ kind: 'fetch' });
    await setup.tracker.segment(at(5, 2), setup.frames);
    const next = setup.tracker.nextPropagation;
    expect(next).toEqual({ kind: 'partial', objectIds: [2] });
    setup.model.calls.attend.length = 0;
    const again = await run(setup, { start: frameIndex(5), objectIds: [objectId(2)] });
    expect(again.every(({ objects }) => objects.every(({ objectId: id }) => id === 2))).toBe(true);
    expect(setup.model.calls.attend).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test('clicking the same frame again encodes no memory before propagation', async () => {
    const setup = setUp();
    for (const x of [10, 20, 30]) {
      await setup.tracker.segment({ frameIndex: frameIndex(3), prompts: [click(1, 3, x)] }, setup.frames);
    }
    expect(setup.model.calls).toEqual({ encodeImage: 1, attend: [], decode: [1, 1, 1], encodeMemory: [] });
    expect(setup.model.calls.decode).toHaveLength(3);
  });
});

test('a frame that the tracker has forgotten is corrected from the mask that the session kept', async () => {
  const answers = [];
  for (const first of [0, 900]) {
    const setup = setUp();
    const mask = rleFromBitmap(new Uint8Array(64 * 48).fill(1, first, first + 600), 64, 48);
    const storedMasks = new Map([[objectId(1), mask]]);
    const request = { frameIndex: frameIndex(2), prompts: [click(1, 2)], storedMasks };
    answers.push(await setup.tracker.segment(request, setup.frames));
  }
  expect(answers[0]).not.toEqual(answers[1]);
});

test('clicks that come with a mask correct it, and give one answer', async () => {
  const mask = {
    kind: 'mask' as const,
    objectId: objectId(1),
    frameIndex: frameIndex(2),
    mask: rleFromBitmap(new Uint8Array(64 * 48).fill(1, 0, 900), 64, 48),
  };
  const ask = async (...rounds: ObjectPrompt[][]) => {
    const { tracker, frames } = setUp();
    const answers = [];
    for (const prompts of rounds) answers.push(await tracker.segment({ frameIndex: frameIndex(2), prompts }, frames));
    return answers.at(-1);
  };
  const together = await ask([mask, click(1, 2)]);
  expect(together).toHaveLength(1);
  expect(together).toEqual(await ask([mask], [click(1, 2)]));
  expect(together).not.toEqual(await ask([click(1, 2)]));
  expect(await ask([click(1, 2), mask])).toEqual(await ask([mask]));
});

test('what a correction cleared is corrected from nothing by the reference, also after its memory was stored; the studio keeps to the mask', async () => {
  const constants = { ...fakeSpec.tracker!, memorySelection: true };
  const correct = async (policy: 'reference' | 'studio', stored: boolean, between: boolean) => {
    const setup = setUp({ spec: { tracker: constants } }, { policy });
    const said = [click(1, 0)];
    await setup.tracker.segment({ frameIndex: frameIndex(0), prompts: said }, setup.frames);
    await run(setup);
    if (between) {
      await setup.tracker.segment({ frameIndex: frameIndex(4), prompts: [click(1, 4, 50)] }, setup.frames);
      await run(setup, { start: frameIndex(4), first: frameIndex(4), last: frameIndex(5) });
      said.push(click(1, 4, 50));
    }
    const later = setUp({ spec: { tracker: constants } }, { policy });
    later.tracker.adopt(setup.tracker.memory(Number.POSITIVE_INFINITY), 'all', said);
    const mask = rleFromBitmap(new Uint8Array(64 * 48).fill(1, 0, 900), 64, 48);
    const storedMasks = new Map(stored ? [[objectId(1), mask]] : []);
    const request = { frameIndex: frameIndex(8), prompts: [click(1, 8)], storedMasks };
    return later.tracker.segment(request, later.frames);
  };
  expect(await correct('reference', true, true)).toEqual(await correct('reference', false, true));
  expect(await correct('reference', true, true)).not.toEqual(await correct('reference', true, false));
  expect(await correct('studio', true, true)).not.toEqual(await correct('studio', false, true));
});

describe('independence', () => {
  test('an object added later leaves the others exactly as they were', async () => {
    const alone = setUp();
    await alone.tracker.segment({ frameIndex: frameIndex(0), prompts: [click(1, 0)] }, alone.frames);
    const expected = [...(await run(alone, { last: frameIndex(4) })), ...(await run(alone, { start: frameIndex(5) }))];

    const joined = setUp();
    await joined.tracker.segment({ frameIndex: frameIndex(0), prompts: [click(1, 0)] }, joined.frames);
    const first = await run(joined, { last: frameIndex(4) });
    await joined.tracker.segment({ frameIndex: frameIndex(5), prompts: [click(2, 5, 40)] }, joined.frames);
    const second = await run(joined, { start: frameIndex(5) });
    joined.tracker.removeObject(objectId(2));
    expect(told([...first, ...second], 1)).toEqual(told(expected));
    expect(told(second, 2)).toHaveLength(7);
    expect(joined.tracker.objectIds).toEqual([1]);
  });

  test('removing a prompt forgets its frame; removing the only one forgets the object', async () => {
    const { tracker, frames } = setUp();
    await tracker.segment({ frameIndex: frameIndex(0), prompts: [click(1, 0)] }, frames);
    tracker.removePrompts(objectId(1), frameIndex(0));
    expect(tracker.objectIds).toEqual([]);
  });
});

describe('ranges and directions', () => {
  test('studio: each object starts at its own prompt, and both directions cover the range once', async () => {
    const setup = setUp({}, { policy: 'studio' });
    await setup.tracker.segment({ frameIndex: frameIndex(3), prompts: [click(1, 3)] }, setup.frames);
    await setup.tracker.segment({ frameIndex: frameIndex(6), prompts: [click(2, 6)] }, setup.frames);
    const frames = await run(setup, { direction: 'both' });
    const visits = (id: number) =>
      frames.filter(({ objects }) => objects.some((object) => object.objectId === id)).map(({ frameIndex: at }) => at);
    expect(visits(1)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 2, 1, 0]);
    expect(visits(2)).toEqual([6, 7, 8, 9, 10, 11, 5, 4, 3, 2, 1, 0]);
  });

  test('backward starts at the latest prompt and stays in the range', async () => {
    const setup = setUp({}, { policy: 'studio' });
    await setup.tracker.segment({ frameIndex: frameIndex(9), prompts: [click(1, 9)] }, setup.frames);
    const frames = await run(setup, { direction: 'backward', first: frameIndex(4) });
    expect(frames.map(({ frameIndex: at }) => at)).toEqual([9, 8, 7, 6, 5, 4]);
  });

  test('refuses what cannot be meant, naming the limits', async () => {
    const setup = setUp();
    await expect(run(setup)).rejects.toMatchObject({ code: 'no-prompts' });
    await setup.tracker.segment({ frameIndex: frameIndex(0), prompts: [click(1, 0)] }, setup.frames);
    await expect(run(setup, { last: frameIndex(12) })).rejects.toMatchObject({ code: 'range-invalid' });
    await expect(run(setup, { first: frameIndex(3), start: frameIndex(1) })).rejects.toMatchObject({
      code: 'range-invalid',
    });
    const ask = (prompt: ReturnType<typeof click>) =>
      setup.tracker.segment({ frameIndex: prompt.frameIndex, prompts: [prompt] }, setup.frames);
    const elsewhere = setup.tracker.segment({ frameIndex: frameIndex(0), prompts: [click(1, 5)] }, setup.frames);
    await expect(elsewhere).rejects.toMatchObject({ code: 'internal' });
    await expect(ask(click(1, 12))).rejects.toMatchObject({ code: 'frame-out-of-range' });
    await expect(ask(click(1, 0, 64))).rejects.toMatchObject({ code: 'prompt-outside-frame' });
    await expect(ask(click(1, 0, Number.NaN))).rejects.toMatchObject({ code: 'prompt-invalid' });
    await expect(ask(click(7, 0, 65, 3))).rejects.toThrow(/object 7 on frame 0.*\(65, 3\).*64 x 0\.\.48/);
    const empty = rleFromBitmap(new Uint8Array(64 * 48), 64, 48);
    const mask = { kind: 'mask' as const, objectId: objectId(1), frameIndex: frameIndex(0), mask: empty };
    const refused = setup.tracker.segment({ frameIndex: frameIndex(0), prompts: [mask] }, setup.frames);
    await expect(refused).rejects.toMatchObject({ code: 'prompt-invalid' });
  });
});

describe('interruptions', () => {
  const begin = async (options: Partial<TrackerOptions> & { frames?: number } = {}) => {
    const setup = setUp({}, options);
    await setup.tracker.segment({ frameIndex: frameIndex(4), prompts: [click(1, 4)] }, setup.frames);
    return setup;
  };

  test('a cancelled run keeps its frames, and going on gives what an uninterrupted run gives', async () => {
    const whole = await run(await begin(), { direction: 'both' });
    const setup = await begin();
    const kept: TrackedFrame[] = [];
    const stop = new AbortController();
    const request = { first: frameIndex(0), last: setup.last, direction: 'both' as const, signal: stop.signal };
    const cut = (async () => {
      for await (const frame of setup.tracker.propagate(request, setup.frames)) {
        kept.push(frame);
        if (frame.frameIndex === 7) stop.abort();
      }
    })();
    await expect(cut).rejects.toMatchObject({ code: 'cancelled' });
    expect(setup.log.held).toBe(0);
    const rest = await run(setup, {
      direction: 'both',
      resume: { direction: 'forward', frameIndex: frameIndex(8) },
      start: frameIndex(4),
    });
    expect(told([...kept, ...rest])).toEqual(told(whole));
  });

  const cuts = [6, 10, 11, 2].flatMap((stopAt) => [[stopAt, 'all'] as const, [stopAt, 'run'] as const]);
  test.each(cuts)('a tracker restored from a snapshot after frame %i (%s) goes on exactly', async (stopAt, scope) => {
    for (const memoryPolicy of ['standard', 'selective', 'kalman'] as const) {
      const options = { policy: 'studio', memoryPolicy } as const;
      const whole = await run(await begin(options), { direction: 'both' });
      const first = await begin(options);
      const kept: TrackedFrame[] = [];
      for await (const frame of first.tracker.propagate(
        { first: frameIndex(0), last: first.last, direction: 'both' },
        first.frames,
      )) {
        kept.push(frame);
        if (frame.frameIndex === stopAt) break;
      }
      const second = setUp({}, options);
      await second.tracker.restore(first.tracker.snapshot(scope), [click(1, 4)]);
      const forward = stopAt > 4;
      const resume = {
        direction: forward ? 'forward' : 'backward',
        frameIndex: frameIndex(stopAt + (forward ? 1 : -1)),
      } as const;
      const rest = await run(second, { direction: 'both', start: frameIndex(4), resume });
      expect(told([...kept, ...rest])).toEqual(told(whole));
    }
  });

  test('a snapshot for the run is small and still exact, whatever is worth remembering', async () => {
    const script = {
      score: (frame: number) => (frame % 11 < 4 ? -1 : 2),
      iou: (frame: number) => 0.4 + (frame % 5) / 10,
    };
    const setUpLong = async (options: Partial<TrackerOptions>) => {
      const setup = setUp(script, { ...options, frames: 90 });
      await setup.tracker.segment({ frameIndex: frameIndex(40), prompts: [click(1, 40)] }, setup.frames);
      return setup;
    };
    const limits = { first: frameIndex(0), last: frameIndex(89), direction: 'both' as const };
    for (const memoryPolicy of ['standard', 'selective', 'kalman'] as const) {
      const options = { policy: 'reference', memoryPolicy } as const;
      const whole = await run(await setUpLong(options), { direction: 'both' });
      for (const stopAt of [47, 70, 89, 36, 12]) {
        const first = await setUpLong(options);
        let count = 0;
        for await (const frame of first.tracker.propagate(limits, first.frames)) {
          count++;
          if (frame.frameIndex === stopAt) break;
        }
        const small = first.tracker.snapshot('run');
        expect(small.length).toBeLessThan(first.tracker.snapshot('all').length);
        const second = setUp(script, { ...options, frames: 90 });
        await second.tracker.restore(small, [click(1, 40)]);
        const forward = stopAt >= 40;
        const next = frameIndex(stopAt + (forward ? 1 : -1));
        const resume = { direction: forward ? 'forward' : 'backward', frameIndex: next } as const;
        const rest = await run(second, { direction: 'both', start: frameIndex(40), resume });
        expect(told(rest)).toEqual(told(whole.slice(count)));
      }
    }
  });

  test('a snapshot of another pack, a damaged one and a newer one are refused', async () => {
    const { tracker } = await begin();
    const good = tracker.snapshot();
    const other = setUp({ spec: { packId: 'other' } });
    await expect(other.tracker.restore(good, [])).rejects.toMatchObject({ code: 'session-mismatch' });
    await expect(tracker.restore(good.slice(0, 30), [])).rejects.toMatchObject({ code: 'session-corrupt' });
    await expect(tracker.restore(Uint8Array.of(1, 2, 3), [])).rejects.toMatchObject({ code: 'session-corrupt' });
    const newer = good.slice();
    newer[4] = 9;
    await expect(tracker.restore(newer, [])).rejects.toMatchObject({ code: 'session-newer' });
    expect(tracker.objectIds).toEqual([1]);
  });

  test('memory made anew from stored masks lets tracking go on', async () => {
    const setup = await begin();
    const mask = rleFromBitmap(new Uint8Array(64 * 48).fill(1, 0, 900), 64, 48);
    const needed = setup.tracker.recalledFrom(frameIndex(8), 1).filter((at) => at > 4);
    expect(needed).toEqual([7, 6, 5]);
    const stored = needed.map((at) => ({
      ...{ objectId: objectId(1), conceptId: null, frameIndex: at, mask, predictedIou: 0.8, objectScoreLogit: 3 },
      ...{ conditioning: false, heading: 1 as const },
    }));
    await setup.tracker.rebuild(stored, setup.frames);
    const rest = await run(setup, { start: frameIndex(8) });
    expect(rest.map(({ frameIndex: at }) => at)).toEqual([8, 9, 10, 11]);
  });
});

describe('memory stays flat', () => {
  test.each(['standard', 'selective', 'kalman'] as const)('%s', async (memoryPolicy) => {
    const sizes: number[] = [];
    const setup = setUp({}, { policy: 'studio', memoryPolicy, frames: 1200, settings: { spareFrames: 10 } });
    await setup.tracker.segment({ frameIndex: frameIndex(300), prompts: [click(1, 300)] }, setup.frames);
    const request = { first: frameIndex(0), last: setup.last, direction: 'both' as const };
    for await (const { frameIndex: at } of setup.tracker.propagate(request, setup.frames)) {
      if (at === 400 || at === 1199) sizes.push(setup.tracker.snapshot().length);
    }
    expect(sizes[1]).toBeLessThan(sizes[0] * 1.1);
    expect(sizes[1]).toBeLessThan(80_000);
  });

  test('forgetting changes no mask', async () => {
    for (const memoryPolicy of ['standard', 'selective', 'kalman'] as const) {
      const masks = [];
      for (const spareFrames of [0, 10_000]) {
        const script = { score: (frame: number) => (frame % 7 < 3 ? -1 : 2) };
        const setup = setUp(script, { memoryPolicy, frames: 120, settings: { spareFrames } });
        await setup.tracker.segment({ frameIndex: frameIndex(60), prompts: [click(1, 60)] }, setup.frames);
        masks.push(told(await run(setup, { direction: 'both' })));
      }
      expect(masks[0]).toEqual(masks[1]);
    }
  });
});

describe('studio guards', () => {
  const track = async (script: FakeScript, policy: 'studio' | 'reference') => {
    const setup = setUp(script, { policy });
    const bitmap = new Uint8Array(64 * 48);
    for (let y = 12; y < 36; y++) bitmap.fill(1, y * 64 + 16, y * 64 + 40);
    const mask = {
      kind: 'mask' as const,
      objectId: objectId(1),
      frameIndex: frameIndex(0),
      mask: rleFromBitmap(bitmap, 64, 48),
    };
    await setup.tracker.segment({ frameIndex: frameIndex(0), prompts: [mask] }, setup.frames);
    const frames = await run(setup);
    return { absent: frames.filter(({ objects }) => objects[0].logits === null).map((each) => each.frameIndex), setup };
  };
  const small = boxMask([2, 2, 5, 5]);

  test('an object that the model does not see is absent and not fed back', async () => {
    const script = { mask: () => small, score: (frame: number) => (frame >= 4 && frame < 7 ? -2 : 3) };
    const studio = await track(script, 'studio');
    const reference = await track(script, 'reference');
    expect(studio.absent).toEqual([4, 5, 6]);
    expect(reference.absent).toEqual([4, 5, 6]);
    expect(reference.setup.model.calls.encodeMemory).toHaveLength(12);
    expect(studio.setup.model.calls.encodeMemory).toHaveLength(9);
  });

  test('a mask that floods the frame is a loss; the reference shows it', async () => {
    const script = { mask: (frame: number) => (frame === 5 ? boxMask([0, 0, 8, 8]) : small) };
    expect((await track(script, 'studio')).absent).toEqual([5]);
    expect((await track(script, 'reference')).absent).toEqual([]);
  });

  test('a doubtful frame is shown but not remembered, unless its area also jumped', async () => {
    const doubtful = { mask: () => small, iou: (frame: number) => (frame === 5 ? 0.1 : 0.8) };
    const shown = await track(doubtful, 'studio');
    expect(shown.absent).toEqual([]);
    expect(shown.setup.model.calls.encodeMemory).toHaveLength(11);
    const jumped = { ...doubtful, mask: (frame: number) => (frame === 5 ? boxMask([0, 0, 8, 6]) : small) };
    expect((await track(jumped, 'studio')).absent).toEqual([5]);
  });
});
