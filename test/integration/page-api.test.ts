import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { all, openedSession, startEngine, walkingSquare } from '../support/engine-host.ts';
import { scratchFolder } from '../support/media-fixtures.ts';

const FRAMES = 8;
const folder = scratchFolder('page-api');
const engine = startEngine(join(folder, 'home'));
const { client } = engine;
let sessionId = '';

beforeAll(async () => {
  const video = walkingSquare(join(folder, 'square'), FRAMES);
  const opened = await openedSession(client, video, join(folder, 'square.masklet'));
  sessionId = opened.sessionId;
  expect(opened.state.nextObjectId).toBe(1);
});
afterAll(() => engine[Symbol.asyncDispose]());

describe('what the page asks beside prompts and runs', () => {
  it('opens a model ahead of the first question', async () => {
    const model = await client.openModel({ packId: null, device: 'cpu' });
    expect(model.packId).toBe('pebble');
    expect(model.provider).toContain('cpu');
    await expect(client.openModel({ packId: 'no-such-pack', device: 'cpu' })).rejects.toMatchObject({
      code: 'pack-missing',
    });
  });

  it('gives frames as JPEG and the times of all of them', async () => {
    const picture = await client.frame({ sessionId, frameIndex: frameIndex(3), size: 'full' });
    expect(picture).toMatchObject({ frameIndex: 3, mediaType: 'image/jpeg' });
    expect([...picture.bytes.subarray(0, 2)]).toEqual([0xff, 0xd8]);
    const { pts, keyFrames } = await client.frameTable({ sessionId });
    expect(pts).toHaveLength(FRAMES);
    expect([...keyFrames]).toEqual(Array.from({ length: FRAMES }, () => 1));
    const outside = client.frame({ sessionId, frameIndex: frameIndex(FRAMES), size: 'thumbnail' });
    await expect(outside).rejects.toMatchObject({ code: 'frame-out-of-range' });
  });

  it('names and recolours an object, undoably, and never gives its number again', async () => {
    const point = {
      kind: 'point',
      objectId: objectId(1),
      frameIndex: frameIndex(0),
      point: { x: 16, y: 24 },
      include: true,
    } as const;
    await client.addPrompts({ sessionId, prompts: [point] });
    const named = await client.changeObjects({
      sessionId,
      objectIds: [objectId(1)],
      change: { name: ' Square ', colour: '#102030' },
    });
    expect(named.objects[0]).toMatchObject({ name: 'Square', colour: '#102030' });
    expect(named.history.undo).toBe('Rename object');
    expect((await client.undo({ sessionId })).objects[0]).toMatchObject({ name: 'Object 1' });
    for (const change of [{ name: '  ' }, { colour: 'red' }]) {
      await expect(client.changeObjects({ sessionId, objectIds: [objectId(1)], change })).rejects.toMatchObject({
        code: 'protocol-invalid',
      });
    }
    const missing = client.changeObjects({ sessionId, objectIds: [objectId(1), objectId(7)], change: { name: 'x' } });
    await expect(missing).rejects.toMatchObject({ code: 'prompt-invalid' });
    expect((await client.sessionState({ sessionId })).objects[0].name).toBe('Object 1');
    expect((await client.removeObjects({ sessionId, objectIds: [objectId(1)] })).nextObjectId).toBe(2);
    await client.undo({ sessionId });
  });

  it('gives the scores of every stored mask without the masks', async () => {
    const range = { first: null, last: null };
    const wish = {
      packId: null,
      device: 'cpu',
      direction: 'both',
      policy: 'studio',
      memoryPolicy: null,
      resume: false,
    } as const;
    await all(client.track({ sessionId, range, ...wish }));
    const stored = await all(client.storedMasks({ sessionId, range, objectIds: null }));
    const scores = await client.objectScores({ sessionId, objectId: objectId(1) });
    expect([...scores.frameIndices]).toEqual(stored.map((frame) => frame.frameIndex));
    stored.forEach(({ masks }, at) => {
      const { predictedIou, objectScoreLogit } = masks[0].scores;
      expect(scores.predictedIou[at]).toBeCloseTo(predictedIou ?? Number.NaN, 5);
      expect(scores.objectScoreLogit[at]).toBeCloseTo(objectScoreLogit ?? Number.NaN, 4);
      expect(scores.detection[at]).toBeNaN();
    });
  });
});
