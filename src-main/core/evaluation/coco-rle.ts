import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { maskBox, type RleMask, RleWriter } from '../../../src-shared/mask/rle.ts';
import { compressCounts, damaged, decompressCounts } from './coco-counts.ts';
import { intersectionArea, type MaskSpans, requireSameSize, spansFromMask } from './mask-spans.ts';
import { transposeRuns } from './transpose-runs.ts';

/** A mask as COCO files carry it: `size` is [height, width]; `counts` runs down the columns and starts with background. */
export interface CocoRle {
  readonly size: readonly [number, number];
  /** Compressed text or plain run lengths. */
  readonly counts: string | readonly number[];
}

/** The form COCO files and pycocotools exchange. */
export interface CompressedCocoRle {
  readonly size: readonly [number, number];
  readonly counts: string;
}

/** x, y of the top-left corner, width, height, in pixels. */
export type CocoBox = readonly [number, number, number, number];

/** What core/video accepts. A small hostile text can describe stripes that cost 8 bytes a pixel to turn: 800 MB at most. */
const MAX_PIXELS = 100_000_000;

/** Column-major run lengths, first run background (may be 0). Same numbers as pycocotools for the same mask. */
export function cocoCountsFromMask(mask: RleMask): number[] {
  requirePixels(mask.width, mask.height);
  const toggles = transposeRuns(spansFromMask(mask).runs, mask.width, mask.height);
  const counts: number[] = [];
  let position = 0;
  for (const toggle of toggles) {
    counts.push(toggle - position);
    position = toggle;
  }
  counts.push(mask.width * mask.height - position);
  return counts;
}

/** The compressed COCO form; identical text to pycocotools `encode`. */
export function cocoRleFromMask(mask: RleMask): CompressedCocoRle {
  return { size: [mask.height, mask.width], counts: compressCounts(cocoCountsFromMask(mask)) };
}

/**
 * Reads either COCO form. Empty runs inside are legal and merge away. Throws `mask-corrupt` when the runs do not fill the size
 * exactly or the size is not a positive whole number of at most 100 million pixels.
 */
export function maskFromCocoRle(rle: CocoRle): RleMask {
  const [height, width] = rle.size;
  const pixels = requirePixels(width, height);
  const counts = typeof rle.counts === 'string' ? decompressCounts(rle.counts, pixels) : rle.counts;
  const toggles = transposeRuns(foregroundRuns(counts, pixels), height, width);
  const writer = new RleWriter(width, height);
  let position = 0;
  let value = 0;
  for (const toggle of toggles) {
    writer.push(value, toggle - position);
    position = toggle;
    value = 1 - value;
  }
  writer.push(value, pixels - position);
  return writer.finish();
}

function foregroundRuns(counts: readonly number[], pixels: number): number[] {
  const runs: number[] = [];
  let position = 0;
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index];
    if (!Number.isInteger(count) || count < 0 || position + count > pixels) throw damaged();
    if (index % 2 === 1 && count > 0) {
      if (runs.length > 0 && runs[runs.length - 1] === position) runs[runs.length - 1] += count;
      else runs.push(position, position + count);
    }
    position += count;
  }
  if (position !== pixels) throw damaged();
  return runs;
}

function requirePixels(width: number, height: number): number {
  const pixels = width * height;
  if (Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0 && pixels <= MAX_PIXELS)
    return pixels;
  throw new StudioError(
    'mask-corrupt',
    'user',
    `A mask cannot be ${width}x${height}; sizes are whole, positive and at most 100 million pixels.`,
  );
}

/** Tight box; [0, 0, 0, 0] for an empty mask, as pycocotools `toBbox`. */
export function cocoBoxFromMask(mask: RleMask): CocoBox {
  const box = maskBox(mask);
  return box === null ? [0, 0, 0, 0] : [box.x, box.y, box.width, box.height];
}

/** Union or intersection of at least one mask, all of one size. Throws `mask-corrupt` when sizes differ. */
export function mergeMasks(masks: readonly RleMask[], mode: 'union' | 'intersection'): RleMask {
  if (masks.length === 0) throw new StudioError('internal', 'bug', 'No mask was given to merge.');
  const needed = mode === 'union' ? 1 : masks.length;
  const deltas: { readonly at: number; readonly step: number }[] = [];
  for (const mask of masks) {
    requireSameSize(masks[0], mask);
    const { runs } = spansFromMask(mask);
    for (let at = 0; at < runs.length; at += 2) deltas.push({ at: runs[at], step: 1 }, { at: runs[at + 1], step: -1 });
  }
  deltas.sort((a, b) => a.at - b.at);
  const writer = new RleWriter(masks[0].width, masks[0].height);
  let covered = 0;
  let position = 0;
  for (const { at, step } of deltas) {
    writer.push(covered >= needed ? 1 : 0, at - position);
    position = at;
    covered += step;
  }
  writer.push(0, masks[0].width * masks[0].height - position);
  return writer.finish();
}

/**
 * IoU of every detection (rows) with every ground truth (columns). In a crowd column the union is the detection's own area: a
 * detection inside a crowd is not punished for covering a part of it. No shared pixel gives 0, two empty masks included.
 * Source: pycocotools maskApi.c, rleIou.
 */
export function cocoMaskIou(
  detections: readonly MaskSpans[],
  truths: readonly MaskSpans[],
  crowd: readonly boolean[],
): number[][] {
  return detections.map((detection) =>
    truths.map((truth, column) => {
      const shared = intersectionArea(detection, truth);
      if (shared === 0) return 0;
      return shared / (crowd[column] ? detection.area : detection.area + truth.area - shared);
    }),
  );
}

/** The same for boxes. Source: pycocotools maskApi.c, bbIou. */
export function cocoBoxIou(
  detections: readonly CocoBox[],
  truths: readonly CocoBox[],
  crowd: readonly boolean[],
): number[][] {
  return detections.map((detection) =>
    truths.map((truth, column) => {
      const width = Math.min(detection[0] + detection[2], truth[0] + truth[2]) - Math.max(detection[0], truth[0]);
      const height = Math.min(detection[1] + detection[3], truth[1] + truth[3]) - Math.max(detection[1], truth[1]);
      if (width <= 0 || height <= 0) return 0;
      const shared = width * height;
      const own = detection[2] * detection[3];
      return shared / (crowd[column] ? own : own + truth[2] * truth[3] - shared);
    }),
  );
}
