import type { CDPSession, Page } from 'playwright-core';

/** A trace event, as far as it is read here; times in microseconds, `tdur` of the thread's own processor time. */
interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** The longest task of the main thread, in ms on the clock and of the thread's processor time, which other work on the machine leaves alone. */
export interface LongestTask {
  readonly wall: number;
  readonly cpu: number;
}

/** What the page's main thread does, read from outside the page. */
export class MainThread {
  readonly #devtools: CDPSession;
  #events: TraceEvent[] = [];

  private constructor(devtools: CDPSession) {
    this.#devtools = devtools;
    devtools.on('Tracing.dataCollected', ({ value }) => this.#events.push(...(value as unknown as TraceEvent[])));
  }

  static async of(page: Page): Promise<MainThread> {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    return new MainThread(devtools);
  }

  /** Processor time so far, in ms: of scripts (paints of canvases among them), and of everything. */
  async spent(): Promise<{ readonly scripts: number; readonly all: number }> {
    const { metrics } = await this.#devtools.send('Performance.getMetrics');
    const millis = (wanted: string) => 1000 * (metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN);
    return { scripts: millis('ScriptDuration'), all: millis('TaskDuration') };
  }

  /** The longest task while something is done. */
  async longestTask(work: () => Promise<void>): Promise<LongestTask> {
    this.#events = [];
    await this.#devtools.send('Tracing.start', {
      transferMode: 'ReportEvents',
      traceConfig: { includedCategories: ['toplevel'] },
    });
    try {
      await work();
    } finally {
      const complete = new Promise((done) => this.#devtools.once('Tracing.tracingComplete', done));
      await this.#devtools.send('Tracing.end');
      await complete;
    }
    const main = this.#events.find(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
    const tasks = this.#events.filter(
      ({ ph, pid, tid, name }) => ph === 'X' && pid === main?.pid && tid === main.tid && name.endsWith('RunTask'),
    );
    if (tasks.length === 0) throw new Error('the trace has no task of the main thread');
    const most = (of: (event: TraceEvent) => number) => tasks.reduce((max, task) => Math.max(max, of(task)), 0) / 1000;
    return { wall: most(({ dur = 0 }) => dur), cpu: most(({ tdur = 0 }) => tdur) };
  }
}

export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function taskText({ cpu, wall }: LongestTask): string {
  return `${cpu.toFixed(0)} ms of processor time (${wall.toFixed(0)} ms on the clock)`;
}
