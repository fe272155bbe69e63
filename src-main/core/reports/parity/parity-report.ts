import type { ParityThresholds } from '../../../../src-shared/contract/report-contract.ts';
import type { Report, ReportPlot, ReportTable } from '../../../../src-shared/contract/report-results.ts';
import { type Check, judgeMaskIou, judgeTensor } from './judge.ts';
import { type TensorDifference, tensorDifference } from './tensor-difference.ts';

/** One output of one graph on the same inputs, every call appended. */
export interface ComparedOutput {
  readonly graph: string;
  readonly output: string;
  readonly calls: number;
  readonly reference: Float32Array;
  readonly other: Float32Array;
}

/** The masks of both sides on the same frames: tracked from the same click, or clicked on every frame where the packs do not track. */
export interface ComparedMasks {
  /** IoU by frame, one list an object; both empty is 1. */
  readonly objects: readonly { readonly name: string; readonly iou: readonly number[] }[];
}

export interface ParityMaterial {
  readonly facts: readonly (readonly [string, string])[];
  readonly outputs: readonly ComparedOutput[];
  /** Null: the packs make no masks. */
  readonly masks: ComparedMasks | null;
  readonly thresholds: ParityThresholds;
  readonly notes: readonly string[];
}

/**
 * Compares and judges: every graph's every output, then the masks at the end of the way. Without a bound that could be checked there
 * is no verdict.
 */
export function parityReport(material: ParityMaterial): Report {
  const { thresholds, masks } = material;
  const outputs = material.outputs.map(({ graph, output, calls, reference, other }) => {
    const difference = tensorDifference(reference, other);
    return { graph, output, calls, difference, checks: judgeTensor(difference, thresholds) };
  });
  const ious = masks?.objects.flatMap(({ iou }) => iou) ?? [];
  const meanIou = ious.length === 0 ? null : ious.reduce((sum, value) => sum + value, 0) / ious.length;
  const endChecks = masks === null ? [] : judgeMaskIou(meanIou, thresholds);
  const checks = [...outputs.flatMap((output) => output.checks), ...endChecks];
  return {
    format: 1,
    kind: 'parity',
    title: 'Parity',
    facts: material.facts,
    verdict: checks.length === 0 ? null : checks.every(({ passed }) => passed) ? 'PASS' : 'FAIL',
    sections: [
      differenceTable(outputs),
      checkTable(outputs, endChecks),
      ...(masks === null ? [] : [iouTable(masks), iouPlot(masks)]),
    ],
    notes: [
      ...material.notes,
      ...(masks === null && thresholds.maskIou !== null
        ? ['These packs make no masks: the bound on mask IoU was not checked.']
        : []),
      ...(checks.length === 0 ? ['No bound was checked, so there is no verdict.'] : []),
    ],
    data: { thresholds, outputs, masks: masks === null ? null : { meanIou, ...masks }, checks: endChecks },
  };
}

interface JudgedOutput {
  readonly graph: string;
  readonly output: string;
  readonly calls: number;
  readonly difference: TensorDifference;
  readonly checks: readonly Check[];
}

const percent = (value: number | null) => (value === null ? null : value * 100);

function differenceTable(outputs: readonly JudgedOutput[]): ReportTable {
  return {
    kind: 'table',
    title: 'Graph outputs',
    columns: [
      { name: 'graph' },
      { name: 'output' },
      { name: 'calls', digits: 0 },
      { name: 'numbers', digits: 0 },
      { name: 'range' },
      { name: 'cosine', digits: 6 },
      { name: 'max abs', digits: 5 },
      { name: 'mean abs', digits: 6 },
      { name: 'norm rel %', digits: 4 },
      { name: 'trimmed rel %', digits: 4 },
      { name: 'median rel %', digits: 4 },
      { name: 'within 0.01 %', digits: 2 },
      { name: 'verdict' },
    ],
    rows: outputs.map(({ graph, output, calls, difference, checks }) => [
      graph,
      output,
      calls,
      difference.count,
      difference.referenceRange.map((value) => Number(value.toPrecision(3))).join(' to '),
      difference.cosine,
      difference.maxAbsoluteError,
      difference.meanAbsoluteError,
      percent(difference.normRelativeError),
      percent(difference.trimmedRelativeError),
      percent(difference.medianRelativeError),
      percent(difference.agreement),
      verdictOf(checks),
    ]),
  };
}

/** Every bound: its worst output, so that a FAIL says where to look. */
function checkTable(outputs: readonly JudgedOutput[], endChecks: readonly Check[]): ReportTable {
  const named = [
    ...outputs.flatMap(({ graph, output, checks }) => checks.map((check) => ({ where: `${graph} ${output}`, check }))),
    ...endChecks.map((check) => ({ where: 'end to end', check })),
  ];
  const rows = [...Map.groupBy(named, ({ check }) => check.rule)].map(([rule, items]) => {
    const failed = items.filter(({ check }) => !check.passed);
    return [
      rule,
      items.length,
      failed.length,
      failed.map(({ where }) => where).join(', ') || '-',
      failed.length === 0 ? 'PASS' : 'FAIL',
    ];
  });
  return {
    kind: 'table',
    title: 'Bounds',
    columns: [
      { name: 'bound' },
      { name: 'checked', digits: 0 },
      { name: 'failed', digits: 0 },
      { name: 'where it failed' },
      { name: 'verdict' },
    ],
    rows,
  };
}

function verdictOf(checks: readonly Check[]): string {
  return checks.length === 0 ? '-' : checks.every(({ passed }) => passed) ? 'PASS' : 'FAIL';
}

function iouTable({ objects }: ComparedMasks): ReportTable {
  return {
    kind: 'table',
    title: 'End to end: IoU of the masks of both sides',
    columns: [
      { name: 'object' },
      { name: 'frames', digits: 0 },
      { name: 'mean IoU', digits: 5 },
      { name: 'lowest IoU', digits: 5 },
      { name: 'identical frames', digits: 0 },
    ],
    rows: objects.map(({ name, iou }) => [
      name,
      iou.length,
      iou.reduce((sum, value) => sum + value, 0) / iou.length,
      Math.min(...iou),
      iou.filter((value) => value === 1).length,
    ]),
  };
}

function iouPlot({ objects }: ComparedMasks): ReportPlot {
  return {
    kind: 'line',
    title: 'Mask IoU by frame',
    xLabel: 'frame',
    yLabel: 'IoU',
    yRange: [0, 1],
    xNames: null,
    series: objects.map(({ name, iou }) => ({ name, points: iou.map((value, frame) => [frame, value] as const) })),
  };
}
