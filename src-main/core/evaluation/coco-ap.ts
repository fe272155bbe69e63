import {
  type AreaRange,
  compareImageCategory,
  type ImageCategory,
  type MatchResult,
  matchInstances,
} from './coco-match.ts';
import type { DetectedInstance, OverlapKind, TruthInstance } from './instances.ts';
import { AT_50, AT_75, IOU_THRESHOLDS } from './iou-thresholds.ts';
import { mean } from './mean.ts';

/** What is evaluated: detections on other images or of other categories are left out. */
export interface CocoTask {
  readonly imageIds: readonly number[];
  readonly categoryIds: readonly number[];
  readonly truths: readonly TruthInstance[];
  readonly detections: readonly DetectedInstance[];
}

/** The twelve COCO numbers, 0..1; null where no ground truth defines them (pycocotools prints -1). */
export interface CocoScore {
  readonly ap: number | null;
  readonly ap50: number | null;
  readonly ap75: number | null;
  readonly apSmall: number | null;
  readonly apMedium: number | null;
  readonly apLarge: number | null;
  /** Recall with at most 1, 10, 100 detections an image and category. */
  readonly ar1: number | null;
  readonly ar10: number | null;
  readonly ar100: number | null;
  readonly arSmall: number | null;
  readonly arMedium: number | null;
  readonly arLarge: number | null;
  /** Over all sizes, 100 detections. */
  readonly perCategory: readonly { readonly categoryId: number; readonly ap: number | null }[];
  /** One AP per threshold of 0.50:0.05:0.95, over all sizes, 100 detections. */
  readonly perIou: readonly (number | null)[];
}

/** An image and category; AR is also given for 1 and 10. */
const MAX_DETECTIONS = 100;
const AREA_RANGES: Readonly<Record<'all' | 'small' | 'medium' | 'large', AreaRange>> = {
  all: { min: 0, max: 1e10 },
  small: { min: 0, max: 32 ** 2 },
  medium: { min: 32 ** 2, max: 96 ** 2 },
  large: { min: 96 ** 2, max: 1e10 },
};
const RECALL_POINTS = 101;

/** Precision at the recall points and final recall of one category, per IoU threshold; null without counted ground truth. */
interface Curve {
  readonly precision: readonly Float64Array[];
  readonly recall: readonly number[];
}

/**
 * COCO AP and AR of masks or boxes with pycocotools' matching: 101-point interpolated precision, IoU 0.50:0.05:0.95, at most
 * 100 detections an image and category, mean over categories that have ground truth.
 * Source: pycocotools cocoeval.py (accumulate, summarize).
 */
export function scoreCoco(task: CocoTask, kind: OverlapKind): CocoScore {
  const categories = comparePairs(task, kind);
  const all = curvesOf(categories, AREA_RANGES.all);
  const small = curvesOf(categories, AREA_RANGES.small).at100;
  const medium = curvesOf(categories, AREA_RANGES.medium).at100;
  const large = curvesOf(categories, AREA_RANGES.large).at100;
  return {
    ap: averagePrecision(all.at100),
    ap50: averagePrecision(all.at100, AT_50),
    ap75: averagePrecision(all.at100, AT_75),
    apSmall: averagePrecision(small),
    apMedium: averagePrecision(medium),
    apLarge: averagePrecision(large),
    ar1: averageRecall(all.at1),
    ar10: averageRecall(all.at10),
    ar100: averageRecall(all.at100),
    arSmall: averageRecall(small),
    arMedium: averageRecall(medium),
    arLarge: averageRecall(large),
    perCategory: categories.map(({ categoryId }, at) => ({ categoryId, ap: averagePrecision([all.at100[at]]) })),
    perIou: IOU_THRESHOLDS.map((_, threshold) => averagePrecision(all.at100, threshold)),
  };
}

interface Category {
  readonly categoryId: number;
  /** Images that have a ground truth or a detection of the category, by ascending id. */
  readonly images: readonly ImageCategory[];
}

/** Overlaps are the expensive part: taken once per image and category, whatever the number of size ranges. */
function comparePairs(task: CocoTask, kind: OverlapKind): Category[] {
  const key = (instance: { readonly imageId: number; readonly categoryId: number }) =>
    `${instance.categoryId}/${instance.imageId}`;
  const truths = Map.groupBy(task.truths, key);
  const detections = Map.groupBy(task.detections, key);
  const imageIds = sortedIds(task.imageIds);
  return sortedIds(task.categoryIds).map((categoryId) => {
    const images: ImageCategory[] = [];
    for (const imageId of imageIds) {
      const pairKey = key({ imageId, categoryId });
      const found = detections.get(pairKey) ?? [];
      const wanted = truths.get(pairKey) ?? [];
      if (found.length + wanted.length > 0) images.push(compareImageCategory(found, wanted, kind, MAX_DETECTIONS));
    }
    return { categoryId, images };
  });
}

function sortedIds(ids: readonly number[]): number[] {
  return [...new Set(ids)].sort((a, b) => a - b);
}

/** Curves of every category in one size range, with at most 1, 10 and 100 detections. */
function curvesOf(categories: readonly Category[], range: AreaRange) {
  const results = categories.map(({ images }) => images.map((image) => matchInstances(image, range)));
  return {
    at1: results.map((matches) => accumulate(matches, 1)),
    at10: results.map((matches) => accumulate(matches, 10)),
    at100: results.map((matches) => accumulate(matches, MAX_DETECTIONS)),
  };
}

function accumulate(matches: readonly MatchResult[], limit: number): Curve | null {
  const counted = matches.reduce((total, match) => total + match.countedTruths, 0);
  if (counted === 0) return null;
  const ranked = matches
    .flatMap((match) => match.scores.slice(0, limit).map((score, at) => ({ match, score, at })))
    .sort((a, b) => b.score - a.score);
  const precision: Float64Array[] = [];
  const recall: number[] = [];
  for (let threshold = 0; threshold < IOU_THRESHOLDS.length; threshold++) {
    let tp = 0;
    let fp = 0;
    const recalls: number[] = [];
    const precisions: number[] = [];
    for (const { match, at } of ranked) {
      if (!match.ignored[threshold][at]) {
        if (match.matched[threshold][at]) tp++;
        else fp++;
      }
      recalls.push(tp / counted);
      precisions.push(tp / (fp + tp + Number.EPSILON));
    }
    precision.push(interpolate(recalls, precisions));
    recall.push(tp / counted);
  }
  return { precision, recall };
}

/** Precision made monotone from the right, read at the recall points; 0 beyond the recall that was reached. */
function interpolate(recalls: readonly number[], precisions: number[]): Float64Array {
  for (let at = precisions.length - 1; at > 0; at--) precisions[at - 1] = Math.max(precisions[at - 1], precisions[at]);
  const points = new Float64Array(RECALL_POINTS);
  let at = 0;
  for (let point = 0; point < RECALL_POINTS; point++) {
    while (at < recalls.length && recalls[at] < point * 0.01) at++;
    if (at === recalls.length) break;
    points[point] = precisions[at];
  }
  return points;
}

/** Mean over categories with ground truth and over the thresholds (or the one given); null when there are none. */
function averagePrecision(curves: readonly (Curve | null)[], threshold?: number): number | null {
  const points = curves.flatMap((curve) => {
    if (curve === null) return [];
    return threshold === undefined ? curve.precision.map(mean) : [mean(curve.precision[threshold])];
  });
  return points.length === 0 ? null : mean(points);
}

function averageRecall(curves: readonly (Curve | null)[]): number | null {
  const recalls = curves.flatMap((curve) => curve?.recall ?? []);
  return recalls.length === 0 ? null : mean(recalls);
}
