import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionState } from '../../src-shared/contract/results.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { bitmapFromRle, type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { all, finishedOf, openedSession, startEngine, walkingSquare } from '../support/engine-host.ts';
import { Workspace } from '../support/run-cli.ts';

const FRAMES = 64;
const WIDTH = 192;
const HEIGHT = 80;
/** Large enough that a row of pixels more or less is no disagreement. */
const SQUARE = 40;
const one = objectId(1);

describe('corrections of a track', () => {
  const workspace = new Workspace('comparisons');
  let host: ReturnType<typeof startEngine>;
  let video = '';
  let sessionId = '';
  const path = workspace.path('square.masklet');
  beforeAll(async () => {
    video = walkingSquare(workspace.path('frames'), FRAMES, WIDTH, HEIGHT, SQUARE);
    host = startEngine(workspace.path('home'));
    ({ sessionId } = await openedSession(host.client, video, path));
    await host.client.addPrompts({ sessionId, prompts: [mask(0, 0), { ...mask(0, 0), objectId: 2 }] });
    await track({ direction: 'forward' });
  }, 240_000);
  afterAll(async () => {
    await host[Symbol.asyncDispose]();
    workspace[Symbol.dispose]();
  });
  const track = (change: object = {}) =>
    all(
      host.client.track({
        sessionId,
        packId: null,
        device: 'cpu',
        direction: 'both',
        range: { first: null, last: null },
        policy: 'studio',
        memoryPolicy: null,
        resume: false,
        ...change,
      }),
    );
  const retrack = (first: number) =>
    track({ direction: 'forward', range: { first, last: null }, objectIds: [1], conceptIds: [], until: 'agreement' });
  const state = () => host.client.sessionState({ sessionId });
  const rows = async () => {
    const range = { first: null, last: null };
    const frames = await all(host.client.storedMasks({ sessionId, range, objectIds: null }));
    return frames.flatMap(({ frameIndex: frame, masks }) =>
      masks.map(({ mask: own, ...facts }) => ({
        frame,
        ...facts,
        mask: own && Buffer.from(own.bytes).toString('hex'),
      })),
    );
  };
  const answer = (frame: number, id = 1) =>
    host.client.segment({ sessionId, frameIndex: frame, objectIds: [id], packId: null, device: 'cpu', keep: true });
  const facts = ({ objects, comparisons }: SessionState) => ({
    tracking: objects.map(({ tracking }) => tracking),
    stale: objects[0].stale,
    changed: comparisons.map(({ objectId: id, changed }) => [id, changed[0]]),
  });

  it('have nothing to compare at first, and a preview stores nothing', async () => {
    const before = await rows();
    expect(facts(await state())).toEqual({ tracking: ['tracked', 'tracked'], stale: [], changed: [] });
    const click = { sessionId, objectId: 1, frameIndex: 4, point: { x: 24, y: 24 }, include: true };
    const seen = await host.client.preview({ ...click, packId: null, device: 'cpu' });
    expect(seen.masks).toHaveLength(1);
    expect(await rows()).toEqual(before);
    expect((await state()).prompts).toHaveLength(2);
  });

  it('show the corrected frame at once, and taking the correction back leaves nothing behind', async () => {
    const before = await rows();
    await host.client.addPrompts({ sessionId, prompts: [mask(10, 6)] });
    expect((await answer(10)).masks[0].mask).toEqual(mask(10, 6).mask);
    const corrected = facts(await state());
    expect(corrected).toEqual({
      tracking: ['changed', 'tracked'],
      stale: [{ first: 1, last: FRAMES - 1 }],
      changed: [[1, { first: 10, last: 10 }]],
    });
    const earlier = await host.client.earlierMasks({ sessionId, frameIndex: frameIndex(10) });
    const was = before.find(({ frame, objectId: id }) => frame === 10 && id === one);
    expect(Buffer.from(earlier.masks[0].mask?.bytes ?? []).toString('hex')).toBe(was?.mask);
    const undone = await host.client.undo({ sessionId });
    expect(facts(undone)).toEqual({ tracking: ['tracked', 'tracked'], stale: [], changed: [] });
    expect(await rows()).toEqual(before);
  });

  it('are mended from a frame on until they agree, reverted exactly, and reverting is undone, across a restart too', async () => {
    const before = await rows();
    await host.client.addPrompts({ sessionId, prompts: [leaking(10)] });
    await answer(10);
    const finished = finishedOf(await retrack(10));
    // It stops soon after ten equal frames, well before the end of the clip.
    expect(finished.framesDone).toBeGreaterThan(10);
    expect(finished.framesDone).toBeLessThan(FRAMES - 10);
    // It waits for the disk after every four frames, so that however slow this machine is, it ends at the same one.
    expect(finished.framesDone % 4).toBe(0);
    const mended = await state();
    expect(facts(mended)).toMatchObject({ tracking: ['tracked', 'tracked'], stale: [] });
    expect(mended.comparisons[0].changed[0].first).toBe(10);
    const after = await rows();
    expect(after.filter(({ objectId: id }) => id === 2)).toEqual(before.filter(({ objectId: id }) => id === 2));
    // The earlier masks survive the engine.
    await host[Symbol.asyncDispose]();
    host = startEngine(workspace.path('home'));
    ({ sessionId } = await openedSession(host.client, video, path));
    expect((await state()).comparisons).toEqual(mended.comparisons);
    const reverted = await host.client.revertChanges({ sessionId, objectIds: [1] });
    expect(facts(reverted)).toEqual({ tracking: ['tracked', 'tracked'], stale: [], changed: [] });
    expect(reverted.prompts).toHaveLength(2);
    expect(await rows()).toEqual(before);
    expect(reverted.history.undo).toBe('Revert masks');
    const again = await host.client.undo({ sessionId });
    expect(again.comparisons).toEqual(mended.comparisons);
    expect(facts(again)).toMatchObject({ tracking: ['tracked', 'tracked'] });
    expect(await rows()).toEqual(after);
    const redone = await host.client.redo({ sessionId });
    expect(redone.comparisons).toEqual([]);
    expect(await rows()).toEqual(before);
    await host.client.undo({ sessionId });
  }, 240_000);

  it('are kept, which is one step to undo', async () => {
    const after = await rows();
    const { comparisons } = await state();
    const first = await host.client.keepChanges({ sessionId, objectIds: [1] });
    expect([first.comparisons, first.history.undo]).toEqual([[], 'Keep masks']);
    expect((await host.client.undo({ sessionId })).comparisons).toEqual(comparisons);
    expect(await rows()).toEqual(after);
    const kept = await host.client.redo({ sessionId });
    expect(facts(kept)).toEqual({ tracking: ['tracked', 'tracked'], stale: [], changed: [] });
    expect(await rows()).toEqual(after);
    expect((await host.client.earlierMasks({ sessionId, frameIndex: frameIndex(10) })).masks).toEqual([]);
    expect((await retrack(10)).map(({ kind }) => kind)).toEqual(['up-to-date']);
  });

  it('leave nothing behind when one of several is taken back, nor when the object was never tracked there', async () => {
    const before = await rows();
    const two = await host.client.addPrompts({ sessionId, prompts: [mask(40, 4), mask(50, 4)] });
    await answer(40);
    await answer(50);
    const changedAt = async () => (await state()).comparisons[0].changed.map(({ first }) => first);
    expect(await changedAt()).toEqual([40, 50]);
    const [, later] = two.prompts.slice(-2).map(({ promptId }) => promptId);
    await host.client.removePrompts({ sessionId, promptIds: [later] });
    expect(await changedAt()).toEqual([40]);
    const frame50 = (all: typeof before) => all.filter(({ frame, objectId: id }) => frame === 50 && id === one);
    expect(frame50(await rows())).toEqual(frame50(before));
    await host.client.undo({ sessionId });
    await host.client.undo({ sessionId });
    expect(await rows()).toEqual(before);
    const fresh = await host.client.addPrompts({ sessionId, prompts: [mask(3, 0), mask(5, 0)].map(asThird) });
    await Promise.all([3, 5].map((frame) => answer(frame, 3)));
    const thirds = async () => (await rows()).filter(({ objectId: id }) => id === 3).map(({ frame }) => frame);
    expect(await thirds()).toEqual([3, 5]);
    await host.client.removePrompts({ sessionId, promptIds: [fresh.prompts.at(-1)!.promptId] });
    expect(await thirds()).toEqual([3]);
    await host.client.undo({ sessionId });
    await host.client.undo({ sessionId });
    expect(await rows()).toEqual(before);
  });

  it('cannot be compared with what was kept before they were tracked again', async () => {
    await host.client.addPrompts({ sessionId, prompts: [mask(12, 7)] });
    await answer(12);
    await retrack(12);
    await host.client.undo({ sessionId });
    const tracked = { rows: await rows(), comparisons: (await state()).comparisons };
    expect(tracked.comparisons).toHaveLength(1);
    // The step goes, the masks and what they are compared with stay.
    const undone = await host.client.undo({ sessionId });
    expect({ rows: await rows(), comparisons: undone.comparisons }).toEqual(tracked);
    expect(undone.history.redo).toBe('Keep masks');
    await host.client.redo({ sessionId });
  });

  it('stop at the next prompt of the object', async () => {
    // The prompt on frame 12 is gone: until the track follows from what is said, a correction of it goes to the end.
    await track({ direction: 'forward' });
    await host.client.addPrompts({ sessionId, prompts: [mask(30, 0)] });
    await host.client.addPrompts({ sessionId, prompts: [mask(24, 5)] });
    const [started] = await retrack(24);
    expect(started).toMatchObject({ kind: 'started', objectIds: [1], frameCount: 6 });
  });

  it('can be followed the other way after the one way, each once', async () => {
    ({ sessionId } = await openedSession(host.client, video, workspace.path('both-ways.masklet')));
    await host.client.addPrompts({ sessionId, prompts: [mask(0, 0)] });
    await track();
    await host.client.addPrompts({ sessionId, prompts: [mask(20, 7)] });
    await answer(20);
    const range = { first: null, last: 20 };
    const back = () => track({ direction: 'backward', range, objectIds: [1], conceptIds: [], until: 'agreement' });
    expect(finishedOf(await retrack(20)).framesDone).toBeGreaterThan(1);
    const first = async () => (await state()).comparisons[0].changed[0].first;
    expect(await first()).toBe(20);
    const [started] = await back();
    expect(started).toMatchObject({ kind: 'started', objectIds: [1], frameCount: 20 });
    expect(await first()).toBeLessThan(20);
    const again = [...(await retrack(20)), ...(await back())];
    expect(again.map(({ kind }) => kind)).toEqual(['up-to-date', 'up-to-date']);
  });
});

const asThird = (prompt: ReturnType<typeof mask>) => ({ ...prompt, objectId: 3 });

/** The square of `walkingSquare` on a frame, shifted down by some rows. */
/** The square as it is, and a block of ground above it, which no tracker should follow. */
function leaking(frame: number) {
  const bitmap = bitmapFromRle(mask(frame, 0).mask);
  for (let y = 4; y < 16; y++) bitmap.fill(1, y * WIDTH + 8 + 2 * frame, y * WIDTH + 24 + 2 * frame);
  return { ...mask(frame, 0), mask: rleFromBitmap(bitmap, WIDTH, HEIGHT) };
}

function mask(frame: number, down: number) {
  const bitmap = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 16 + down; y < 16 + SQUARE + down; y++)
    bitmap.fill(1, y * WIDTH + 8 + 2 * frame, y * WIDTH + 8 + SQUARE + 2 * frame);
  const own: RleMask = rleFromBitmap(bitmap, WIDTH, HEIGHT);
  return { kind: 'mask' as const, objectId: 1, frameIndex: frame, mask: own };
}
