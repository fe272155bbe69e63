/**
 * Compares the evaluation core with the metric fixtures. Every function returns the mismatches it found, so that mutants of the
 * core can be shown to fail. Tolerances follow the fixtures' READMEs.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PNG } from 'pngjs';
import type * as Evaluation from '../../src-main/core/evaluation/index.ts';
import { type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';

export type Api = typeof Evaluation;
export const METRICS_ROOT = path.resolve(import.meta.dirname, '../../../shared/fixtures/metrics');
export const haveMetrics = existsSync(path.join(METRICS_ROOT, 'README.md'));

/** Fixture JSON is trusted test data of many shapes. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Json = any;

/** Read once: the suite compares some seventy mutants with the same inputs. Callers do not change what they get. */
const cache = new Map<string, Json>();
function once<T>(key: string, read: () => T): T {
  if (!cache.has(key)) cache.set(key, read());
  return cache.get(key);
}

function readJson(...parts: string[]): Json {
  return once(parts.join('/'), () => JSON.parse(readFileSync(path.join(METRICS_ROOT, ...parts), 'utf8')));
}

/** Collects differences under a path-like label. */
class Differences {
  readonly found: string[] = [];

  near(label: string, actual: number | null | undefined, expected: number | null, tolerance: number): void {
    const same =
      actual === expected ||
      (typeof actual === 'number' && typeof expected === 'number' && Math.abs(actual - expected) <= tolerance);
    if (!same) this.found.push(`${label}: ${actual} instead of ${expected}`);
  }

  nearAll(
    label: string,
    actual: readonly (number | null)[],
    expected: readonly (number | null)[],
    tolerance: number,
  ): void {
    this.near(`${label}.length`, actual.length, expected.length, 0);
    expected.forEach((value, at) => {
      this.near(`${label}[${at}]`, actual[at], value, tolerance);
    });
  }

  same(label: string, actual: unknown, expected: unknown): void {
    const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (a !== b) this.found.push(`${label}: ${a?.slice(0, 80)} instead of ${b?.slice(0, 80)}`);
  }
}

/** Row-major bits, least significant first. */
function maskFromBits(bits: { shape: [number, number]; base64: string }): RleMask {
  return once(`${bits.shape}:${bits.base64}`, () => {
    const [height, width] = bits.shape;
    const bytes = Buffer.from(bits.base64, 'base64');
    const bitmap = Uint8Array.from({ length: width * height }, (_, at) => (bytes[at >> 3] >> (at & 7)) & 1);
    return rleFromBitmap(bitmap, width, height);
  });
}

export function compareRle(api: Api): string[] {
  const differences = new Differences();
  const { cases, operations } = readJson('rle', 'rle.json');
  for (const item of cases) {
    const mask = maskFromBits(item.mask);
    const size = [item.height, item.width] as const;
    differences.same(`${item.name}.uncompressed`, api.cocoCountsFromMask(mask), item.uncompressed);
    differences.same(`${item.name}.counts`, api.cocoRleFromMask(mask), { size, counts: item.counts });
    differences.same(`${item.name}.read`, api.maskFromCocoRle({ size, counts: item.counts }), mask);
    differences.same(`${item.name}.readPlain`, api.maskFromCocoRle({ size, counts: item.uncompressed }), mask);
    differences.same(`${item.name}.area`, api.spansFromMask(mask).area, item.area);
    differences.same(`${item.name}.box`, api.cocoBoxFromMask(mask), item.bboxXywh);
  }
  operations.forEach((item: Json, at: number) => {
    const detections = item.detections.map(api.maskFromCocoRle);
    const truths = item.groundTruth.map(api.maskFromCocoRle);
    const crowd = item.crowd.map(Boolean);
    const iou = api.cocoMaskIou(detections.map(api.spansFromMask), truths.map(api.spansFromMask), crowd);
    differences.nearAll(`operation ${at}.iou`, iou.flat(), item.iou.flat(), 1e-12);
    const boxIou = api.cocoBoxIou(item.boxesDetections, item.boxesGroundTruth, crowd);
    differences.nearAll(`operation ${at}.boxIou`, boxIou.flat(), item.boxIou.flat(), 1e-12);
    for (const mode of ['union', 'intersection'] as const) {
      const merged = api.cocoRleFromMask(api.mergeMasks(detections, mode)).counts;
      differences.same(`operation ${at}.${mode}`, merged, item[mode]);
    }
  });
  return differences.found;
}

/** Frames stacked vertically in one 8-bit label image -> masks by object id, frame by frame. */
function readLabelFrames(file: string, width: number, height: number, frames: number): Map<number, RleMask>[] {
  const png = PNG.sync.read(readFileSync(path.join(METRICS_ROOT, 'jf', file)));
  return Array.from({ length: frames }, (_, frame) => {
    const labels = Uint8Array.from({ length: width * height }, (_, at) => png.data[(frame * width * height + at) * 4]);
    const ids = [...new Set(labels)].filter((id) => id !== 0);
    return new Map(
      ids.map((id) => [
        id,
        rleFromBitmap(
          labels.map((label) => (label === id ? 1 : 0)),
          width,
          height,
        ),
      ]),
    );
  });
}

export function compareJf(api: Api): string[] {
  const differences = new Differences();
  for (const item of readJson('jf', 'jf.json').cases) {
    const { name, width, height, numFrames } = item;
    differences.same(`${name}.radius`, api.contourRadius(width, height), item.boundaryPixels);
    const truth = once(item.gt, () => readLabelFrames(item.gt, width, height, numFrames));
    const prediction = once(item.pred, () => readLabelFrames(item.pred, width, height, numFrames));
    const scorer = new api.SequenceScorer(width, height);
    const margin = item.skipFirstAndLast ? 1 : 0;
    for (let at = margin; at < truth.length - margin; at++) scorer.addFrame(truth[at], prediction[at] ?? new Map());
    const score = scorer.finish();
    differences.same(
      `${name}.ids`,
      score.objects.map((object) => String(object.objectId)),
      Object.keys(item.objects),
    );
    for (const object of score.objects) {
      const expected = item.objects[object.objectId];
      const frames = item.perFrame[object.objectId];
      differences.near(`${name}.${object.objectId}.J`, object.j.mean * 100, expected.J, 1e-6);
      differences.near(`${name}.${object.objectId}.F`, object.f.mean * 100, expected.F, 1e-6);
      differences.near(`${name}.${object.objectId}.JF`, object.jf * 100, expected.JF, 1e-6);
      differences.nearAll(`${name}.${object.objectId}.J`, object.j.perFrame, frames.J, 1e-9);
      differences.nearAll(`${name}.${object.objectId}.F`, object.f.perFrame, frames.F, 1e-9);
    }
    const mean = score.mean;
    differences.near(`${name}.mean.J`, mean && mean.j * 100, item.mean.J ?? null, 1e-6);
    differences.near(`${name}.mean.F`, mean && mean.f * 100, item.mean.F ?? null, 1e-6);
    differences.near(`${name}.mean.JF`, mean && mean.jf * 100, item.mean.JF ?? null, 1e-6);
  }
  return differences.found;
}

const HOTA_KEYS: readonly (readonly [string, Evaluation.HotaMeasure])[] = [
  ['HOTA', 'hota'],
  ['DetA', 'detA'],
  ['AssA', 'assA'],
  ['DetRe', 'detRe'],
  ['DetPr', 'detPr'],
  ['AssRe', 'assRe'],
  ['AssPr', 'assPr'],
  ['LocA', 'locA'],
  ['OWTA', 'owta'],
];

function readTracking(item: Json): { truth: Map<number, RleMask>[]; prediction: Map<number, RleMask>[] } {
  const frames = (list: Json[][]) =>
    list.map((objects) => new Map(objects.map((object) => [object.id as number, maskFromBits(object.mask)])));
  return { truth: frames(item.gt), prediction: frames(item.pred) };
}

export function compareHota(api: Api): string[] {
  const differences = new Differences();
  const { alphas, cases, combined } = readJson('tracking', 'tracking.json');
  differences.same('alphas', api.HOTA_ALPHAS, alphas);
  const scores = new Map<string, Evaluation.HotaScore>();
  for (const item of cases) {
    const { truth, prediction } = readTracking(item);
    const frames = api.trackingFramesFromMasks(truth, prediction);
    frames.forEach((frame, at) => {
      differences.nearAll(`${item.name}.similarity ${at}`, frame.similarity.flat(), item.similarity[at].flat(), 1e-12);
    });
    const score = api.scoreHota(frames);
    scores.set(item.name, score);
    for (const [key, measure] of HOTA_KEYS) {
      differences.near(`${item.name}.${key}`, score.mean[measure], item.expected.mean[key], 1e-9);
      differences.nearAll(`${item.name}.${key}`, score.perAlpha[measure], item.expected.perAlpha[key], 1e-9);
    }
    for (const count of ['tp', 'fn', 'fp'] as const) {
      const expected = item.expected.perAlpha[`HOTA_${count.toUpperCase()}`];
      differences.nearAll(`${item.name}.${count}`, score.perAlpha[count], expected, 0);
    }
  }
  const pooled = api.combineHota(combined.cases.map((name: string) => scores.get(name)!));
  for (const [key, measure] of HOTA_KEYS) {
    differences.near(`combined.${key}`, pooled.mean[measure], combined.mean[key], 1e-9);
  }
  return differences.found;
}

/** pHOTA is HOTA over the pooled pairs: the fixture's ten pooled cases, as ten phrases, with a rejected track in each. */
export function comparePhota(api: Api): string[] {
  const differences = new Differences();
  const { cases, combined } = readJson('tracking', 'tracking.json');
  const pairs = cases
    .filter((item: Json) => combined.cases.includes(item.name))
    .map((item: Json): Evaluation.PhraseVideo => {
      const { truth, prediction } = readTracking(item);
      const ids = new Set(prediction.flatMap((masks) => [...masks.keys()]));
      const rejected = 10_000;
      for (const [frame, masks] of prediction.entries()) {
        for (const mask of truth[frame].values()) masks.set(rejected, mask);
      }
      const tracks = [...ids].map((trackId) => ({ trackId, score: 0.51 }));
      return {
        videoId: item.name,
        phrase: 'thing',
        truth,
        prediction,
        tracks: [...tracks, { trackId: rejected, score: 0.5 }],
      };
    });
  const { pooled } = api.scorePhota(pairs);
  for (const [key, measure] of HOTA_KEYS)
    differences.near(`pHOTA.${key}`, pooled.mean[measure], combined.mean[key], 1e-9);
  return differences.found;
}

export function compareIdentity(api: Api): string[] {
  const differences = new Differences();
  for (const item of readJson('tracking', 'tracking.json').cases) {
    const { truth, prediction } = readTracking(item);
    const score = api.scoreIdentity(api.trackingFramesFromMasks(truth, prediction));
    for (const key of ['IDTP', 'IDFN', 'IDFP', 'IDF1', 'IDR', 'IDP'] as const) {
      const actual = score[key.toLowerCase() as keyof typeof score];
      differences.near(`${item.name}.${key}`, actual, item.expected.identity[key], 1e-9);
    }
  }
  return differences.found;
}

export function compareClearMot(api: Api): string[] {
  const differences = new Differences();
  for (const item of readJson('tracking', 'tracking.json').cases) {
    const { truth, prediction } = readTracking(item);
    const score = api.scoreClearMot(api.trackingFramesFromMasks(truth, prediction));
    const { TP, FN, FP, IDSW, MOTA, MOTP } = item.expected.identity;
    differences.nearAll(
      item.name,
      [score.tp, score.fn, score.fp, score.idSwitches, score.mota, score.motp],
      [TP, FN, FP, IDSW, MOTA, MOTP],
      1e-9,
    );
  }
  return differences.found;
}

export function compareCoco(api: Api): string[] {
  const differences = new Differences();
  for (const file of readdirSync(path.join(METRICS_ROOT, 'coco')).filter((name) => name.endsWith('.json'))) {
    const item = readJson('coco', file);
    const truth = api.cocoGroundTruthFromJson(item.groundTruth);
    const detections = api.cocoDetectionsFromJson(item.detections);
    for (const [key, kind] of [
      ['segm', 'mask'],
      ['bbox', 'box'],
    ] as const) {
      const score = api.scoreCoco({ ...truth, detections }, kind);
      const e = item.expected[key];
      const defined = (value: number) => (value === -1 ? null : value);
      differences.nearAll(
        `${item.name}.${key}`,
        [score.ap, score.ap50, score.ap75, score.apSmall, score.apMedium, score.apLarge],
        [e.AP, e.AP50, e.AP75, e.APs, e.APm, e.APl].map(defined),
        1e-9,
      );
      differences.nearAll(
        `${item.name}.${key}.AR`,
        [score.ar1, score.ar10, score.ar100, score.arSmall, score.arMedium, score.arLarge],
        [e.AR1, e.AR10, e.AR100, e.ARs, e.ARm, e.ARl].map(defined),
        1e-9,
      );
      const perCategory = score.perCategory.map((category) => category.ap);
      differences.nearAll(`${item.name}.${key}.perCategory`, perCategory, e.perCategoryAP.map(defined), 1e-9);
      differences.nearAll(`${item.name}.${key}.perIou`, score.perIou, e.perIouAP.map(defined), 1e-9);
    }
  }
  return differences.found;
}

const CGF1_KEYS: readonly (readonly [string, keyof Evaluation.Cgf1Measures])[] = [
  ['cgF1', 'cgF1'],
  ['precision', 'precision'],
  ['recall', 'recall'],
  ['F1', 'f1'],
  ['positive_macro_F1', 'positiveMacroF1'],
  ['positive_micro_F1', 'positiveMicroF1'],
  ['positive_micro_precision', 'positiveMicroPrecision'],
];
const CGF1_COUNTS = [
  ['TPs', 'tp'],
  ['FPs', 'fp'],
  ['FNs', 'fn'],
  ['positive_micro_FPs', 'positiveMicroFp'],
] as const;
const IMAGE_LEVEL_KEYS = ['precision', 'recall', 'F1', 'FPR', 'MCC'] as const;

export function compareCgf1(api: Api): string[] {
  const differences = new Differences();
  for (const file of readdirSync(path.join(METRICS_ROOT, 'cgf1')).filter((name) => name.endsWith('.json'))) {
    const item = readJson('cgf1', file);
    const annotators = item.groundTruths.map(api.cocoGroundTruthFromJson);
    const predictions = api.cocoDetectionsFromJson(item.predictions);
    for (const [key, kind] of [
      ['segm', 'mask'],
      ['bbox', 'box'],
    ] as const) {
      const score = api.scoreCgf1(api.phrasePairsFromInstances(annotators, predictions, kind));
      const { summary, perIou, imageLevel } = item.expected[key];
      const label = `${item.name}.${key}`;
      for (const [theirs, ours] of CGF1_KEYS) {
        const defined = (value: number) => (theirs === 'positive_macro_F1' && value === -1 ? null : value);
        differences.near(`${label}.${theirs}`, score.mean[ours], defined(summary[theirs]), 1e-6);
        differences.near(`${label}.${theirs}@0.5`, score.at50[ours], defined(summary[`${theirs}@0.5`]), 1e-6);
        differences.near(`${label}.${theirs}@0.75`, score.at75[ours], defined(summary[`${theirs}@0.75`]), 1e-6);
        if (perIou[theirs] !== undefined) {
          const actual = score.perIou.map((value) => value[ours]);
          differences.nearAll(`${label}.perIou.${theirs}`, actual, perIou[theirs], 1e-6);
        }
      }
      for (const [theirs, ours] of CGF1_COUNTS) {
        const actual = score.perIou.map((value) => value[ours]);
        differences.nearAll(`${label}.${theirs}`, actual, perIou[theirs], 0);
      }
      for (const name of IMAGE_LEVEL_KEYS) {
        const actual = score.imageLevel[name.toLowerCase() as 'precision' | 'recall' | 'f1' | 'fpr' | 'mcc'];
        differences.near(`${label}.IL_${name}`, actual, imageLevel[`IL_${name}`], 1e-6);
      }
    }
  }
  return differences.found;
}
