import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { findPack } from '../../src-main/core/models/index.ts';
import type { OpenSession } from '../../src-main/core/studio/open-sessions.ts';
import type { StudioParts } from '../../src-main/core/studio/studio-parts.ts';
import { type TrackWish, trackSession } from '../../src-main/core/studio/track-job.ts';
import { RunChecks } from '../../src-main/workers/run-checks.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';

describe('a tracking run', () => {
  it('whose commit fails while the next frame is being tracked ends as failed, and nothing else ends with it', async () => {
    const endings: unknown[] = [];
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    const full = new StudioError('disk-full', 'resource', 'There is no room.');
    const store = {
      isUpToDate: async () => false,
      planRun: async () => plan,
      commit: async () => {
        throw full;
      },
      finishRun: async ({ ending }: { ending: unknown }) => void endings.push(ending),
    };
    const inference = {
      open: async () => ({ packKey: 'k', packId: 'p', packHash: 'h', lowres: 4, notes: [], capabilities: able }),
      async *propagate() {
        for (let frameIndex = 0; ; frameIndex++) {
          const frame = { frameIndex, objects: [], retracted: [] };
          yield { kind: 'frame', direction: 'forward', snapshot: new Uint8Array(1), frame };
          // Longer than a rejection that nobody waits for lives.
          await sleep(20);
        }
      },
    };
    const parts = {
      appVersion: '0',
      packFolders: ['models'],
      store: async () => store,
      inference: async () => inference,
    };
    const session = { handle: 1, sourceId: 1, sessionId: 's', info: { width: 4, height: 4, frameCount: 100 } };
    const run = trackSession(
      parts as unknown as StudioParts,
      session as unknown as OpenSession,
      wish,
      new AbortController().signal,
    );
    await expect(Array.fromAsync(run)).rejects.toThrow(full);
    process.off('unhandledRejection', note);
    expect(endings).toEqual([{ state: 'failed', code: 'disk-full' }]);
    expect(unhandled).toEqual([]);
  });

  it('that cannot store what it remembers ends as failed, so that it can be resumed', async () => {
    const endings: unknown[] = [];
    const full = new StudioError('disk-full', 'resource', 'There is no room.');
    const store = {
      isUpToDate: async () => false,
      planRun: async () => plan,
      commit: async () => ({ frames: [], retracted: [], foundAgain: [], agreeing: 0 }),
      finishRun: async ({ ending }: { ending: { state: string } }) => {
        endings.push(ending.state);
        if (ending.state === 'done') throw full;
      },
    };
    const inference = {
      open: async () => ({ packKey: 'k', packId: 'p', packHash: 'h', lowres: 4, notes: [], capabilities: able }),
      async *propagate() {
        const frame = { frameIndex: 0, objects: [], retracted: [] };
        yield { kind: 'frame', direction: 'forward', snapshot: null, frame };
        yield { kind: 'end', memory: new Uint8Array(1) };
      },
    };
    const parts = {
      appVersion: '0',
      packFolders: ['models'],
      store: async () => store,
      inference: async () => inference,
    };
    const session = { handle: 1, sourceId: 1, sessionId: 's', info: { width: 4, height: 4, frameCount: 100 } };
    const [asParts, asSession] = [parts as unknown as StudioParts, session as unknown as OpenSession];
    const run = trackSession(asParts, asSession, wish, new AbortController().signal);
    await expect(Array.fromAsync(run)).rejects.toThrow(full);
    expect(endings).toEqual(['done', 'failed']);
  });

  it('for which nothing is to be done opens no model: the pack’s hash is all that is asked of it', async () => {
    const asked: unknown[] = [];
    const store = {
      isUpToDate: async ({ wish: { packHash } }: { wish: { packHash: string } }) => asked.push(packHash) > 0,
    };
    const parts = {
      packFolders: ['models'],
      store: async () => store,
      inference: () => Promise.reject(new Error('a model was opened')),
    };
    const session = { handle: 1, sourceId: 1, sessionId: 's' };
    const [asParts, asSession] = [parts as unknown as StudioParts, session as unknown as OpenSession];
    const run = trackSession(asParts, asSession, wish, new AbortController().signal);
    expect(await Array.fromAsync(run)).toEqual([{ kind: 'up-to-date' }]);
    const { hash } = await findPack('pebble', ['models']);
    expect(asked).toEqual([hash]);
  });

  it('that corrects waits at the same frames when it goes on', async () => {
    const resumed = { ...plan, until: 'agreement', resumedFrames: 6 };
    const batches: number[][] = [];
    const answers: boolean[] = [];
    const requests: unknown[] = [];
    const store = {
      isUpToDate: async () => false,
      planRun: async () => resumed,
      commit: async ({ batch: { frames } }: { batch: { frames: { frameIndex: number }[] } }) => {
        batches.push(frames.map(({ frameIndex }) => frameIndex));
        return { frames, retracted: [], foundAgain: [], agreeing: batches.length === 2 ? 10 : 9 };
      },
      finishRun: async () => null,
      state: async () => ({ objects: [] }),
    };
    const inference = {
      open: async () => ({ packKey: 'k', packId: 'p', packHash: 'h', lowres: 4, notes: [], capabilities: able }),
      async *propagate({ framesDone }: { framesDone: number }) {
        requests.push(framesDone);
        for (let frameIndex = 6; frameIndex < 12; frameIndex++) {
          yield {
            kind: 'frame',
            direction: 'forward',
            snapshot: null,
            frame: { frameIndex, objects: [], retracted: [] },
          };
        }
      },
      goOn: async ({ enough }: { enough: boolean }) => void answers.push(enough),
      takeStatistics: async () => ({}),
    };
    const parts = {
      appVersion: '0',
      packFolders: ['models'],
      store: async () => store,
      inference: async () => inference,
    };
    const session = { handle: 1, sourceId: 1, sessionId: 's', info: { width: 4, height: 4, frameCount: 100 } };
    const [asParts, asSession] = [parts as unknown as StudioParts, session as unknown as OpenSession];
    await Array.fromAsync(trackSession(asParts, asSession, wish, new AbortController().signal));
    // Every fourth frame of the whole run.
    expect(batches).toEqual([
      [6, 7],
      [8, 9, 10, 11],
    ]);
    expect([requests, answers]).toEqual([[6], [false, true]]);
  });
});

it('a resumed run waits where it would have waited', async () => {
  const checks = new RunChecks();
  using check = checks.begin('run', 4, 6);
  const { signal } = new AbortController();
  expect(await check.hasEnough(signal)).toBe(false);
  checks.answer('run', true);
  expect(await check.hasEnough(signal)).toBe(true);
});

const able = { whyNoTracking: null };
const plan = {
  kind: 'run',
  runId: 1,
  range: { first: 0, last: 99 },
  direction: 'forward',
  until: 'end',
  start: null,
  bases: [],
  settled: [],
  storedMasks: [],
  rounds: [],
  prompts: [{ kind: 'point', objectId: 1, frameIndex: 0 }],
  concepts: [],
  objectIds: [1],
  nextObjectId: 2,
  resume: null,
  resumedFrames: 0,
  notes: [],
};
const wish = {
  range: { first: null, last: null },
  direction: 'forward',
  policy: 'studio',
  memoryPolicy: null,
  resume: false,
  objectIds: null,
  conceptIds: null,
  until: 'end',
  packId: null,
  device: 'cpu',
} as const satisfies TrackWish;
