import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionState } from '../../src-shared/contract/results.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { all, openedSession, startEngine, walkingSquare } from '../support/engine-host.ts';
import { scratchFolder } from '../support/media-fixtures.ts';

const folder = scratchFolder('objects');
const engine = startEngine(join(folder, 'home'));
const { client } = engine;
let sessionId = '';

beforeAll(async () => {
  const video = walkingSquare(join(folder, 'square'), 4);
  ({ sessionId } = await openedSession(client, video, join(folder, 'square.masklet')));
});
afterAll(() => engine[Symbol.asyncDispose]());

function pointOn(number: number) {
  const place = { objectId: objectId(number), frameIndex: frameIndex(0), point: { x: 16, y: 24 } };
  return { kind: 'point' as const, ...place, include: true };
}

describe('objects in lists', () => {
  it('hides, classifies, groups and reorders objects, each one undoable step', async () => {
    const prompts = [1, 2, 3, 4].map((number) => pointOn(number));
    await client.addPrompts({ sessionId, prompts });
    const ids = (state: SessionState) => state.objects.map(({ objectId }) => Number(objectId));
    const [two, four] = [objectId(2), objectId(4)];
    const change = { hidden: true, className: 'ball', groupName: 'Balls' };
    const changed = await client.changeObjects({ sessionId, objectIds: [two, four], change });
    const those = changed.objects.filter(({ objectId }) => objectId === 2 || objectId === 4);
    expect(those).toMatchObject([change, change]);
    const moved = await client.moveObjects({ sessionId, objectIds: [four, two], before: objectId(1), groupName: null });
    expect(ids(moved)).toEqual([2, 4, 1, 3]);
    expect(moved.objects[0].groupName).toBeNull();
    expect(ids(await client.undo({ sessionId }))).toEqual([1, 2, 3, 4]);
    expect((await client.undo({ sessionId })).objects.some(({ hidden }) => hidden)).toBe(false);
    // Halving the gap again and again ends in positions that are dealt out anew.
    for (let times = 0; times < 30; times++) {
      const first = times % 2 === 0 ? four : objectId(3);
      await client.moveObjects({ sessionId, objectIds: [first], before: two, groupName: null });
    }
    expect(ids(await client.sessionState({ sessionId }))).toEqual([1, 4, 3, 2]);
    const gone = client.moveObjects({ sessionId, objectIds: [objectId(9)], before: null, groupName: null });
    await expect(gone).rejects.toMatchObject({ code: 'prompt-invalid' });
    await client.resetSession({ sessionId });
  });

  it('leaves the prompts and masks of a locked object as they are', async () => {
    const { objects } = await client.addPrompts({ sessionId, prompts: [pointOn(5), pointOn(6)] });
    const locked = [objectId(5)];
    const wish = { sessionId, frameIndex: frameIndex(0), objectIds: null, packId: null, device: 'cpu', keep: true };
    await client.changeObjects({ sessionId, objectIds: locked, change: { locked: true } });
    await client.segment(wish);
    const stored = await client.frameMasks({ sessionId, frameIndex: frameIndex(0) });
    expect(stored.masks.map(({ objectId }) => Number(objectId))).toEqual([6]);
    const { prompts } = await client.sessionState({ sessionId });
    const refused = [
      client.addPrompts({ sessionId, prompts: [{ ...pointOn(5), include: false }] }),
      client.changePrompt({ sessionId, promptId: prompts[0].promptId, change: { include: false } }),
      client.removePrompts({ sessionId, promptIds: [prompts[0].promptId] }),
      client.removeObjects({ sessionId, objectIds: objects.map(({ objectId }) => objectId) }),
    ];
    for (const each of refused) await expect(each).rejects.toMatchObject({ code: 'object-locked' });
    const range = { first: 0, last: 1 };
    const run = { direction: 'forward', range, policy: 'studio', memoryPolicy: null, resume: false } as const;
    const events = await all(client.track({ sessionId, packId: null, device: 'cpu', ...run }));
    expect(events[0]).toMatchObject({ kind: 'started', objectIds: [6] });
    expect((await client.sessionState({ sessionId })).objects.map(({ tracking }) => tracking)).toEqual([
      'new',
      'tracked',
    ]);
    await client.changeObjects({ sessionId, objectIds: locked, change: { locked: false } });
    expect((await client.removeObjects({ sessionId, objectIds: locked })).objects).toHaveLength(1);
    await client.resetSession({ sessionId });
  });
});
