import { z } from 'zod';
import type { Report, ReportPlot, ReportTable } from '../../../../src-shared/contract/report-results.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { summariseTimes, type Timing } from './timing.ts';

/** Times of one phase at one batch size, warm-up not in them. */
export interface PhaseTimes {
  /** encode, prompt, decode, post-process, end to end ... */
  readonly phase: string;
  /** Pictures or objects that one call works on. */
  readonly batch: number;
  readonly unit: 'images' | 'objects';
  readonly millis: readonly number[];
}

export interface BenchMaterial {
  readonly facts: readonly (readonly [string, string])[];
  readonly phases: readonly PhaseTimes[];
  /** Bytes of the process: before the pack was opened, with it open, and at most. */
  readonly memory: { readonly before: number; readonly open: number; readonly peak: number };
  readonly notes: readonly string[];
}

interface SummarisedPhase {
  readonly phase: string;
  readonly batch: number;
  readonly unit: string;
  readonly timing: Timing;
  /** Units a second, at the mean. */
  readonly throughput: number;
}

export function benchReport({ facts, phases, memory, notes }: BenchMaterial): Report {
  const summarised = phases.map(({ phase, batch, unit, millis }): SummarisedPhase => {
    const timing = summariseTimes(millis);
    return { phase, batch, unit, timing, throughput: (1000 * batch) / timing.mean };
  });
  return {
    format: 1,
    kind: 'bench',
    title: 'Bench',
    facts,
    verdict: null,
    sections: [phaseTable(summarised), memoryTable(memory), phasePlot(summarised)],
    notes,
    data: { phases: summarised, memory },
  };
}

function phaseTable(phases: readonly SummarisedPhase[]): ReportTable {
  const millis = ['mean ms', 'P50 ms', 'P90 ms', 'min ms', 'max ms'].map((name) => ({ name, digits: 3 }));
  return {
    kind: 'table',
    title: 'Time of one call',
    columns: [
      { name: 'phase' },
      { name: 'batch', digits: 0 },
      { name: 'repeats', digits: 0 },
      ...millis,
      { name: 'per second', digits: 2 },
      { name: 'of' },
    ],
    rows: phases.map(({ phase, batch, unit, timing, throughput }) => [
      phase,
      batch,
      timing.count,
      timing.mean,
      timing.p50,
      timing.p90,
      timing.min,
      timing.max,
      throughput,
      unit,
    ]),
  };
}

function memoryTable({ before, open, peak }: BenchMaterial['memory']): ReportTable {
  const megabytes = (bytes: number) => bytes / 2 ** 20;
  return {
    kind: 'table',
    title: 'Memory of the process (resident, MiB)',
    columns: ['before opening', 'pack open', 'highest', 'for the pack'].map((name) => ({ name, digits: 1 })),
    rows: [[before, open, peak, peak - before].map(megabytes)],
  };
}

function phasePlot(phases: readonly SummarisedPhase[]): ReportPlot {
  const names = [...new Set(phases.map(({ phase }) => phase))];
  const batches = [...new Set(phases.map(({ batch }) => batch))];
  return {
    kind: 'bars',
    title: 'Mean time of one call',
    xLabel: 'phase',
    yLabel: 'ms',
    yRange: null,
    xNames: names,
    series: batches.map((batch) => ({
      name: `batch ${batch}`,
      points: phases
        .filter((phase) => phase.batch === batch)
        .map(({ phase, timing }) => [names.indexOf(phase), timing.mean] as const),
    })),
  };
}

const benchFile = z.object({
  kind: z.literal('bench'),
  facts: z.array(z.tuple([z.string(), z.string()])),
  data: z.object({
    phases: z.array(
      z.object({
        phase: z.string(),
        batch: z.number(),
        timing: z.object({ count: z.number(), mean: z.number().positive(), p50: z.number(), deviation: z.number() }),
      }),
    ),
  }),
});
type BenchFile = z.output<typeof benchFile>;

/** Parsed JSON of a bench report; `file-unreadable` for anything else. */
export function readBench(json: unknown, path: string): BenchFile {
  const result = benchFile.safeParse(json);
  if (result.success) return result.data;
  throw new StudioError(
    'file-unreadable',
    'user',
    `${path} is not a report of "masklet models bench"; give the report.json that it wrote.`,
    { details: { path }, cause: result.error },
  );
}

/** Differences below this many standard errors of the means are noise. */
const NOISE = 2;

/** The second run against the first, phase by phase; phases that only one of them has are named in a note. */
export function compareBenchReports(before: BenchFile, after: BenchFile): Report {
  const key = ({ phase, batch }: { phase: string; batch: number }) => `${phase} x${batch}`;
  const old = new Map(before.data.phases.map((phase) => [key(phase), phase]));
  const shared = after.data.phases.flatMap((phase) => {
    const earlier = old.get(key(phase));
    return earlier === undefined ? [] : [{ phase, earlier }];
  });
  const only = [...before.data.phases, ...after.data.phases]
    .map(key)
    .filter((name) => !shared.some(({ phase }) => key(phase) === name));
  const rows = shared.map(({ phase, earlier }) => {
    const difference = phase.timing.mean - earlier.timing.mean;
    const error = Math.hypot(
      phase.timing.deviation / Math.sqrt(phase.timing.count),
      earlier.timing.deviation / Math.sqrt(earlier.timing.count),
    );
    const word = Math.abs(difference) <= NOISE * error ? 'as fast' : difference < 0 ? 'faster' : 'slower';
    return { ...phase, earlier, speedUp: earlier.timing.mean / phase.timing.mean, word };
  });
  return {
    format: 1,
    kind: 'bench-comparison',
    title: 'Bench, two runs',
    facts: [
      ...before.facts.map(([name, value]) => [`${name}, before`, value] as const),
      ...after.facts.map(([name, value]) => [`${name}, after`, value] as const),
    ],
    verdict: null,
    sections: [
      {
        kind: 'table',
        title: 'Second run against the first',
        columns: [
          { name: 'phase' },
          { name: 'batch', digits: 0 },
          { name: 'before ms', digits: 3 },
          { name: 'after ms', digits: 3 },
          { name: 'speed-up', digits: 3 },
          { name: 'verdict' },
        ],
        rows: rows.map(({ phase, batch, earlier, timing, speedUp, word }) => [
          phase,
          batch,
          earlier.timing.mean,
          timing.mean,
          speedUp,
          word,
        ]),
      },
    ],
    notes: [
      `A difference within ${NOISE} standard errors of the two means counts as none. Compare runs of one machine, idle both times.`,
      ...(only.length === 0 ? [] : [`Only in one of the runs: ${[...new Set(only)].join(', ')}.`]),
    ],
    data: { phases: rows },
  };
}
