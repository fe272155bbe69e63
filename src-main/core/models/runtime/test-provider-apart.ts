import { fork } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import { Worker } from 'node:worker_threads';
import { entryBeside } from '../../base/entry-beside.ts';
import type { DeviceKind } from './device.ts';
import type { ProviderTest } from './providers.ts';

const LIMIT_MILLIS = 30_000;

/**
 * The self-test of a provider in a process of its own: a driver that prints, hangs or crashes cannot hurt or litter the asker.
 * Never throws.
 */
export function testProviderApart(kind: DeviceKind): Promise<ProviderTest> {
  return new Promise((resolve) => {
    const probe = startApart(kind);
    const fail = (reason: string) => resolve({ kind: 'fails', reason });
    const limit = setTimeout(() => {
      probe.giveUp();
      fail('it did not answer in time');
    }, LIMIT_MILLIS);
    probe.events.on('message', (result) => resolve(result as ProviderTest));
    probe.events.on('error', (error: Error) => fail(error.message));
    probe.events.on('exit', (code, signal) => {
      clearTimeout(limit);
      fail(`it crashed (${signal ?? code})`);
    });
  });
}

/**
 * Electron's program cannot be started as Node (its fuse is off): there the test has a thread only, and a driver that crashes takes
 * the engine's process along, which is started again. A thread is never terminated: it may stand in native code.
 */
function startApart(kind: DeviceKind): { readonly events: EventEmitter; readonly giveUp: () => void } {
  const entry = entryBeside(import.meta.url, 'provider-probe');
  if (process.versions.electron !== undefined) {
    const thread = new Worker(entry, { argv: [kind], stdout: true, stderr: true });
    return { events: thread, giveUp: () => thread.unref() };
  }
  const child = fork(entry, [kind], { stdio: 'ignore' });
  return { events: child, giveUp: () => child.kill('SIGKILL') };
}
