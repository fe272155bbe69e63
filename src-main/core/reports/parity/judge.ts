import type { ParityThresholds } from '../../../../src-shared/contract/report-contract.ts';
import type { TensorDifference } from './tensor-difference.ts';

/** One bound and how it went. */
export interface Check {
  readonly name: string;
  /** `cosine >= 0.999` */
  readonly rule: string;
  readonly value: number | null;
  readonly passed: boolean;
}

type TensorThreshold = Exclude<keyof ParityThresholds, 'maskIou'>;

const WORDS: Readonly<Record<TensorThreshold, { readonly name: string; readonly least: boolean }>> = {
  cosine: { name: 'cosine', least: true },
  meanAbsoluteError: { name: 'mean absolute error', least: false },
  maxAbsoluteError: { name: 'max absolute error', least: false },
  normRelativeError: { name: 'norm relative error', least: false },
  trimmedRelativeError: { name: 'trimmed mean relative error', least: false },
  agreement: { name: 'elements within 0.01', least: true },
};

/**
 * Each bound decides by itself: one that fails is never made good by another. A value that is undefined fails its bound, and so
 * does any element that is NaN on one side.
 */
export function judgeTensor(difference: TensorDifference, thresholds: ParityThresholds): Check[] {
  const checks = (Object.keys(WORDS) as TensorThreshold[]).flatMap((key) => {
    const bound = thresholds[key];
    return bound === null ? [] : [check(WORDS[key].name, difference[key], bound, WORDS[key].least)];
  });
  if (difference.brokenCount === 0) return checks;
  return [...checks, { name: 'finite', rule: 'no NaN or infinity', value: difference.brokenCount, passed: false }];
}

export function judgeMaskIou(iou: number | null, thresholds: ParityThresholds): Check[] {
  return thresholds.maskIou === null ? [] : [check('mean mask IoU', iou, thresholds.maskIou, true)];
}

function check(name: string, value: number | null, bound: number, least: boolean): Check {
  const passed = value !== null && (least ? value >= bound : value <= bound);
  return { name, rule: `${name} ${least ? '>=' : '<='} ${bound}`, value, passed };
}
