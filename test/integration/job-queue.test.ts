import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QueuedJob } from '../../src-shared/contract/job-contract.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { openedSession, startEngine, walkingSquare } from '../support/engine-host.ts';
import { scratchFolder } from '../support/media-fixtures.ts';

const FRAMES = 6;
const folder = scratchFolder('job-queue');
const home = join(folder, 'home');
const listFile = join(home, 'config', 'queue.json');
const sessionPath = (name: string) => join(home, 'sessions', `${name}.masklet`);
const track = {
  packId: null,
  device: 'cpu',
  direction: 'both',
  range: { first: null, last: null },
  policy: 'studio',
  memoryPolicy: null,
};
const trackInput = { ...track, resume: false };
const render = { outPath: null, style: 'overlay', range: { first: null, last: null }, overwrite: false };

type Client = ReturnType<typeof startEngine>['client'];

/** Waits for a list that fits. */
async function until(client: Client, fits: (jobs: readonly QueuedJob[]) => boolean): Promise<readonly QueuedJob[]> {
  for await (const jobs of client.watchJobs({})) if (fits(jobs)) return jobs;
  throw new Error('the list ended');
}

const allEnded = (jobs: readonly QueuedJob[]) => jobs.every(({ state }) => state !== 'waiting' && state !== 'running');

beforeAll(async () => {
  const video = walkingSquare(join(folder, 'square'), FRAMES);
  await using engine = startEngine(home);
  for (const name of ['a', 'b', 'bare']) {
    const { sessionId } = await openedSession(engine.client, video, sessionPath(name));
    const point = {
      kind: 'point',
      objectId: objectId(1),
      frameIndex: frameIndex(0),
      point: { x: 16, y: 24 },
      include: true,
    } as const;
    if (name !== 'bare') await engine.client.addPrompts({ sessionId, prompts: [point] });
    await engine.client.closeSession({ sessionId });
  }
});

describe('the queue', () => {
  let engine: ReturnType<typeof startEngine>;
  beforeAll(() => {
    engine = startEngine(home);
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  it('runs jobs over several sessions one after the other; a failure stays alone', async () => {
    const { client } = engine;
    let most = 0;
    const watching = until(client, (jobs) => {
      most = Math.max(most, jobs.filter(({ state }) => state === 'running').length);
      return jobs.length === 4 && allEnded(jobs);
    });
    await client.queueJob({ procedure: 'track', sessionPath: sessionPath('bare'), input: trackInput });
    await client.queueJob({ procedure: 'track', sessionPath: sessionPath('a'), input: trackInput });
    await client.queueJob({ procedure: 'track', sessionPath: sessionPath('b'), input: trackInput });
    await client.queueJob({
      procedure: 'render',
      sessionPath: sessionPath('a'),
      input: { ...render, outPath: join(folder, 'a.mp4') },
    });
    const jobs = await watching;
    expect(most).toBe(1);
    expect(jobs.map(({ state, problem }) => [state, problem?.code ?? null])).toEqual([
      ['failed', 'no-prompts'],
      ['done', null],
      ['done', null],
      ['done', null],
    ]);
    expect(jobs[1]).toMatchObject({ done: FRAMES, total: FRAMES });
    expect(jobs[3].outPath).toBe(join(folder, 'a.mp4'));
    expect(existsSync(join(folder, 'a.mp4'))).toBe(true);
    const listings = await client.listSessions({ folder: null });
    expect(listings.map(({ sessionId, trackedFrameCount }) => [sessionId, trackedFrameCount]).sort()).toEqual([
      [null, 0],
      [null, FRAMES],
      [null, FRAMES],
    ]);
  });

  it('is taken up again: a failed one by hand, one that was written already not over it', async () => {
    const { client } = engine;
    const [bare, , , rendered] = await until(client, () => true);
    await client.retryJob({ jobId: rendered.jobId });
    const after = await until(client, (jobs) => allEnded(jobs));
    expect(after.at(-1)).toMatchObject({ jobId: rendered.jobId, state: 'failed' });
    expect(after.at(-1)?.problem?.code).toBe('output-exists');
    await client.forgetJobs({ jobId: bare.jobId });
    await client.forgetJobs({ jobId: null });
    expect((await until(client, () => true)).map(({ jobId }) => jobId)).toEqual([rendered.jobId]);
    await client.forgetJobs({ jobId: rendered.jobId });
    await expect(client.retryJob({ jobId: rendered.jobId })).rejects.toMatchObject({ code: 'usage' });
  });

  it('takes a waiting one out of the line, and refuses what no job can be', async () => {
    const { client } = engine;
    const bad = client.queueJob({ procedure: 'render', sessionPath: sessionPath('a'), input: { style: 'glitter' } });
    await expect(bad).rejects.toMatchObject({ code: 'protocol-invalid' });
    await client.queueJob({
      procedure: 'render',
      sessionPath: sessionPath('a'),
      input: { ...render, outPath: join(folder, 'one.mp4') },
    });
    const { jobId } = await client.queueJob({
      procedure: 'render',
      sessionPath: sessionPath('b'),
      input: { ...render, outPath: join(folder, 'two.mp4') },
    });
    await client.cancelJob({ jobId });
    const jobs = await until(client, (list) => allEnded(list));
    expect(jobs.map(({ state }) => state)).toEqual(['done', 'cancelled']);
    expect(existsSync(join(folder, 'two.mp4'))).toBe(false);
    await client.forgetJobs({ jobId: null });
  });

  it('belongs to one studio of a machine', async () => {
    await using other = startEngine(home);
    const first = other.client.watchJobs({})[Symbol.asyncIterator]().next();
    await expect(first).rejects.toMatchObject({ code: 'session-locked' });
  });
});

describe('the list on disk', () => {
  it('says after a restart what was not through, and goes on with it', async () => {
    {
      await using engine = startEngine(home);
      await engine.client.queueJob({
        procedure: 'render',
        sessionPath: sessionPath('a'),
        input: { ...render, outPath: join(folder, 'late.mp4') },
      });
      await engine.client.queueJob({ procedure: 'track', sessionPath: sessionPath('b'), input: trackInput });
    }
    expect((JSON.parse(readFileSync(listFile, 'utf8')) as QueuedJob[]).map(({ state }) => state)).toEqual([
      'running',
      'waiting',
    ]);
    await using engine = startEngine(home);
    const jobs = await until(engine.client, () => true);
    expect(jobs.map(({ state }) => state)).toEqual(['interrupted', 'interrupted']);
    for (const { jobId } of jobs) await engine.client.retryJob({ jobId });
    const after = await until(engine.client, (list) => allEnded(list));
    expect(after.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(existsSync(join(folder, 'late.mp4'))).toBe(true);
  });

  it('is empty when it cannot be read', async () => {
    writeFileSync(listFile, '[{"jobId": 3}]');
    await using engine = startEngine(home);
    expect(await until(engine.client, () => true)).toEqual([]);
  });
});
