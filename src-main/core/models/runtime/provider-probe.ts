/** Entry of the process that `testProviderApart` starts: argument 2 is a device kind; answers with one message. */
import { parseDevice } from './device.ts';
import { testProvider } from './providers.ts';

const device = parseDevice(process.argv[2]);
if (device.kind !== 'auto') process.send?.(await testProvider(device));
process.disconnect();
