import { z } from 'zod';
import type { Size } from '../../../../../src-shared/geometry/geometry.ts';
import { type CocoRle, cocoRleSchema, maskFromCocoRle } from '../../../../../src-shared/mask/coco-rle.ts';
import { maskFromRings } from '../../../../../src-shared/mask/mask-from-rings.ts';
import type { RleMask } from '../../../../../src-shared/mask/rle.ts';
import type { ReadShape } from '../dataset-format.ts';
import { otherSize, type PictureSize, pictureScale, scaledBox, scaledRings } from './picture-scale.ts';

const polygons = z.array(z.array(z.number()));
const box = z.tuple([z.number(), z.number(), z.number().nonnegative(), z.number().nonnegative()]);

/** What stands for an object in COCO files: run lengths of either form, polygons, or the box when there is no mask. */
export const segmentationSchema = z.union([cocoRleSchema, polygons]).nullable().optional();
/** An empty list is no box, as in results that have masks alone. */
export const boxSchema = z.union([box, z.tuple([]).transform(() => null)]).nullish();

/**
 * The shape of a COCO annotation of a picture of this size; null when it has none. Throws `mask-corrupt` for a damaged mask,
 * `prompt-invalid` for one of another size than the video and where `pictureScale` does.
 */
export function shapeFromCoco(
  segmentation: z.output<typeof segmentationSchema>,
  bbox: z.output<typeof boxSchema>,
  size: Size,
  picture: PictureSize,
): ReadShape | null {
  if (segmentation && 'counts' in segmentation) return { kind: 'mask', mask: maskOfSize(segmentation, size) };
  const rings = segmentation?.filter((ring) => ring.length >= 6 && ring.length % 2 === 0) ?? [];
  const noBox = !bbox || bbox[2] === 0 || bbox[3] === 0;
  if (rings.length === 0 && noBox) return null;
  const scale = pictureScale(picture, size);
  if (rings.length > 0)
    return { kind: 'mask', mask: maskFromRings(scaledRings(rings, scale), size.width, size.height) };
  return noBox
    ? null
    : { kind: 'box', box: scaledBox({ x: bbox[0], y: bbox[1], width: bbox[2], height: bbox[3] }, scale) };
}

/** The mask of COCO run lengths; throws `prompt-invalid` when its size is not the video's. */
export function maskOfSize(rle: CocoRle, size: Size): RleMask {
  const [height, width] = rle.size;
  if (width !== size.width || height !== size.height) {
    throw otherSize('A mask', { width, height }, size);
  }
  return maskFromCocoRle(rle);
}
