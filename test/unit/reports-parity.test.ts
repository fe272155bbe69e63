import { describe, expect, it } from 'vitest';
import { judgeTensor, parityReport, tensorDifference } from '../../src-main/core/reports/index.ts';
import type { ParityThresholds } from '../../src-shared/contract/report-contract.ts';

const off: ParityThresholds = {
  cosine: null,
  meanAbsoluteError: null,
  maxAbsoluteError: null,
  normRelativeError: null,
  trimmedRelativeError: null,
  agreement: null,
  maskIou: null,
};
const bounds: ParityThresholds = {
  ...off,
  cosine: 0.999,
  meanAbsoluteError: 0.01,
  normRelativeError: 0.01,
  trimmedRelativeError: 0.01,
  maskIou: 0.99,
};

/** A hundred numbers from -5 to 5, none of them 0. */
const reference = Float32Array.from({ length: 100 }, (_, at) => (at - 49.5) / 10);

describe('how far two tensors are apart', () => {
  it('by hand', () => {
    const difference = tensorDifference([3, 4, 0, -1], [3, 4.5, 0.005, -1]);
    expect(difference).toMatchObject({
      count: 4,
      maxAbsoluteError: 0.5,
      agreement: 0.75,
      brokenCount: 0,
      referenceRange: [-1, 4],
    });
    expect(difference.meanAbsoluteError).toBeCloseTo(0.505 / 4, 12);
    expect(difference.rmsError).toBeCloseTo(Math.sqrt(0.250025 / 4), 12);
    expect(difference.normRelativeError).toBeCloseTo(Math.sqrt(0.250025 / 26), 12);
    expect(difference.cosine).toBeCloseTo(28 / Math.sqrt(26 * (9 + 20.25 + 0.000025 + 1)), 12);
    // Relative errors of 3, 4 and -1 (a reference of 0 has none): 0, 0.125, 0.
    expect(difference.medianRelativeError).toBe(0);
    expect(difference.trimmedRelativeError).toBeCloseTo(0.125 / 3, 12);
  });

  it('the trimmed mean leaves out the largest twentieth and no more', () => {
    const other = reference.map((value, at) => (at < 5 ? value * 100 : value * 1.001));
    expect(tensorDifference(reference, other).trimmedRelativeError).toBeCloseTo(0.001, 5);
    const one = reference.map((value, at) => (at < 6 ? value * 100 : value * 1.001));
    expect(tensorDifference(reference, one).trimmedRelativeError).toBeGreaterThan(1);
  });

  it('zeros: equal ones agree, a zero reference has no relative error', () => {
    expect(tensorDifference([0, 0], [0, 0])).toMatchObject({
      cosine: 1,
      normRelativeError: 0,
      trimmedRelativeError: 0,
    });
    expect(tensorDifference([0, 0], [0, 1])).toMatchObject({
      cosine: null,
      normRelativeError: null,
      trimmedRelativeError: null,
    });
  });

  it('NaN and infinity are broken, equal infinities are not', () => {
    const difference = tensorDifference([1, Number.NEGATIVE_INFINITY, 2], [1, Number.NEGATIVE_INFINITY, Number.NaN]);
    expect(difference).toMatchObject({ brokenCount: 1, meanAbsoluteError: 0 });
  });

  it('different lengths are a mistake of the caller', () => {
    expect(() => tensorDifference([1], [1, 2])).toThrow(RangeError);
  });
});

describe('the verdict', () => {
  const failed = (other: Float32Array, thresholds = bounds) =>
    judgeTensor(tensorDifference(reference, other), thresholds)
      .filter(({ passed }) => !passed)
      .map(({ name }) => name);

  it('equal numbers pass', () => {
    expect(failed(reference.slice())).toEqual([]);
  });

  // Each planted mistake must be caught, by the bound that is meant for it.
  it.each([
    [
      'a scale of 1.03',
      reference.map((value) => value * 1.03),
      ['mean absolute error', 'norm relative error', 'trimmed mean relative error'],
    ],
    [
      'an offset of 0.02',
      reference.map((value) => value + 0.02),
      ['mean absolute error', 'trimmed mean relative error'],
    ],
    [
      'one channel swapped',
      reference.map((value, at) => (at >= 90 ? -value : value)),
      ['cosine', 'mean absolute error', 'norm relative error', 'trimmed mean relative error'],
    ],
    [
      'a row shifted by one',
      Float32Array.from(reference, (_, at) => reference[(at + 1) % 100]),
      ['cosine', 'mean absolute error', 'norm relative error', 'trimmed mean relative error'],
    ],
    ['one NaN', reference.map((value, at) => (at === 3 ? Number.NaN : value)), ['finite']],
  ])('%s is caught', (_, other, names) => {
    expect(failed(other)).toEqual(names);
  });

  it('a bound that fails is not made good by a good cosine', () => {
    const other = reference.map((value) => value * 1.02);
    const { cosine } = tensorDifference(reference, other);
    expect(cosine).toBeGreaterThan(0.9999);
    expect(failed(other, { ...off, cosine: 0.999, normRelativeError: 0.01 })).toEqual(['norm relative error']);
  });

  it('an undefined value fails its bound', () => {
    const checks = judgeTensor(tensorDifference([0, 0], [0, 1]), { ...off, cosine: 0.999 });
    expect(checks).toMatchObject([{ passed: false, value: null }]);
  });

  it('the report fails with one bad output, and with bad masks at the end alone', () => {
    const output = (other: Float32Array) => ({ graph: 'g', output: 'o', calls: 1, reference, other });
    const report = (other: Float32Array, iou: number[]) =>
      parityReport({
        facts: [],
        outputs: [output(reference), output(other)],
        masks: { objects: [{ name: 'x', iou }] },
        thresholds: bounds,
        notes: [],
      });
    expect(report(reference, [1, 1]).verdict).toBe('PASS');
    expect(
      report(
        reference.map((value) => value * 1.03),
        [1, 1],
      ).verdict,
    ).toBe('FAIL');
    expect(report(reference, [1, 0.9]).verdict).toBe('FAIL');
  });

  it('nothing that was not checked counts as passed', () => {
    const report = (masks: number[] | null, thresholds: ParityThresholds) =>
      parityReport({
        facts: [],
        outputs: [{ graph: 'g', output: 'o', calls: 1, reference, other: reference }],
        masks: masks === null ? null : { objects: [{ name: 'x', iou: masks }] },
        thresholds,
        notes: [],
      });
    const none = 'No bound was checked, so there is no verdict.';
    const noMasks = 'These packs make no masks: the bound on mask IoU was not checked.';
    expect(report([1], off)).toMatchObject({ verdict: null, notes: [none] });
    expect(report(null, { ...off, maskIou: 0.99 })).toMatchObject({ verdict: null, notes: [noMasks, none] });
    expect(report(null, bounds)).toMatchObject({ verdict: 'PASS', notes: [noMasks] });
  });
});
