import { z } from 'zod';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { maskFromCocoRle } from '../../../src-shared/mask/coco-rle.ts';
import { maskArea } from '../../../src-shared/mask/rle.ts';
import type { PhraseTruth } from './cgf1-pairs.ts';
import { type CocoBox, cocoBoxFromMask } from './coco-rle.ts';
import type { DetectedInstance, TruthInstance } from './instances.ts';

const rle = z.object({
  size: z.tuple([z.number(), z.number()]),
  counts: z.union([z.string(), z.array(z.number())]),
});
const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const truthFile = z.object({
  images: z.array(z.object({ id: z.number(), is_instance_exhaustive: z.boolean().default(true) })),
  categories: z.array(z.object({ id: z.number(), name: z.string() })),
  annotations: z.array(
    z.object({
      image_id: z.number(),
      category_id: z.number(),
      iscrowd: z.union([z.number(), z.boolean()]).default(0),
      area: z.number().optional(),
      bbox: box.optional(),
      segmentation: rle,
    }),
  ),
});
const detectionFile = z.array(
  z.object({
    image_id: z.number(),
    category_id: z.number(),
    score: z.number(),
    bbox: box.optional(),
    segmentation: rle,
  }),
);

/** A COCO ground-truth file, read. */
export interface CocoGroundTruth extends PhraseTruth {
  readonly categories: readonly { readonly id: number; readonly name: string }[];
}

/**
 * Reads the parsed JSON of a COCO ground-truth file with RLE masks (both forms). `area` and `bbox` default to the mask's.
 * Images are exhaustive unless the file says otherwise (SA-Co). Throws `file-unreadable` for another shape, `mask-corrupt` for
 * a damaged mask. Polygons are not read here.
 */
export function cocoGroundTruthFromJson(json: unknown): CocoGroundTruth {
  const file = parse(truthFile, json, 'ground-truth');
  const truths = file.annotations.map((annotation): TruthInstance => {
    const mask = maskFromCocoRle(annotation.segmentation);
    return {
      imageId: annotation.image_id,
      categoryId: annotation.category_id,
      mask,
      box: (annotation.bbox satisfies CocoBox | undefined) ?? cocoBoxFromMask(mask),
      area: annotation.area ?? maskArea(mask),
      crowd: Boolean(annotation.iscrowd),
    };
  });
  return {
    categories: file.categories,
    categoryIds: file.categories.map((category) => category.id),
    imageIds: file.images.map((image) => image.id),
    exhaustiveIds: file.images.filter((image) => image.is_instance_exhaustive).map((image) => image.id),
    truths,
  };
}

/** Reads the parsed JSON of a COCO results file with RLE masks. Errors as `cocoGroundTruthFromJson`. */
export function cocoDetectionsFromJson(json: unknown): DetectedInstance[] {
  return parse(detectionFile, json, 'results').map((detection) => ({
    imageId: detection.image_id,
    categoryId: detection.category_id,
    score: detection.score,
    mask: maskFromCocoRle(detection.segmentation),
    box: detection.bbox ?? null,
  }));
}

function parse<T extends z.ZodType>(schema: T, json: unknown, what: string): z.output<T> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new StudioError(
    'file-unreadable',
    'user',
    `This is not a COCO ${what} file with RLE masks: ${issue.path.join('.')}: ${issue.message}.`,
    { cause: result.error },
  );
}
