import { z } from 'zod';
import { objectIdSchema } from './object-id-schema.ts';

/** Every dataset layout that can be written and read. */
export const datasetFormatSchema = z.enum([
  'png',
  'davis',
  'youtube-vos',
  'csv',
  'coco',
  'youtube-vis',
  'sa-v',
  'yolo-seg',
  'yolo-box',
  'mot',
  'mots-txt',
  'mots-png',
  'cvat-video',
  'label-studio',
  'labelme',
  'sam3-train',
]);
export type DatasetFormatName = z.output<typeof datasetFormatSchema>;

/** What stands for an object in formats that can hold several kinds. */
export const datasetShapeSchema = z.enum(['mask', 'polygon', 'box']);
export type DatasetShape = z.output<typeof datasetShapeSchema>;

/** Where masks overlap: both keep their pixels, the better score wins (a person's own mask beats any), or the higher number. */
export const overlapPolicySchema = z.enum(['keep', 'score', 'topmost']);
export type OverlapPolicy = z.output<typeof overlapPolicySchema>;

export const pictureKindSchema = z.enum(['none', 'jpg', 'png']);
export type PictureKind = z.output<typeof pictureKindSchema>;

const className = z.string().trim().min(1).max(200);

/** What of a session goes into a dataset, and how; null is the format's own default. */
export const datasetOptionsSchema = z.object({
  /** Only objects of these classes, numbered in this order; null: all, in order of first object. */
  classes: z.array(className).min(1).max(1000).nullable(),
  /** Classes given to objects for this export alone. */
  classOf: z.array(z.object({ objectId: objectIdSchema, className })).max(65_535),
  objectIds: z.array(objectIdSchema).min(1).max(65_535).nullable(),
  /** Every n-th frame of the range, from its first. */
  step: z.number().int().min(1).max(1_000_000),
  /** Only masks that a person made or accepted. */
  onlyReviewed: z.boolean(),
  shape: datasetShapeSchema.nullable(),
  overlap: overlapPolicySchema.nullable(),
  /** Polygons: how far, in pixels, an outline may move; 0 is exact. */
  tolerance: z.number().min(0).max(100),
  /** Share of the frames, taken from the end, that becomes the validation part; null: no parts. */
  valFraction: z.number().gt(0).lt(1).nullable(),
  images: pictureKindSchema.nullable(),
});
export type DatasetOptions = z.output<typeof datasetOptionsSchema>;

export const defaultDatasetOptions: DatasetOptions = {
  classes: null,
  classOf: [],
  objectIds: null,
  step: 1,
  onlyReviewed: false,
  shape: null,
  overlap: null,
  tolerance: 1,
  valFraction: null,
  images: null,
};

/** Masks become prompts that condition tracking, or the truth: results of a person that nothing tracks again. */
export const importPurposeSchema = z.enum(['prompts', 'truth']);
export type ImportPurpose = z.output<typeof importPurposeSchema>;
