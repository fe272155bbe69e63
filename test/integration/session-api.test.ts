import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FrameMasks, SessionState } from '../../src-shared/contract/results.ts';
import { frameIndex, objectId, promptId } from '../../src-shared/domain/ids.ts';
import { maskArea, maskIou, type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { all, finishedOf, openedSession, startEngine, walkingSquare } from '../support/engine-host.ts';
import { repositoryRoot, Workspace } from '../support/run-cli.ts';
import type { TinyGraph } from '../support/tiny-onnx.ts';
import { tinyGraphs, writeTinyPack } from '../support/tiny-pack.ts';

const FRAMES = 12;
const point = (x: number, y: number, frame = 0, id = 1, include = true) => ({
  kind: 'point' as const,
  objectId: id,
  frameIndex: frame,
  point: { x, y },
  include,
});
const bytesOf = (mask: RleMask | null | undefined) => (mask ? Buffer.from(mask.bytes).toString('hex') : null);
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error) => error.code,
  );

describe('the session api', () => {
  const workspace = new Workspace('session-api');
  let host: ReturnType<typeof startEngine>;
  let video = '';
  let packId = '';
  let count = 0;
  beforeAll(() => {
    video = walkingSquare(workspace.path('frames'), FRAMES);
    packId = writeTinyPack(workspace.path('tiny'), { graphs: { mask_decoder: visibleDecoder() } });
    host = startEngine(workspace.path('home'));
  });
  afterAll(async () => {
    await host[Symbol.asyncDispose]();
    workspace[Symbol.dispose]();
  });
  const fresh = () => openedSession(host.client, video, workspace.path(`s${++count}.masklet`));
  const wish = () => ({
    packId,
    device: 'cpu',
    direction: 'both' as const,
    range: { first: null, last: null },
    policy: 'studio' as const,
    memoryPolicy: null,
    resume: false,
  });
  const segment = (sessionId: string, frame: number, keep = false) =>
    host.client.segment({ sessionId, frameIndex: frame, objectIds: null, packId, device: 'cpu', keep });
  const track = (sessionId: string) => all(host.client.track({ sessionId, ...wish() }));

  it('answers a click at once, the same click without running the model, and stores it only when asked', async () => {
    const { sessionId } = await fresh();
    await host.client.addPrompts({ sessionId, prompts: [point(0.25, 0.5)], coordinates: 'relative' });
    const first = await segment(sessionId, 0);
    const [mask] = first.masks;
    expect(mask).toMatchObject({ objectId: 1, source: 'prompt', provisional: false });
    expect(maskIou(mask.mask as RleMask, square(0))).toBeGreaterThan(0.6);
    expect(first.modelMillis).toBeGreaterThan(0);
    expect((await segment(sessionId, 0)).modelMillis).toBe(0);
    expect((await host.client.frameMasks({ sessionId, frameIndex: 0 })).masks).toEqual([]);
    const kept = await segment(sessionId, 0, true);
    expect(await stored(sessionId, 0)).toEqual(bytesOf(kept.masks[0].mask));
    await host.client.closeSession({ sessionId });
  });

  it('feeds the answer of one round into the next, as tracking will, and unlike prompts given together', async () => {
    const [one, two] = [await fresh(), await fresh()];
    const [a, b] = [point(16, 24), point(40, 40, 0, 1, false)];
    await host.client.addPrompts({ sessionId: one.sessionId, prompts: [a] });
    await segment(one.sessionId, 0);
    const state = await host.client.addPrompts({ sessionId: one.sessionId, prompts: [b] });
    expect(state.prompts.map(({ round }) => round)).toEqual([1, 2]);
    const corrected = await segment(one.sessionId, 0);
    const together = await host.client.addPrompts({ sessionId: two.sessionId, prompts: [a, b] });
    expect(together.prompts.map(({ round }) => round)).toEqual([1, 1]);
    const atOnce = await segment(two.sessionId, 0);
    // The tiny decoder's score counts whether it was given a mask.
    const score = ({ masks }: FrameMasks) => masks[0].scores.objectScoreLogit as number;
    expect(score(corrected) - score(atOnce)).toBeCloseTo(1, 4);
    await track(one.sessionId);
    expect(await stored(one.sessionId, 0)).toEqual(bytesOf(corrected.masks[0].mask));
    for (const { sessionId } of [one, two]) await host.client.closeSession({ sessionId });
  });

  it('answers a correction of a tracked frame from the mask that tracking stored', async () => {
    const { sessionId } = await fresh();
    await host.client.addPrompts({ sessionId, prompts: [point(16, 24)] });
    expect((await host.client.sessionState({ sessionId })).objects[0].tracking).toBe('new');
    await track(sessionId);
    const tracked = await host.client.sessionState({ sessionId });
    expect(tracked.objects[0].tracking).toBe('tracked');
    expect(tracked.runs).toMatchObject([{ state: 'done', range: { first: 0, last: FRAMES - 1 }, direction: 'both' }]);
    // Nothing new was said on frame 0: its answer is what is stored.
    expect((await segment(sessionId, 0)).modelMillis).toBe(0);
    await host.client.addPrompts({ sessionId, prompts: [point(30, 24, 5)] });
    expect((await host.client.sessionState({ sessionId })).objects[0].tracking).toBe('changed');
    const once = await segment(sessionId, 5, true);
    const score = once.masks[0].scores.objectScoreLogit as number;
    // Sum of the click's model coordinates, 1 for the mask that went in, and the 1 of `visibleDecoder`.
    expect(score).toBeCloseTo((30 / 64) * 16 + (24 / 48) * 16 + 2, 3);
    // The kept answer has displaced the tracked mask in storage; the next answer still begins from that one.
    await host.client.addPrompts({ sessionId, prompts: [point(31, 25, 5)] });
    const twice = await segment(sessionId, 5);
    await host.client.undo({ sessionId });
    expect((await segment(sessionId, 5)).masks[0].scores.objectScoreLogit).toBe(score);
    expect(twice.masks[0].scores.objectScoreLogit).toBeGreaterThan(score);
    await host.client.closeSession({ sessionId });
  });

  it('edits prompts as undoable steps', async () => {
    const { sessionId } = await fresh();
    const client = host.client;
    const said = (state: SessionState) => state.prompts.map(({ prompt }) => prompt);
    await client.addPrompts({ sessionId, prompts: [point(16, 24), { ...box(8, 16), objectId: 2 }, exemplar()] });
    const before = await client.sessionState({ sessionId });
    expect(before.history).toEqual({ undo: 'Add 3 prompts', redo: null });
    const [click, frame, shown] = before.prompts.map(({ promptId }) => promptId);
    const moved = await client.changePrompt({
      sessionId,
      promptId: click,
      change: { point: { x: 0.5, y: 0.25 }, include: false },
      coordinates: 'relative',
    });
    expect(said(moved)[0]).toMatchObject({ point: { x: 32, y: 12 }, include: false, frameIndex: 0 });
    expect(moved.prompts[0].round).toBe(before.prompts[0].round);
    expect(said(await client.undo({ sessionId }))).toEqual(said(before));
    expect(await codeOf(client.changePrompt({ sessionId, promptId: frame, change: { include: true } }))).toBe(
      'prompt-invalid',
    );
    expect(await codeOf(client.changePrompt({ sessionId, promptId: click, change: { point: { x: 99, y: 1 } } }))).toBe(
      'prompt-outside-frame',
    );
    expect(await codeOf(client.changePrompt({ sessionId, promptId: shown, change: { frameIndex: 99 } }))).toBe(
      'frame-out-of-range',
    );
    expect(await codeOf(client.removePrompts({ sessionId, promptIds: [click, promptId(77)] }))).toBe('prompt-invalid');
    expect(said(await client.removePrompts({ sessionId, promptIds: [click, frame] }))).toHaveLength(1);
    expect(said(await client.undo({ sessionId }))).toEqual(said(before));
    const replaced = await client.addPrompts({ sessionId, prompts: [point(20, 20)], replace: true });
    expect(said(replaced).filter((prompt) => 'objectId' in prompt && prompt.objectId === 1)).toHaveLength(1);
    expect(replaced.prompts).toHaveLength(3);
    expect(said(await client.undo({ sessionId }))).toEqual(said(before));
    const without = await client.removeConcept({ sessionId, conceptId: before.concepts[0].conceptId });
    expect([without.concepts.length, without.prompts.length]).toEqual([0, 2]);
    expect(said(await client.undo({ sessionId }))).toEqual(said(before));
    const drawn = await client.addPrompts({
      sessionId,
      prompts: [{ kind: 'mask', objectId: 3, frameIndex: 1, mask: square(1) }],
    });
    expect(said(drawn).at(-1)).toMatchObject({ kind: 'mask', objectId: 3, mask: square(1) });
    const half = { width: 32, height: 48, bytes: square(1).bytes };
    const wrong = { kind: 'mask' as const, objectId: 3, frameIndex: 2, mask: half };
    expect(await codeOf(client.addPrompts({ sessionId, prompts: [wrong] }))).toBe('prompt-invalid');
    await client.closeSession({ sessionId });
  });

  it('reads masks of a range, one object or all, and where an object is present', async () => {
    const { sessionId } = await fresh();
    await host.client.addPrompts({ sessionId, prompts: [point(16, 24), point(18, 26, 0, 2)] });
    const finished = finishedOf(await track(sessionId));
    expect(finished.runCounts).toMatchObject({ image_encoder: FRAMES });
    const range = { first: 3, last: 6 };
    const frames = await all(host.client.storedMasks({ sessionId, range, objectIds: null }));
    expect(frames.map(({ frameIndex: index, masks }) => [index, masks.map((mask) => mask.objectId)])).toEqual(
      [3, 4, 5, 6].map((index) => [index, [1, 2]]),
    );
    expect(maskArea(frames[0].masks[0].mask as RleMask)).toBeGreaterThan(0);
    expect(frames[1].masks[0].scores.predictedIou).not.toBeNull();
    const second = await all(host.client.storedMasks({ sessionId, range, objectIds: [2] }));
    expect(second.flatMap(({ masks }) => masks.map((mask) => mask.objectId))).toEqual([2, 2, 2, 2]);
    const { spans } = await host.client.objectSpans({ sessionId, objectId: 1 });
    expect(spans).toEqual([{ first: 0, last: FRAMES - 1, state: 'present' }]);
    await host.client.removeObjects({ sessionId, objectIds: [2] });
    expect((await host.client.frameMasks({ sessionId, frameIndex: 3 })).masks).toHaveLength(1);
    await host.client.resetSession({ sessionId });
    expect((await host.client.sessionState({ sessionId })).prompts).toEqual([]);
    await host.client.closeSession({ sessionId });
  });

  it('tracks on from where an object was left, and nothing that is tracked already', async () => {
    const { sessionId } = await fresh();
    const run = async (first: number, last: number, direction: 'forward' | 'backward' = 'forward') => {
      const range = { first, last };
      return all(host.client.track({ sessionId, ...wish(), policy: 'reference', range, direction }));
    };
    const { client } = host;
    await client.addPrompts({ sessionId, prompts: [point(16, 24)] });
    await run(0, 4);
    const before = await maskBytes(sessionId, 0, 4);
    expect((await run(1, 3)).map(({ kind }) => kind)).toEqual(['up-to-date']);
    await client.addPrompts({ sessionId, prompts: [point(20, 24, 5, 2)] });
    const [started] = await run(5, 8);
    expect(started).toMatchObject({ kind: 'started', objectIds: [1, 2], frameCount: 4 });
    expect((await client.frameMasks({ sessionId, frameIndex: 8 })).masks.map((mask) => mask.objectId)).toEqual([1, 2]);
    expect(await maskBytes(sessionId, 0, 4)).toEqual(before);
    // A refinement runs that object alone; taking a prompt back begins it anew, without its memory.
    const refined = await client.addPrompts({ sessionId, prompts: [point(30, 24, 6, 2)] });
    expect((await run(5, 8))[0]).toMatchObject({ kind: 'started', objectIds: [2] });
    await client.removePrompts({ sessionId, promptIds: [refined.prompts[0].promptId] });
    expect(await codeOf(run(9, 11).then((events) => events.filter(({ kind }) => kind === 'started')))).toBe('no error');
    const whole = await client.sessionState({ sessionId });
    expect(whole.runs.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done']);
    await client.closeSession({ sessionId });
  });

  it('tracks objects that are prompted outside of the range only as a reference does, and not as the studio does', async () => {
    const { client } = host;
    const range = { first: 0, last: 3 };
    const started = async (policy: 'reference' | 'studio', reach: typeof range) => {
      const { sessionId } = await fresh();
      await client.addPrompts({ sessionId, prompts: [point(16, 24), point(30, 24, 6, 2)] });
      const events = await all(client.track({ sessionId, ...wish(), policy, range: reach, direction: 'forward' }));
      const first = await all(client.storedMasks({ sessionId, range, objectIds: null }));
      await client.closeSession({ sessionId });
      const masks = first.flatMap((frame) => frame.masks.map(({ objectId: id, mask }) => [id, bytesOf(mask)]));
      return { objectIds: (events[0] as { objectIds?: readonly number[] }).objectIds, masks };
    };
    const part = await started('reference', range);
    expect(part.objectIds).toEqual([1, 2]);
    expect(part.masks).toHaveLength(8);
    expect(part.masks).toEqual((await started('reference', { first: 0, last: FRAMES - 1 })).masks);
    expect((await started('studio', range)).objectIds).toEqual([1]);
  });

  it('says what cannot be answered', async () => {
    const { sessionId } = await fresh();
    expect(await codeOf(segment(sessionId, 0))).toBe('no-prompts');
    expect(await codeOf(segment(sessionId, 99))).toBe('frame-out-of-range');
    const detect = { sessionId, frameIndex: 0, conceptId: 9, packId, device: 'cpu' };
    expect(await codeOf(host.client.detect(detect))).toBe('prompt-invalid');
    await host.client.closeSession({ sessionId });
    await host.client.closeSession({ sessionId });
    expect(await codeOf(segment(sessionId, 0))).toBe('session-missing');
  });

  it('shows what the detector sees of a concept on one frame', async () => {
    const { sessionId } = await fresh();
    const added = await host.client.addPrompts({
      sessionId,
      prompts: [{ kind: 'text', phrase: 'red ball', frameIndex: 0 }],
    });
    const [{ conceptId }] = added.concepts;
    const { instances } = await host.client.detect({ sessionId, frameIndex: 0, conceptId, packId, device: 'cpu' });
    expect(instances.length).toBeGreaterThan(0);
    expect(instances[0].score).toBeGreaterThan(0.5);
    expect(instances[0].mask).toMatchObject({ width: 64, height: 48 });
    expect((await host.client.sessionState({ sessionId })).objects).toEqual([]);
    await host.client.closeSession({ sessionId });
  });

  it('joins a session that is open already, and lists it under its id', async () => {
    const path = workspace.path('joined.masklet');
    const first = await openedSession(host.client, video, path);
    await host.client.addPrompts({ sessionId: first.sessionId, prompts: [point(16, 24)] });
    const again = await openedSession(host.client, video, path);
    expect(again.sessionId).toBe(first.sessionId);
    expect(again.state.prompts).toHaveLength(1);
    const listings = await host.client.listSessions({ folder: workspace.folder });
    expect(listings.find(({ sessionPath }) => sessionPath === path)).toMatchObject({
      state: 'busy',
      sessionId: first.sessionId,
    });
    await host.client.closeSession({ sessionId: first.sessionId });
    const nowhere = host.client.listSessions({ folder: workspace.path('nowhere') });
    await expect(nowhere).rejects.toMatchObject({ code: 'file-missing', message: expect.stringContaining('nowhere') });
  });

  it('answers clicks while a run is going, one run a session, and cancels it for whoever asks', async () => {
    const sample = join(repositoryRoot, 'resources/sample/tumble.mp4');
    const { sessionId } = await openedSession(host.client, sample, workspace.path('busy.masklet'));
    await host.client.addPrompts({ sessionId, prompts: [point(466, 526)] });
    const request = { sessionId, ...wish(), packId: null };
    let finished = false;
    let answered: FrameMasks | null = null;
    const run = (async () => {
      for await (const event of host.client.track(request)) {
        if (event.kind === 'finished') finished = true;
        if (event.kind !== 'committed' || answered !== null) continue;
        expect(await codeOf(all(host.client.track(request)))).toBe('session-busy');
        await host.client.addPrompts({ sessionId, prompts: [point(1100, 500, 100, 2)] });
        const click = { sessionId, frameIndex: 100, objectIds: [2], device: 'cpu', keep: true };
        answered = await host.client.segment({ ...click, packId: null });
        // Another pack beside the one that tracks.
        await host.client.segment({ ...click, packId });
        expect(await host.client.cancelTracking({ sessionId })).toEqual({ cancelled: true });
      }
    })();
    expect(await codeOf(run)).toBe('cancelled');
    expect(finished).toBe(false);
    expect((answered as FrameMasks | null)?.masks).toHaveLength(1);
    const state = await host.client.sessionState({ sessionId });
    expect(state.runs.at(-1)?.state).toBe('cancelled');
    expect(state.trackedFrameCount).toBeGreaterThan(0);
    expect(await host.client.cancelTracking({ sessionId })).toEqual({ cancelled: false });
    await host.client.closeSession({ sessionId });
  });

  async function maskBytes(sessionId: string, first: number, last: number): Promise<(string | null)[]> {
    const frames = await all(host.client.storedMasks({ sessionId, range: { first, last }, objectIds: [1] }));
    return frames.map(({ masks }) => bytesOf(masks[0].mask));
  }

  async function stored(sessionId: string, frame: number): Promise<string | null> {
    const { masks } = await host.client.frameMasks({ sessionId, frameIndex: frameIndex(frame) });
    return bytesOf(masks.find((mask) => mask.objectId === objectId(1))?.mask);
  }
});

/** The tiny decoder, which sees the object also where nothing points at it. */
function visibleDecoder(): TinyGraph {
  const graph = tinyGraphs().mask_decoder;
  return {
    ...graph,
    constants: [...(graph.constants ?? []), { name: 'always', dtype: 'f32', dims: [1], values: [1] }],
    nodes: graph.nodes.flatMap((node) =>
      node.outputs[0] === 'score'
        ? [
            { ...node, outputs: ['asked'] },
            { op: 'Add', inputs: ['asked', 'always'], outputs: ['score'], attributes: {} },
          ]
        : [node],
    ),
  };
}

function box(x: number, y: number) {
  return { kind: 'box' as const, objectId: 1, frameIndex: 0, box: { x, y, width: 16, height: 16 } };
}

function exemplar() {
  const { box: shown } = box(8, 16);
  return { kind: 'exemplar' as const, phrase: 'ball', frameIndex: 0, box: shown, include: true };
}

/** The square of `walkingSquare` on a frame. */
function square(index: number): RleMask {
  const bitmap = new Uint8Array(64 * 48);
  for (let y = 16; y < 32; y++) bitmap.fill(1, y * 64 + 8 + 2 * index, y * 64 + 24 + 2 * index);
  return rleFromBitmap(bitmap, 64, 48);
}
