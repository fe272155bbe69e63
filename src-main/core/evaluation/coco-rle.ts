import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { maskBox, type RleMask, RleWriter } from '../../../src-shared/mask/rle.ts';
import { intersectionArea, type MaskSpans, requireSameSize, spansFromMask } from './mask-spans.ts';

/** x, y of the top-left corner, width, height, in pixels. */
export type CocoBox = readonly [number, number, number, number];

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
