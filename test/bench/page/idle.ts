import { cpus } from 'node:os';

const WINDOW_MILLIS = 400;
const MOST_WINDOWS = 40;

/** Waits until the machine has done little for a moment: read-ahead and other afterwork of the last step must not slow the next one. */
export async function untilIdle(): Promise<void> {
  for (let window = 0; window < MOST_WINDOWS; window++) {
    const before = times();
    await new Promise((done) => setTimeout(done, WINDOW_MILLIS));
    const after = times();
    if ((after.idle - before.idle) / (after.all - before.all) > 0.85) return;
  }
}

function times(): { readonly idle: number; readonly all: number } {
  const list = cpus().map((cpu) => cpu.times);
  const idle = list.reduce((sum, each) => sum + each.idle, 0);
  return { idle, all: list.reduce((sum, each) => sum + each.user + each.nice + each.sys + each.irq + each.idle, 0) };
}
