import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type NewMask, openSessionReader } from '../../../src-main/core/store/index.ts';
import { frameIndex } from '../../../src-shared/domain/ids.ts';
import { rowOf, startedSession, TempFolder } from './fixture.ts';

const child = fileURLToPath(new URL('./child.ts', import.meta.url));
const KILLS = 20;

/** Runs the tracking child until it has acknowledged `batches`, then kills it; returns the last frame it acknowledged. */
async function trackAndKill(path: string, batches: number): Promise<number> {
  const tracker = spawn(process.execPath, [child, 'track', path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(tracker, 'close');
  let last = -1;
  let acknowledged = 0;
  for await (const line of createInterface(tracker.stdout)) {
    if (!line.startsWith('ack ')) continue;
    last = Number(line.slice(4));
    if (++acknowledged === batches) tracker.kill('SIGKILL');
  }
  const [, signal] = await closed;
  expect(signal).toBe('SIGKILL');
  return last;
}

/** Text compares fast; thousands of byte arrays do not. */
function rowText(row: NewMask): string {
  const bytes = row.mask === null ? 'absent' : Buffer.from(row.mask.bytes).toString('base64');
  return [row.frameIndex, row.objectId, row.source, JSON.stringify(row.scores), bytes].join(' ');
}

function expectedText(frame: number): string[] {
  return [1, 2, 3, 4, 5].map((object) => rowText(rowOf(frame, object)));
}

describe('kill -9 while committing', () => {
  it(`loses no acknowledged batch and tears none, ${KILLS} times on one session`, async () => {
    using folder = new TempFolder();
    const { session } = startedSession(folder.file(), 5);
    session[Symbol.dispose]();
    let checked = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const acknowledged = await trackAndKill(folder.file(), 1 + ((kill * 7919) % 23));
      using reader = openSessionReader(folder.file());
      const run = reader.runs.latest();
      const committed = run?.forwardCommitted ?? -1;
      expect(committed).toBeGreaterThanOrEqual(acknowledged);
      expect(reader.masks.framesTracked()).toBe(committed + 1);
      expect(reader.snapshots.latest(run!.id)?.frameIndex).toBe(committed);
      for (; checked <= committed; checked++) {
        expect(reader.masks.at(frameIndex(checked)).map(rowText)).toEqual(expectedText(checked));
      }
    }
    expect(checked).toBeGreaterThan(KILLS * 4);
    using reader = openSessionReader(folder.file());
    expect(reader.verify()).toEqual([]);
  });
});
