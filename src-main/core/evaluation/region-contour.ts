import type { RleMask } from '../../../src-shared/mask/rle.ts';
import { type BitRows, bitRowsFromMask, countBits, countCommonBits, dilateByDisk, emptyBitRows } from './bit-rows.ts';
import { intersectionArea, requireSameSize, spansFromMask } from './mask-spans.ts';

/** J (region similarity) and F (contour accuracy) of one mask, both 0..1. */
export interface RegionContour {
  readonly j: number;
  readonly f: number;
}

/** Tolerance of the contour measure in pixels: ceil(tolerance * diagonal); 8 at 854x480. */
export function contourRadius(width: number, height: number, tolerance = 0.008): number {
  return Math.ceil(tolerance * Math.sqrt(width * width + height * height));
}

/** J = |P & G| / |P | G|; two empty masks give 1. Throws `mask-corrupt` when the sizes differ. */
export function regionSimilarity(prediction: RleMask, truth: RleMask): number {
  const a = spansFromMask(prediction);
  const b = spansFromMask(truth);
  const shared = intersectionArea(a, b);
  const union = a.area + b.area - shared;
  return union === 0 ? 1 : shared / union;
}

/**
 * F = harmonic mean of contour precision and recall within `radius` pixels. Both contours empty give 1, one of them 0.
 * Source: sam2 sav_dataset/utils/sav_benchmark.py, Evaluator.feed_frame (DAVIS 2017 f_boundary).
 */
export function contourAccuracy(
  prediction: RleMask,
  truth: RleMask,
  radius = contourRadius(truth.width, truth.height),
): number {
  requireSameSize(prediction, truth);
  const ours = contourOf(bitRowsFromMask(prediction));
  const theirs = contourOf(bitRowsFromMask(truth));
  const ourLength = countBits(ours);
  const theirLength = countBits(theirs);
  if (ourLength === 0 || theirLength === 0) return ourLength === theirLength ? 1 : 0;
  const precision = countCommonBits(ours, dilateByDisk(theirs, radius)) / ourLength;
  const recall = countCommonBits(theirs, dilateByDisk(ours, radius)) / theirLength;
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}

/** J and F of one frame; `radius` as `contourRadius` gives it. */
export function regionContour(prediction: RleMask, truth: RleMask, radius?: number): RegionContour {
  return { j: regionSimilarity(prediction, truth), f: contourAccuracy(prediction, truth, radius) };
}

/**
 * A pixel is contour when it differs from its right, lower or lower-right neighbour; the last row looks only to the right, the
 * last column only down, the bottom-right corner never. Source: sav_benchmark.py, _seg2bmap.
 */
function contourOf(mask: BitRows): BitRows {
  const { width, height, wordsPerRow, words } = mask;
  const contour = emptyBitRows(width, height);
  const lastWord = wordsPerRow - 1;
  const lastColumn = 1 << ((width - 1) & 31);
  for (let y = 0; y < height; y++) {
    const base = y * wordsPerRow;
    const hasLower = y + 1 < height;
    for (let at = 0; at < wordsPerRow; at++) {
      const own = words[base + at];
      const right = (own >>> 1) | (at < lastWord ? words[base + at + 1] << 31 : 0);
      const below = hasLower ? words[base + wordsPerRow + at] : own;
      const belowNext = hasLower && at < lastWord ? words[base + wordsPerRow + at + 1] << 31 : 0;
      const belowRight = hasLower ? (below >>> 1) | belowNext : own;
      contour.words[base + at] = (own ^ right) | (own ^ below) | (own ^ belowRight);
    }
    const own = words[base + lastWord];
    const below = hasLower ? words[base + wordsPerRow + lastWord] : own;
    contour.words[base + lastWord] = (contour.words[base + lastWord] & ~lastColumn) | ((own ^ below) & lastColumn);
  }
  return contour;
}
