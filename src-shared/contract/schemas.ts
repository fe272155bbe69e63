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
  z.object({
    kind: z.literal('mask'),
    objectId: objectIdSchema,
    frameIndex: frameIndexSchema,
    /** A PNG of the video's size; anything but 0 is the object. */
    pngPath: z.string().min(1),
  }),
  z.object({ kind: z.literal('text'), phrase: z.string().min(1).max(200), frameIndex: frameIndexSchema }),
  z.object({
    kind: z.literal('exemplar'),
    phrase: z.string().min(1).max(200),
    frameIndex: frameIndexSchema,
    box: boxSchema,
    include: z.boolean(),
  }),
]);
export type PromptInput = z.output<typeof promptInputSchema>;

/** Inclusive on both ends; null means to the end of the video on that side. */
export const rangeInputSchema = z.object({
  first: z.number().int().min(0).nullable(),
  last: z.number().int().min(0).nullable(),
});

export const directionSchema = z.enum(['forward', 'backward', 'both']);
export const policySchema = z.enum(['studio', 'reference']);
export const memoryPolicySchema = z.enum(['standard', 'selective', 'kalman']);
export const annotateStyleSchema = z.enum(['overlay', 'outline', 'box']);
