import type { ReportCell, ReportTable } from '../../../../src-shared/contract/report-results.ts';
import { type Cgf1Score, scoreCgf1 } from '../cgf1.ts';
import { phrasePairsFromInstances } from '../cgf1-pairs.ts';
import { type CocoScore, scoreCoco } from '../coco-ap.ts';
import type { CocoGroundTruth } from '../coco-json.ts';
import type { DetectedInstance } from '../instances.ts';
import type { PhraseScore } from '../score-phrases.ts';

const percent = (value: number | null) => (value === null ? null : value * 100);

export interface CocoSections {
  readonly sections: readonly ReportTable[];
  readonly data: {
    readonly mask: CocoScore;
    readonly box: CocoScore;
    readonly cgf1: { readonly mask: Cgf1Score; readonly box: Cgf1Score } | null;
  };
}

/**
 * COCO AP and AR of masks and boxes over `imageIds` (default: every image of the ground truth, those without a detection too);
 * cgF1 where the ground truth is a phrase benchmark.
 */
export function describeCoco(
  truth: CocoGroundTruth,
  detections: readonly DetectedInstance[],
  imageIds: readonly number[] = truth.imageIds,
): CocoSections {
  const task = { ...truth, imageIds, detections };
  const mask = scoreCoco(task, 'mask');
  const box = scoreCoco(task, 'box');
  const cgf1 = truth.phrases
    ? {
        mask: scoreCgf1(phrasePairsFromInstances([truth], detections, 'mask')),
        box: scoreCgf1(phrasePairsFromInstances([truth], detections, 'box')),
      }
    : null;
  const sections = [apTable(mask, box), categoryTable(truth, mask, box)];
  if (cgf1 !== null)
    sections.push(
      cgf1Table([
        ['mask', cgf1.mask],
        ['box', cgf1.box],
      ]),
    );
  return { sections, data: { mask, box, cgf1 } };
}

function apTable(mask: CocoScore, box: CocoScore): ReportTable {
  const row = (name: string, score: CocoScore): ReportCell[] => [
    name,
    ...[score.ap, score.ap50, score.ap75, score.apSmall, score.apMedium, score.apLarge].map(percent),
    ...[score.ar1, score.ar10, score.ar100, score.arSmall, score.arMedium, score.arLarge].map(percent),
  ];
  const names = [
    'AP',
    'AP50',
    'AP75',
    'AP small',
    'AP medium',
    'AP large',
    'AR@1',
    'AR@10',
    'AR@100',
    'AR small',
    'AR medium',
    'AR large',
  ];
  return {
    kind: 'table',
    title: 'COCO (x100)',
    columns: [{ name: '' }, ...names.map((name) => ({ name, digits: 1 }))],
    rows: [row('masks', mask), row('boxes', box)],
  };
}

function categoryTable(truth: CocoGroundTruth, mask: CocoScore, box: CocoScore): ReportTable {
  const names = new Map(truth.categories.map(({ id, name }) => [id, name]));
  return {
    kind: 'table',
    title: 'AP by category (x100)',
    columns: [{ name: 'category' }, { name: 'mask AP', digits: 1 }, { name: 'box AP', digits: 1 }],
    rows: mask.perCategory.map(({ categoryId, ap }, at) => [
      names.get(categoryId) ?? String(categoryId),
      percent(ap),
      percent(box.perCategory[at].ap),
    ]),
  };
}

/** cgF1 and its parts, one row a kind of overlap. */
export function cgf1Table(scores: readonly (readonly [string, Cgf1Score])[]): ReportTable {
  return {
    kind: 'table',
    title: 'cgF1 (x100)',
    columns: [
      { name: '' },
      ...['cgF1', 'cgF1@0.5', 'cgF1@0.75', 'pmF1', 'IL MCC', 'IL F1', 'precision', 'recall'].map((name) => ({
        name,
        digits: 1,
      })),
    ],
    rows: scores.map(([name, { mean, at50, at75, imageLevel }]) => [
      name,
      ...[
        mean.cgF1,
        at50.cgF1,
        at75.cgF1,
        mean.positiveMicroF1,
        imageLevel.mcc,
        imageLevel.f1,
        mean.precision,
        mean.recall,
      ].map(percent),
    ]),
  };
}

/** pHOTA and video cgF1. */
export function phraseTables({ phota, cgf1 }: PhraseScore): ReportTable[] {
  const { mean } = phota.pooled;
  return [
    {
      kind: 'table',
      title: 'pHOTA (x100)',
      columns: ['pHOTA', 'pDetA', 'pAssA', 'pLocA'].map((name) => ({ name, digits: 1 })),
      rows: [[mean.hota, mean.detA, mean.assA, mean.locA].map(percent)],
    },
    cgf1Table([['tubes', cgf1]]),
  ];
}
