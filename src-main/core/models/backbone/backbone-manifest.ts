import { z } from 'zod';
import { graphSchema } from '../manifest.ts';

const triple = z.tuple([z.number(), z.number(), z.number()]);

/** pack.json of a backbone, format 1: one graph that turns a picture into one vector. Unknown keys are left alone. */
export const backboneManifestSchema = z.object({
  format: z.literal(1),
  kind: z.literal('backbone'),
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i, 'must be letters, digits, dot, dash or underscore'),
  /** Name of the architecture in timm. */
  arch: z.string().min(1).max(128),
  licence: z.string(),
  source: z
    .object({ repo: z.string().nullish(), revision: z.string().nullish(), sha256: z.string().nullish() })
    .nullish(),
  image: z.object({
    size: z.int().min(1).max(4096),
    mean: triple.describe('per channel R, G, B on a 0..1 scale'),
    std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
    /** Shorter side to size / cropPct, then the middle square. */
    resize: z.literal('shortest-crop').default('shortest-crop'),
    filter: z.enum(['bicubic-aa', 'bilinear-aa']).default('bicubic-aa'),
    cropPct: z.number().positive().max(1).default(1),
  }),
  embedding: z.object({ dims: z.int().min(1).max(65_536) }),
  graphs: z.object({ backbone: graphSchema }),
});

export type BackboneManifest = z.infer<typeof backboneManifestSchema>;
