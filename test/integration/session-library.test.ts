import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appPaths } from '../../src-main/core/studio/index.ts';
import { createEngine } from '../../src-main/engine.ts';
import { renderLookSchema } from '../../src-shared/contract/render-look.ts';
import { type StudioContract, studioContract } from '../../src-shared/contract/studio-contract.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { connectContract, type RpcConnection } from '../../src-shared/rpc/client.ts';
import { createMemoryTransports } from '../../src-shared/rpc/memory-transport.ts';
import { serveContract } from '../../src-shared/rpc/server.ts';
import { all, walkingSquare } from '../support/engine-host.ts';
import { scratchFolder } from '../support/media-fixtures.ts';

const folder = scratchFolder('session-library');
const home = join(folder, 'home');
const engine = createEngine({ paths: appPaths({ MASKLET_HOME: home }) });
let video = '';
const sessionPath = join(home, 'sessions', 'square.masklet');

interface Wanted {
  readonly videoPath: string | null;
  readonly sessionPath: string;
  readonly readOnly: boolean;
}

/** One tab. */
function connect(): RpcConnection<StudioContract> {
  const [left, right] = createMemoryTransports();
  serveContract(studioContract, engine.handlers, left);
  return connectContract(studioContract, right);
}

async function open({ client }: RpcConnection<StudioContract>, wanted: Partial<Wanted> = {}) {
  for await (const event of client.openSession({ videoPath: video, sessionPath, ...wanted }))
    if (event.kind === 'opened') return event;
  throw new Error('the session did not open');
}

const point = {
  kind: 'point',
  objectId: objectId(1),
  frameIndex: frameIndex(0),
  point: { x: 16, y: 24 },
  include: true,
} as const;

beforeAll(() => {
  video = walkingSquare(join(folder, 'square'), 4);
});
afterAll(() => engine[Symbol.asyncDispose]());

describe('two tabs on one session', () => {
  it('let the first edit, the second look on and follow, and take over when the first is gone', async () => {
    const first = connect();
    using second = connect();
    const { sessionId, role } = await open(first);
    expect(role).toBe('editor');
    expect(await open(second)).toMatchObject({ sessionId, role: 'viewer' });
    const news = second.client.watchSession({ sessionId })[Symbol.asyncIterator]();
    expect((await news.next()).value).toEqual({ role: 'viewer', free: false, revision: 0, mediaChanged: false });

    const refused = { code: 'session-read-only', kind: 'conflict' };
    const prompts = [point];
    await expect(second.client.addPrompts({ sessionId, prompts })).rejects.toMatchObject(refused);
    await expect(second.client.undo({ sessionId })).rejects.toMatchObject(refused);
    await expect(second.client.cancelTracking({ sessionId })).rejects.toMatchObject(refused);
    await expect(second.client.takeSession({ sessionId })).rejects.toMatchObject(refused);
    const keep = { sessionId, frameIndex: frameIndex(0), objectIds: null, packId: null, device: 'cpu' };
    await expect(second.client.segment({ ...keep, keep: true })).rejects.toMatchObject(refused);

    await first.client.addPrompts({ sessionId, prompts });
    expect((await news.next()).value).toEqual({ role: 'viewer', free: false, revision: 1, mediaChanged: false });
    expect((await second.client.sessionState({ sessionId })).prompts).toHaveLength(1);

    first[Symbol.dispose]();
    expect((await news.next()).value).toEqual({ role: 'viewer', free: true, revision: 1, mediaChanged: false });
    await expect(second.client.addPrompts({ sessionId, prompts })).rejects.toMatchObject(refused);
    expect(await second.client.takeSession({ sessionId })).toEqual({
      role: 'editor',
      free: false,
      revision: 1,
      mediaChanged: false,
    });
    expect((await second.client.undo({ sessionId })).prompts).toHaveLength(0);
    await second.client.closeSession({ sessionId });
    // What is still to be told comes first.
    const rest = await all({ [Symbol.asyncIterator]: () => news });
    expect(rest.at(-1)).toMatchObject({ role: 'editor' });
  });

  it('leave the session to each other: the last one closes it', async () => {
    using first = connect();
    using second = connect();
    const { sessionId } = await open(first);
    await open(second);
    await first.client.closeSession({ sessionId });
    await second.client.takeSession({ sessionId });
    await second.client.closeSession({ sessionId });
    await expect(second.client.sessionState({ sessionId })).rejects.toMatchObject({ code: 'session-missing' });
  });
});

describe('a session whose video was replaced by another one', () => {
  const wanted = { videoPath: null, sessionPath: join(folder, 'changed.masklet') };
  const pictures = join(folder, 'changed');

  it('is refused, can be looked at by everyone and edited by no one, and is itself again with its video', async () => {
    using tab = connect();
    using other = connect();
    const made = await open(tab, { ...wanted, videoPath: walkingSquare(pictures, 4) });
    const { prompts } = await tab.client.addPrompts({ sessionId: made.sessionId, prompts: [point] });
    await tab.client.closeSession({ sessionId: made.sessionId });
    walkingSquare(pictures, 5);
    await expect(open(tab, wanted)).rejects.toMatchObject({
      code: 'media-changed',
      details: { path: wanted.sessionPath },
    });
    const opened = await open(tab, { ...wanted, readOnly: true });
    expect(opened).toMatchObject({ role: 'viewer', mediaChanged: true, state: { prompts } });
    const { sessionId } = opened;
    // Joining it is no way around.
    expect(await open(other, wanted)).toMatchObject({ sessionId, role: 'viewer', mediaChanged: true });
    const news = tab.client.watchSession({ sessionId })[Symbol.asyncIterator]();
    expect((await news.next()).value).toEqual({ role: 'viewer', free: false, revision: 0, mediaChanged: true });
    const refused = { code: 'session-read-only' };
    await expect(tab.client.undo({ sessionId })).rejects.toMatchObject(refused);
    await expect(tab.client.takeSession({ sessionId })).rejects.toMatchObject(refused);
    await tab.client.frame({ sessionId, frameIndex: frameIndex(0), size: 'full' });
    for (const { client } of [tab, other]) await client.closeSession({ sessionId });
    rmSync(join(pictures, '004.png'));
    expect(await open(tab, { ...wanted, readOnly: true })).toMatchObject({
      role: 'editor',
      mediaChanged: false,
      state: { prompts },
    });
  });
});

describe('a session that saw its video turned otherwise', () => {
  it('is refused, and can be looked at', async () => {
    const wanted = { videoPath: walkingSquare(join(folder, 'turned'), 4), sessionPath: join(folder, 'turned.masklet') };
    using tab = connect();
    const { client } = tab;
    await client.closeSession({ sessionId: (await open(tab, wanted)).sessionId });
    const database = new Database(wanted.sessionPath);
    database.exec("UPDATE media SET info_json = json_set(info_json, '$.rotation', 180)");
    database.close();
    await expect(open(tab, wanted)).rejects.toMatchObject({
      code: 'media-changed',
      message: expect.stringMatching(/turned or mirrored otherwise .* masks and prompts are kept/),
    });
    const { sessionId, role } = await open(tab, { ...wanted, readOnly: true });
    expect(role).toBe('viewer');
    // No file is made of it either: its masks would lie over a picture that is turned otherwise.
    const look = renderLookSchema.parse({ style: 'redact' });
    const still = client.renderStill({ sessionPath: wanted.sessionPath, frameIndex: frameIndex(0), ...look });
    await expect(still).rejects.toMatchObject({ code: 'media-changed' });
    await client.closeSession({ sessionId });
  });
});

describe('the library', () => {
  it('does not touch a session that is open, and does once nobody is there', async () => {
    const gone = connect();
    using tab = connect();
    const { client } = tab;
    await open(gone);
    for (const work of [client.renameSession({ sessionPath, name: 'x' }), client.trashSession({ sessionPath })]) {
      await expect(work).rejects.toMatchObject({ code: 'session-busy' });
    }
    const copy = (await client.duplicateSession({ sessionPath })).sessionPath;
    expect(copy).toBe(join(home, 'sessions', 'square-2.masklet'));
    gone[Symbol.dispose]();
    const { trashedPath } = await client.trashSession({ sessionPath });
    expect(existsSync(sessionPath)).toBe(false);
    expect((await client.listTrash({})).map((listing) => listing.sessionPath)).toEqual([trashedPath]);
    expect((await client.listSessions({ folder: null })).map((listing) => listing.sessionPath)).toEqual([copy]);
    expect(await client.restoreSession({ trashedPath })).toEqual({ sessionPath });
    const renamed = (await client.renameSession({ sessionPath: copy, name: 'Take two' })).sessionPath;
    expect((await client.listSessions({ folder: null })).map((listing) => listing.sessionPath).sort()).toEqual(
      [renamed, sessionPath].sort(),
    );
    await client.purgeSession(await client.trashSession({ sessionPath: renamed }));
    expect(await client.listTrash({})).toEqual([]);
  });

  it('lists what a card shows', async () => {
    using tab = connect();
    const { client } = tab;
    const { sessionId } = await open(tab);
    await client.addPrompts({
      sessionId,
      prompts: [
        { ...point, objectId: objectId(2), frameIndex: frameIndex(2) },
        { kind: 'text', phrase: 'red thing', frameIndex: frameIndex(0) },
      ],
    });
    await client.changeObjects({ sessionId, objectIds: [objectId(2)], change: { name: 'Keeper', colour: '#102030' } });
    const [listing] = await client.listSessions({ folder: null });
    expect(listing).toMatchObject({
      sessionId,
      state: 'busy',
      objects: [{ name: 'Keeper', colour: '#102030' }],
      words: ['Keeper', 'red thing'],
      promptCount: 2,
      lastRun: null,
      posterFrame: 2,
    });
    await client.closeSession({ sessionId });
  });
});
