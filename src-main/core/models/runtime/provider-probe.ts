/** Entry of the process or thread that `testProviderApart` starts: argument 2 is a device kind; answers with one message. */
import { parentPort } from 'node:worker_threads';
import { parseDevice } from './device.ts';
import { testProvider } from './providers.ts';

const device = parseDevice(process.argv[2]);
if (device.kind !== 'auto') {
  const result = await testProvider(device);
  process.send?.(result);
  parentPort?.postMessage(result);
}
process.disconnect?.();
