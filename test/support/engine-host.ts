import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { appPaths } from '../../src-main/core/studio/index.ts';
import { createEngine } from '../../src-main/engine.ts';
import type { SessionState, TrackEvent } from '../../src-shared/contract/results.ts';
import { type StudioContract, studioContract } from '../../src-shared/contract/studio-contract.ts';
import { connectContract } from '../../src-shared/rpc/client.ts';
import type { Client } from '../../src-shared/rpc/contract-types.ts';
import { createMemoryTransports } from '../../src-shared/rpc/memory-transport.ts';
import { serveContract } from '../../src-shared/rpc/server.ts';

/** An engine in this process, spoken to through the contract; `home` keeps its files. */
export function startEngine(home: string): AsyncDisposable & { readonly client: Client<StudioContract> } {
  const stack = new AsyncDisposableStack();
  const engine = stack.use(createEngine({ paths: appPaths({ MASKLET_HOME: home }) }));
  const [left, right] = createMemoryTransports();
  stack.use(serveContract(studioContract, engine.handlers, left));
  const { client } = stack.use(connectContract(studioContract, right));
  return { client, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Opens a session to its last event. */
export async function openedSession(
  client: Client<StudioContract>,
  videoPath: string,
  sessionPath: string,
): Promise<{ readonly sessionId: string; readonly state: SessionState }> {
  for await (const event of client.openSession({ videoPath, sessionPath })) if (event.kind === 'opened') return event;
  throw new Error('the session did not open');
}

/** Runs a stream to its end. */
export async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const event of events) list.push(event);
  return list;
}

export function finishedOf(events: readonly TrackEvent[]): Extract<TrackEvent, { kind: 'finished' }> {
  const last = events.at(-1);
  if (last?.kind !== 'finished') throw new Error(`the run ended with ${last?.kind}`);
  return last;
}

/** A folder of PNG frames: a bright square that walks right over a dark, slightly uneven ground. */
export function walkingSquare(folder: string, count: number, width = 64, height = 48, side = 16): string {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < count; index++) {
    const png = new PNG({ width, height });
    for (let at = 0; at < width * height; at++) {
      const x = at % width;
      const y = Math.floor(at / width);
      const inside = x >= 8 + 2 * index && x < 8 + side + 2 * index && y >= 16 && y < 16 + side;
      const value = inside ? 220 : 20 + ((x * 7 + y * 13) % 16);
      png.data.set([value, value, value, 255], at * 4);
    }
    writeFileSync(join(folder, `${String(index).padStart(3, '0')}.png`), PNG.sync.write(png));
  }
  return folder;
}
