import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { JobQueue } from '../../src-main/core/studio/queue/job-queue.ts';
import type { QueuedJob } from '../../src-shared/contract/job-contract.ts';

describe('the queue', () => {
  const folder = mkdtempSync(join(tmpdir(), 'masklet-queue-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('goes on where its list cannot be written, as on a full disk', async () => {
    const path = join(folder, 'queue.json');
    using queue = new JobQueue(path, async function* ({ sessionPath }) {
      yield { done: 1, total: 2 };
      // From here on the list has no room: its draft's name is taken by a folder.
      mkdirSync(`${path}.new`, { recursive: true });
      if (sessionPath === '/second') throw new Error('no room here either');
    });
    queue.add({ procedure: 'render', sessionPath: '/first', input: {} });
    queue.add({ procedure: 'render', sessionPath: '/second', input: {} });
    const stop = new AbortController();
    let last: readonly QueuedJob[] = [];
    for await (const jobs of queue.watch(stop.signal)) {
      last = jobs;
      if (jobs.every(({ state }) => state === 'done' || state === 'failed')) break;
    }
    expect(last.map(({ state }) => state)).toEqual(['done', 'failed']);
  });
});
