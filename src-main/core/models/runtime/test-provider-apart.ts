import { fork } from 'node:child_process';
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
    const probe = fork(entryBeside(import.meta.url, 'provider-probe'), [kind], { stdio: 'ignore' });
    const fail = (reason: string) => resolve({ kind: 'fails', reason });
    const limit = setTimeout(() => {
      probe.kill('SIGKILL');
      fail('it did not answer in time');
    }, LIMIT_MILLIS);
    probe.on('message', (result) => resolve(result as ProviderTest));
    probe.on('error', (error) => fail(error.message));
    probe.on('exit', (code, signal) => {
      clearTimeout(limit);
      fail(`it crashed (${signal ?? code})`);
    });
  });
}
