import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { READS } from '../../src-main/core/studio/index.ts';
import type { SessionState } from '../../src-shared/contract/results.ts';
import { studioContract } from '../../src-shared/contract/studio-contract.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { openedSession, startEngine, walkingSquare } from '../support/engine-host.ts';
import { scratchFolder } from '../support/media-fixtures.ts';

const folder = scratchFolder('undo-audit');
const home = join(folder, 'home');
const sessionPath = join(folder, 'square.masklet');
type Client = ReturnType<typeof startEngine>['client'];

const point = (id: number, x: number) =>
  ({ kind: 'point', objectId: objectId(id), frameIndex: frameIndex(0), point: { x, y: 24 }, include: true }) as const;

/** One call of each edit of a person, on the session that `beforeAll` makes. */
const EDITS: Readonly<Record<string, (client: Client, sessionId: string, state: SessionState) => Promise<unknown>>> = {
  addPrompts: (client, sessionId) => client.addPrompts({ sessionId, prompts: [point(3, 30)] }),
  changePrompt: (client, sessionId, { prompts }) =>
    client.changePrompt({ sessionId, promptId: prompts[0].promptId, change: { point: { x: 20, y: 20 } } }),
  removePrompts: (client, sessionId, { prompts }) =>
    client.removePrompts({ sessionId, promptIds: [prompts[0].promptId] }),
  removeObjects: (client, sessionId) => client.removeObjects({ sessionId, objectIds: [objectId(1), objectId(2)] }),
  removeConcept: (client, sessionId, { concepts }) =>
    client.removeConcept({ sessionId, conceptId: concepts[0].conceptId }),
  changeObjects: (client, sessionId) =>
    client.changeObjects({
      sessionId,
      objectIds: [objectId(1)],
      change: { name: 'Keeper', colour: '#102030', className: 'player', hidden: true, locked: true, groupName: 'home' },
    }),
  moveObjects: (client, sessionId) =>
    client.moveObjects({ sessionId, objectIds: [objectId(2)], before: objectId(1), groupName: 'away' }),
  review: (client, sessionId) =>
    client.review({
      sessionId,
      says: [{ objectId: objectId(1), range: { first: 0, last: 2 }, verdict: 'accepted' }],
      reviewer: 'Ada',
      openOnly: false,
    }),
  changeConcept: (client, sessionId, { concepts }) =>
    client.changeConcept({ sessionId, conceptId: concepts[0].conceptId, change: { threshold: 0.9 } }),
  acceptInstances: (client, sessionId, { concepts }) =>
    client.acceptInstances({
      sessionId,
      conceptId: concepts[0].conceptId,
      frameIndex: frameIndex(1),
      masks: [rleFromBitmap(new Uint8Array(64 * 48).fill(1, 0, 700), 64, 48)],
    }),
  changeIdentity: (client, sessionId) => {
    const change = { kind: 'join', objectId: objectId(1), otherId: objectId(2) } as const;
    return client.changeIdentity({ sessionId, change, reviewer: 'Ada' });
  },
  resetSession: (client, sessionId) => client.resetSession({ sessionId }),
};

/**
 * They change results of models, the place of the video or the history itself, which no step of a person takes back; reverting is tried
 * where there is something to revert (comparisons.test.ts).
 */
const NO_EDITS = new Set([
  ...['segment', 'track', 'cancelTracking', 'relinkMedia', 'undo', 'redo', 'importDataset'],
  ...['keepChanges', 'revertChanges'],
]);

/** What a person made; not the history itself, and numbers are never given twice. */
const madeOf = ({ objects, concepts, prompts, reviews }: SessionState) => ({ objects, concepts, prompts, reviews });

describe('every edit', () => {
  let engine: ReturnType<typeof startEngine>;
  let sessionId = '';
  beforeAll(async () => {
    engine = startEngine(home);
    const opened = await openedSession(engine.client, walkingSquare(join(folder, 'square'), 4), sessionPath);
    sessionId = opened.sessionId;
    const phrase = { kind: 'text', phrase: 'white thing', frameIndex: frameIndex(0) } as const;
    await engine.client.addPrompts({ sessionId, prompts: [point(1, 12), point(2, 18), phrase] });
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  it('is in this list: a new procedure that changes a session needs an entry', () => {
    const editing = Object.entries(studioContract).flatMap(([name, { input }]) =>
      'shape' in input && 'sessionId' in (input.shape as object) && !READS.has(name) && !NO_EDITS.has(name)
        ? [name]
        : [],
    );
    expect(editing.filter((name) => EDITS[name] === undefined)).toEqual([]);
  });

  it.each(Object.keys(EDITS))('%s is undone and redone, also by the next studio', async (name) => {
    const before = await engine.client.sessionState({ sessionId });
    await EDITS[name](engine.client, sessionId, before);
    const after = await engine.client.sessionState({ sessionId });
    expect(madeOf(after)).not.toEqual(madeOf(before));
    expect(madeOf(await engine.client.undo({ sessionId }))).toEqual(madeOf(before));
    expect(madeOf(await engine.client.redo({ sessionId }))).toEqual(madeOf(after));
    await engine[Symbol.asyncDispose]();
    engine = startEngine(home);
    const again = await openedSession(engine.client, join(folder, 'square'), sessionPath);
    sessionId = again.sessionId;
    expect(madeOf(again.state)).toEqual(madeOf(after));
    expect(madeOf(await engine.client.undo({ sessionId }))).toEqual(madeOf(before));
  });
});
