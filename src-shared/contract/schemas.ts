import { z } from 'zod';
import type { ConceptId, FrameIndex, PromptId } from '../domain/ids.ts';
import { objectIdSchema } from './object-id-schema.ts';

/** 0-based frame index. */
export const frameIndexSchema = z
  .number()
  .int()
  .min(0)
  .transform((value) => value as FrameIndex);
export const conceptIdSchema = z
  .number()
  .int()
  .min(1)
  .transform((value) => value as ConceptId);
export const promptIdSchema = z
  .number()
  .int()
  .min(1)
  .transform((value) => value as PromptId);

const coordinate = z.number().finite();
export const boxSchema = z.object({
  x: coordinate,
  y: coordinate,
  width: z.number().finite().positive(),
  height: z.number().finite().positive(),
});

/** A mask at video size; see `RleMask`. Runs that do not fill it are refused where it is used. */
export const rleMaskSchema = z.object({
  width: z.number().int().min(1),
  height: z.number().int().min(1),
  bytes: z.custom<Uint8Array<ArrayBuffer>>((value) => value instanceof Uint8Array, 'must be bytes'),
});

const phraseSchema = z.string().trim().min(1, 'a phrase needs at least one word').max(200);

/** What a caller may ask for; coordinates are displayed pixels. `phrase` finds or creates its concept. */
export const promptInputSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('point'),
    objectId: objectIdSchema,
    frameIndex: frameIndexSchema,
    point: z.object({ x: coordinate, y: coordinate }),
    include: z.boolean(),
  }),
  z.object({ kind: z.literal('box'), objectId: objectIdSchema, frameIndex: frameIndexSchema, box: boxSchema }),
  z
    .object({
      kind: z.literal('mask'),
      objectId: objectIdSchema,
      frameIndex: frameIndexSchema,
      /** A PNG of the video's size; anything but 0 is the object. */
      pngPath: z.string().min(1).optional(),
      /** Instead of a file: the mask itself. */
      mask: rleMaskSchema.optional(),
    })
    .refine(({ pngPath, mask }) => (pngPath === undefined) !== (mask === undefined), 'needs either pngPath or mask'),
  z.object({ kind: z.literal('text'), phrase: phraseSchema, frameIndex: frameIndexSchema }),
  z.object({
    kind: z.literal('exemplar'),
    phrase: phraseSchema,
    frameIndex: frameIndexSchema,
    box: boxSchema,
    include: z.boolean(),
  }),
]);
export type PromptInput = z.output<typeof promptInputSchema>;

/** Changes to one prompt; what is left out stays. A prompt keeps its kind, its object or concept and its place in the order. */
export const promptChangeSchema = z.object({
  frameIndex: frameIndexSchema.optional(),
  /** Points only. */
  point: z.object({ x: coordinate, y: coordinate }).optional(),
  /** Boxes and exemplars only. */
  box: boxSchema.optional(),
  /** Points and exemplars only. */
  include: z.boolean().optional(),
  /** Masks only. */
  mask: rleMaskSchema.optional(),
});
export type PromptChange = z.output<typeof promptChangeSchema>;

const label = z.string().trim().min(1).max(200);

/** Changes to objects; what is left out stays. */
export const objectChangeSchema = z.object({
  name: label.optional(),
  colour: z
    .string()
    .regex(/^#[0-9a-f]{6}$/)
    .optional(),
  /** Class for exports; null: none. */
  className: label.nullable().optional(),
  /** Not drawn on the page; exports are not affected. */
  hidden: z.boolean().optional(),
  /** Neither prompts nor runs change its masks. */
  locked: z.boolean().optional(),
  /** A group is there as long as something belongs to it; null: none. */
  groupName: label.nullable().optional(),
});
export type ObjectChange = z.output<typeof objectChangeSchema>;

/** Changes to one concept; what is left out stays. */
export const conceptChangeSchema = z.object({ threshold: z.number().min(0).max(1).optional() });
export type ConceptChange = z.output<typeof conceptChangeSchema>;

/** One more click, asked about without being given. */
export const previewPointSchema = z.object({
  objectId: objectIdSchema,
  frameIndex: frameIndexSchema,
  point: z.object({ x: coordinate, y: coordinate }),
  include: z.boolean(),
});
export type PreviewPoint = z.output<typeof previewPointSchema>;

/** `pixels`: displayed pixels of the video; `relative`: 0..1 of its width and height. */
export const coordinatesSchema = z.enum(['pixels', 'relative']);

/** Inclusive on both ends; null means to the end of the video on that side. */
export const rangeInputSchema = z.object({
  first: z.number().int().min(0).nullable(),
  last: z.number().int().min(0).nullable(),
});

/** What a person says about a stretch of an object. `absent` is an identity change, because it changes masks. */
export const reviewInputSchema = z.object({
  objectId: objectIdSchema,
  range: rangeInputSchema,
  /** null: what was said is taken back. */
  verdict: z.enum(['accepted', 'fixed', 'skipped']).nullable(),
});
export type ReviewInput = z.output<typeof reviewInputSchema>;

/** Name of the person; may be empty. */
export const reviewerSchema = z.string().trim().max(100);

export const directionSchema = z.enum(['forward', 'backward', 'both']);
export const policySchema = z.enum(['studio', 'reference']);
export const memoryPolicySchema = z.enum(['standard', 'selective', 'kalman']);
