import { describe, expect, it } from 'vitest';
import { benchReport, compareBenchReports, readBench, summariseTimes } from '../../src-main/core/reports/index.ts';

describe('times', () => {
  it('percentiles interpolate as numpy does', () => {
    // numpy.percentile([1, 2, 3, 4], [50, 90]) is [2.5, 3.7]; std with ddof=1 is 1.2909944487.
    expect(summariseTimes([4, 1, 3, 2])).toMatchObject({ count: 4, mean: 2.5, p50: 2.5, min: 1, max: 4 });
    expect(summariseTimes([4, 1, 3, 2]).p90).toBeCloseTo(3.7, 12);
    expect(summariseTimes([4, 1, 3, 2]).deviation).toBeCloseTo(1.2909944487, 9);
    expect(summariseTimes([7])).toMatchObject({ p50: 7, p90: 7, deviation: 0 });
  });
});

const bench = (millis: readonly number[], phase = 'encode') => {
  const report = benchReport({
    facts: [['pack', 'x']],
    phases: [{ phase, batch: 4, unit: 'images', millis }],
    memory: { before: 0, open: 1, peak: 2 },
    notes: [],
  });
  return readBench(JSON.parse(JSON.stringify(report)), 'x.json');
};
const words = (before: number[], after: number[]) =>
  (compareBenchReports(bench(before), bench(after)).data as { phases: { word: string; speedUp: number }[] }).phases[0];

describe('bench reports', () => {
  it('throughput counts the units of a batch', () => {
    const report = benchReport({
      facts: [],
      phases: [{ phase: 'encode', batch: 4, unit: 'images', millis: [10, 30] }],
      memory: { before: 0, open: 1, peak: 2 },
      notes: [],
    });
    expect(report.data).toMatchObject({ phases: [{ throughput: 200 }] });
  });

  it('a difference is one only outside the noise', () => {
    expect(words([10, 10.1, 9.9, 10], [5, 5.1, 4.9, 5])).toMatchObject({ word: 'faster', speedUp: 2 });
    expect(words([5, 5.1, 4.9, 5], [10, 10.1, 9.9, 10]).word).toBe('slower');
    expect(words([10, 14, 6, 10], [9, 13, 5, 9]).word).toBe('as fast');
  });

  it('phases of one run only are named, other files refused', () => {
    expect(compareBenchReports(bench([1]), bench([1], 'decode')).notes[1]).toBe(
      'Only in one of the runs: encode x4, decode x4.',
    );
    expect(() => readBench({ kind: 'parity' }, 'x.json')).toThrow('x.json is not a report of "masklet models bench"');
  });
});
