import { z } from 'zod';
import { layoutNames } from './layouts/layout-names.ts';

/** Data types a pack may use at its borders; `f16` is parsed so that the refusal can name it. */
export const portDtypes = ['f32', 'f16', 'i32', 'i64', 'u8', 'bool'] as const;
export type PortDtype = (typeof portDtypes)[number];

const count = z.int().min(0);
const size = z.int().min(1).max(16_384);
const unit = z.number().min(0).max(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits');

/** A file named relative to the pack: no drive, no root, no `..`, forward slashes only. */
const packPath = z
  .string()
  .min(1)
  .max(512)
  .refine(isPlainRelativePath, 'must be a plain path inside the pack folder (no "..", no absolute path, no backslash)');

function isPlainRelativePath(path: string): boolean {
  if (/[\\:\0]/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

const triple = z.tuple([z.number(), z.number(), z.number()]);

const imageSchema = z.object({
  size,
  mean: triple.describe('per channel R, G, B on a 0..1 scale'),
  std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
  resize: z.enum(['stretch', 'longest-pad']).default('stretch'),
  filter: z.enum(['bilinear-aa']).default('bilinear-aa'),
});

const decoderSchema = z.object({
  multimask: z.object({ min: count, max: count }).default({ min: 0, max: 1 }),
  stability: z.object({ delta: z.number().min(0), thresh: unit }).default({ delta: 0.05, thresh: 0.98 }),
  parts: z.enum(['all', 'clicked']).default('all').describe('of an answer to clicks: all parts, or those pointed at'),
  corrections: z
    .enum(['anywhere', 'local'])
    .default('anywhere')
    .describe('what clicks may change of a mask that they correct: anything, or what they lie on'),
});

/** What the studio policy does differently with this pack; the defaults change nothing. */
const guardSchema = z.object({
  fallen: z
    .array(z.object({ area: unit, scoreBelow: z.number().optional(), frames: count }))
    .default([])
    .describe('a mask under this share of the area it last had, and this logit, so many frames later, is no object'),
  absences: z
    .enum(['left-out', 'remembered'])
    .default('left-out')
    .describe('whether memory is told of frames without it'),
  returns: z
    .object({ after: z.int().min(1), every: z.int().min(1), iou: unit })
    .optional()
    .describe(
      'after how many absent frames and how often an object is looked for in its last light; the predicted IoU that finds it',
    ),
  strays: z
    .number()
    .positive()
    .optional()
    .describe('parts of a mask further from where the object was a frame ago than so many times its size are left out'),
});

const trackerSchema = decoderSchema.extend({
  numMaskmem: z.int().min(1).max(64),
  maxCond: z.int().min(-1),
  maxPtrs: count,
  memorySelection: z.boolean().default(false),
  mfThreshold: z.number().default(0.01),
  maxPoints: z.int().min(2).optional(),
  guards: guardSchema.optional(),
  refinement: z
    .object({ usesMemory: z.boolean(), clearAround: z.boolean() })
    .optional()
    .describe(
      'whether corrections hear the memory, and clear what was remembered around them; absent: as the family does',
    ),
});

/** Defaults: sam-pipeline 2.12, column B. */
const detectorSchema = z.object({
  numQueries: z.int().min(1).max(100_000),
  scoreThreshold: unit.default(0.5),
  detNmsThresh: unit.default(0.1),
  assocIou: unit.default(0.1),
  trkAssocIou: unit.default(0.5),
  newDetThresh: unit.default(0.7),
  hotstartDelay: count.default(15),
  hotstartUnmatchThresh: count.default(8),
  hotstartDupThresh: count.default(8),
  suppressUnmatchedOnlyWithinHotstart: z.boolean().default(true),
  initKeepAlive: z.int().default(30),
  maxKeepAlive: z.int().default(30),
  minKeepAlive: z.int().default(-1),
  decreaseKeepAliveForEmpty: z.boolean().default(false),
  occlusionIou: unit.default(0.7),
  fillHoleArea: count.default(16),
  maxObjects: count.default(10_000),
  reconditionEvery: z.int().default(16),
  highConf: unit.default(0.8),
  highIou: unit.default(0.8),
  areaShrinkage: unit.default(0.3),
});

const clipTextSchema = z.object({
  kind: z.literal('clip').default('clip'),
  contextLength: z.int().min(3).max(1024),
  padId: count,
  vocab: packPath,
  vocabSha256: sha256.nullish(),
  vocabBundled: z.boolean().default(true),
});

const word = z.string().regex(/^[^\s-]+$/u, 'must be one word without spaces or hyphens');

const wordsTextSchema = z.object({
  kind: z.literal('words'),
  contextLength: z.int().min(1).max(1024),
  padId: count,
  /** A list (the id of a word is its position + 1) or a table of word -> id. */
  words: z.union([z.array(word).min(1), z.record(word, z.int().min(0))]),
  synonyms: z.record(word, word).default({}),
  /** Words by heading, for the answer to an unknown word. */
  groups: z.record(z.string(), z.array(word)).optional(),
});

const portSchema = z.object({
  name: z.string().min(1),
  dtype: z.enum(portDtypes),
  shape: z.array(z.union([z.int().min(0), z.string()])),
});

const externalSchema = z.union([
  packPath.transform((file) => ({ file, sha256: null as string | null })),
  z.object({ file: packPath, sha256 }),
]);

export const graphSchema = z.object({
  file: packPath,
  external: z.array(externalSchema).default([]),
  sha256,
  precision: z.string().default('fp32'),
  io: z.object({ inputs: z.array(portSchema), outputs: z.array(portSchema) }).optional(),
  profiles: z.array(z.unknown()).default([]),
  /** memory_attention: image tokens whose scores lie in memory at once, for each object; absent: all of them. */
  queriesAtOnce: z.int().min(1).optional(),
});

/** pack.json, format 1 (sam-pipeline 4.4). Keys it does not name are kept out of the parsed form, never refused. */
export const manifestSchema = z.object({
  format: z.literal(1),
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i, 'must be letters, digits, dot, dash or underscore'),
  /** Names and meaning of the graphs' tensors, where they are not those of the role table: a public image export. */
  layout: z.enum(layoutNames).optional(),
  /** sam2.1 | edgetam | sam3 | sam1 | pebble; another architecture is welcome when its graphs fit the roles. */
  arch: z.string().min(1).max(64),
  name: z.string().optional(),
  licence: z.string(),
  source: z
    .object({ repo: z.string().nullish(), revision: z.string().nullish(), sha256: z.string().nullish() })
    .nullish(),
  image: imageSchema,
  grid: size,
  lowres: size,
  memTokens: count.default(0),
  memDim: count.default(0),
  ptrDim: count.default(0),
  maskPromptSize: size.optional(),
  tracker: trackerSchema.nullable().default(null),
  /** Of a pack that does not track: how it chooses among the decoder's masks. */
  decoder: decoderSchema.optional(),
  detector: detectorSchema.nullable().default(null),
  text: z.union([wordsTextSchema, clipTextSchema]).nullable().default(null),
  graphs: z.record(z.string(), graphSchema),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestGraph = z.infer<typeof graphSchema>;
export type ClipText = z.infer<typeof clipTextSchema>;
export type WordsText = z.infer<typeof wordsTextSchema>;
export type DecoderConstants = z.infer<typeof decoderSchema>;
export type TrackerConstants = z.infer<typeof trackerSchema>;
export type DetectorConstants = z.infer<typeof detectorSchema>;

/** First problem of a manifest in words, `field: reason`; unions report their most telling branch. */
export function describeManifestIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return describeIssue(issue.path, issue);
}

function describeIssue(path: readonly PropertyKey[], issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.filter((branch) => branch.length > 0);
    const deepest = branches.toSorted((a, b) => longestPath(b) - longestPath(a))[0]?.[0];
    if (deepest !== undefined) return describeIssue([...path, ...deepest.path], deepest);
  }
  const field = path.map(String).join('.') || 'the file';
  return `field ${field}: ${issue.message}`;
}

function longestPath(branch: readonly z.core.$ZodIssue[]): number {
  return Math.max(...branch.map((issue) => issue.path.length));
}
