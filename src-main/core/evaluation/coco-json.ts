import { z } from 'zod';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { cocoRleSchema, maskFromCocoRle } from '../../../src-shared/mask/coco-rle.ts';
import { maskArea, type RleMask } from '../../../src-shared/mask/rle.ts';
import type { PhraseTruth } from './cgf1-pairs.ts';
import { maskFromPolygons } from './coco-polygon.ts';
import { type CocoBox, cocoBoxFromMask } from './coco-rle.ts';
import type { DetectedInstance, TruthInstance } from './instances.ts';
import { named } from './sources/read-failure.ts';

export const cocoBoxSchema = z.tuple([z.number(), z.number(), z.number(), z.number()]);
/** An empty list is no box, as in pycocotools `loadRes`. */
const givenBox = z.union([cocoBoxSchema, z.tuple([]).transform(() => undefined)]).optional();
const shape = z.union([cocoRleSchema, z.array(z.array(z.number()))]);
const imageSchema = z.object({
  id: z.number(),
  width: z.number().optional(),
  height: z.number().optional(),
  file_name: z.string().optional(),
  is_instance_exhaustive: z.boolean().optional(),
});
const truthFile = z.object({
  images: z.array(imageSchema),
  categories: z.array(z.object({ id: z.number(), name: z.string() })),
  annotations: z.array(
    z.object({
      id: z.union([z.number(), z.string()]).optional(),
      image_id: z.number(),
      category_id: z.number(),
      iscrowd: z.union([z.number(), z.boolean()]).default(0),
      area: z.number().optional(),
      bbox: givenBox,
      segmentation: shape.optional(),
    }),
  ),
});
const detectionFile = z.array(
  z.object({
    image_id: z.number(),
    category_id: z.number(),
    score: z.number(),
    bbox: givenBox,
    segmentation: shape.optional(),
  }),
);

export interface CocoImage {
  readonly id: number;
  /** Relative to the image folder; null where the file does not say. */
  readonly fileName: string | null;
  readonly width: number | null;
  readonly height: number | null;
}

/** A COCO ground-truth file, read. */
export interface CocoGroundTruth extends PhraseTruth {
  readonly categories: readonly { readonly id: number; readonly name: string }[];
  readonly images: readonly CocoImage[];
  /** The file says for each image whether all of it is annotated: a phrase benchmark (SA-Co). */
  readonly phrases: boolean;
}

/**
 * Reads the parsed JSON of a COCO ground-truth file with RLE masks (both forms) or polygons; an annotation with a box alone gets
 * the box as its mask. `area` and `bbox` default to the mask's. Images are exhaustive unless the file says otherwise (SA-Co).
 * Throws `file-unreadable` for another shape, `mask-corrupt` for a damaged mask.
 */
export function cocoGroundTruthFromJson(json: unknown): CocoGroundTruth {
  const file = parse(truthFile, json, 'ground-truth');
  const images = file.images.map(
    (image): CocoImage => ({
      id: image.id,
      fileName: image.file_name ?? null,
      width: image.width ?? null,
      height: image.height ?? null,
    }),
  );
  const maskOf = maskReader(images);
  const truths = file.annotations.map((annotation): TruthInstance => {
    const mask = named(`Annotation ${annotation.id ?? '(without id)'} of image ${annotation.image_id}`, () =>
      maskOf(annotation),
    );
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
    images,
    imageIds: images.map((image) => image.id),
    exhaustiveIds: file.images.filter((image) => image.is_instance_exhaustive ?? true).map((image) => image.id),
    phrases: file.images.some((image) => image.is_instance_exhaustive !== undefined),
    truths,
  };
}

/**
 * Reads the parsed JSON of a COCO results file. `images`: those of the ground truth, whose sizes polygons and boxes without a mask
 * need. Errors as `cocoGroundTruthFromJson`.
 */
export function cocoDetectionsFromJson(json: unknown, images: readonly CocoImage[] = []): DetectedInstance[] {
  const maskOf = maskReader(images);
  return parse(detectionFile, json, 'results').map((detection, at) => ({
    imageId: detection.image_id,
    categoryId: detection.category_id,
    score: detection.score,
    mask: named(`Detection ${at + 1} of the list, of image ${detection.image_id},`, () => maskOf(detection)),
    box: detection.bbox ?? null,
  }));
}

interface Shaped {
  readonly image_id: number;
  readonly bbox?: CocoBox | undefined;
  readonly segmentation?: z.output<typeof shape> | undefined;
}

/** A box without a mask stands for itself as a four-cornered polygon, as in pycocotools `loadRes`. */
function maskReader(images: readonly CocoImage[]): (item: Shaped) => RleMask {
  const sizes = new Map(images.map((image) => [image.id, image]));
  return ({ image_id, bbox, segmentation }) => {
    if (segmentation !== undefined && !Array.isArray(segmentation)) return maskFromCocoRle(segmentation);
    const size = sizes.get(image_id);
    if (size === undefined || size.width === null || size.height === null) {
      throw notCoco(`image ${image_id} of a polygon or box has no width and height`);
    }
    if (segmentation !== undefined && segmentation.length > 0) {
      return maskFromPolygons(segmentation, size.width, size.height);
    }
    if (bbox === undefined) throw notCoco(`an instance of image ${image_id} has neither a segmentation nor a bbox`);
    const [x, y, width, height] = bbox;
    const corners = [x, y, x, y + height, x + width, y + height, x + width, y];
    return maskFromPolygons([corners], size.width, size.height);
  };
}

function parse<T extends z.ZodType>(schema: T, json: unknown, what: string): z.output<T> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw notCoco(`${issue.path.join('.')}: ${issue.message}`, what, result.error);
}

function notCoco(why: string, what = 'ground-truth or results', cause?: unknown): StudioError {
  return new StudioError('file-unreadable', 'user', `This is not a usable COCO ${what} file: ${why}.`, { cause });
}
