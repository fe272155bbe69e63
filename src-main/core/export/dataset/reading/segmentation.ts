import { z } from 'zod';
import { StudioError } from '../../../../../src-shared/errors/studio-error.ts';
import type { Size } from '../../../../../src-shared/geometry/geometry.ts';
import { type CocoRle, cocoRleSchema, maskFromCocoRle } from '../../../../../src-shared/mask/coco-rle.ts';
import { maskFromRings } from '../../../../../src-shared/mask/mask-from-rings.ts';
import type { RleMask } from '../../../../../src-shared/mask/rle.ts';
import type { ReadShape } from '../dataset-format.ts';

const polygons = z.array(z.array(z.number()));
const box = z.tuple([z.number(), z.number(), z.number().nonnegative(), z.number().nonnegative()]);

/** What stands for an object in COCO files: run lengths of either form, polygons, or the box when there is no mask. */
export const segmentationSchema = z.union([cocoRleSchema, polygons]).nullable().optional();
export const boxSchema = box.nullable().optional();

/**
 * The shape of a COCO annotation; null when it has none. Throws `mask-corrupt` for a damaged mask and for one of another size
 * than the video.
 */
export function shapeFromCoco(
  segmentation: z.output<typeof segmentationSchema>,
  bbox: z.output<typeof boxSchema>,
  size: Size,
): ReadShape | null {
  if (segmentation && 'counts' in segmentation) return { kind: 'mask', mask: maskOfSize(segmentation, size) };
  const rings = segmentation?.filter((ring) => ring.length >= 6 && ring.length % 2 === 0) ?? [];
  if (rings.length > 0) return { kind: 'mask', mask: maskFromRings(rings, size.width, size.height) };
  if (!bbox || bbox[2] === 0 || bbox[3] === 0) return null;
  return { kind: 'box', box: { x: bbox[0], y: bbox[1], width: bbox[2], height: bbox[3] } };
}

/** The mask of COCO run lengths; throws `prompt-invalid` when its size is not the video's. */
export function maskOfSize(rle: CocoRle, size: Size): RleMask {
  const [height, width] = rle.size;
  if (width !== size.width || height !== size.height) {
    throw new StudioError(
      'prompt-invalid',
      'user',
      `A mask is ${width}x${height}, the video is ${size.width}x${size.height}; export it at the video's size.`,
    );
  }
  return maskFromCocoRle(rle);
}
