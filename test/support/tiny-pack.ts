import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encodeOnnx, type TinyConstant, type TinyGraph, type TinyNode, type TinyPort } from './tiny-onnx.ts';

/** Sizes of the tiny pack: S 16, G 4, L 16, M 64, T 16, D 1, R 3, C 3, Q 2, X 4, W 1. */
export const tinySizes = { imageSize: 16, lowres: 16, maskPromptSize: 64, memTokens: 16, memDim: 1, ptrDim: 3 };

const f32 = (name: string, ...shape: (number | string)[]): TinyPort => ({ name, dtype: 'f32', shape });
const i32 = (name: string, ...shape: (number | string)[]): TinyPort => ({ name, dtype: 'i32', shape });
const bool = (name: string, ...shape: (number | string)[]): TinyPort => ({ name, dtype: 'bool', shape });
const axes = (name: string, ...values: number[]): TinyConstant => ({
  name,
  dtype: 'i64',
  dims: [values.length],
  values,
});
const node = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, number | readonly number[]>> = {},
): TinyNode => ({ op, inputs, outputs: [output], attributes });
const pool = (input: string, output: string, side: number) =>
  node('AveragePool', [input], output, { kernel_shape: [side, side], strides: [side, side] });

const featS4 = f32('feat_s4', 1, 1, 16, 16);
const featS8 = f32('feat_s8', 1, 1, 8, 8);
const featS16 = (name: string, batch: number | string) => f32(name, batch, 3, 4, 4);
const det = [f32('det_s4', 1, 1, 16, 16), f32('det_s8', 1, 1, 8, 8), f32('det_s16', 1, 1, 4, 4)];

/** Graphs that fill every role with a handful of operators; outputs depend on their inputs so that wiring can be tested. */
export function tinyGraphs(): Record<string, TinyGraph> {
  return {
    image_encoder: {
      inputs: [f32('pixel_values', 1, 3, 16, 16)],
      outputs: [featS4, featS8, featS16('feat_s16', 1), ...det],
      constants: [axes('channel', 1)],
      nodes: [
        node('ReduceMean', ['pixel_values', 'channel'], 'feat_s4'),
        pool('feat_s4', 'feat_s8', 2),
        pool('pixel_values', 'feat_s16', 4),
        node('Neg', ['feat_s4'], 'det_s4'),
        node('Neg', ['feat_s8'], 'det_s8'),
        pool('det_s4', 'det_s16', 4),
      ],
    },
    mask_decoder: {
      inputs: [
        featS4,
        featS8,
        featS16('image_embed', 'batch'),
        f32('no_mem_scale', 'batch'),
        f32('point_coords', 'batch', 'points', 2),
        i32('point_labels', 'batch', 'points'),
        f32('mask_input', 'batch', 1, 16, 16),
        f32('has_mask', 'batch'),
      ],
      outputs: [
        f32('masks', 'batch', 4, 16, 16),
        f32('iou_scores', 'batch', 4),
        f32('object_score_logits', 'batch', 1),
        f32('obj_ptrs', 'batch', 4, 3),
      ],
      constants: [axes('one', 1), axes('plane', 2, 3), axes('rest', 1, 2)],
      nodes: [
        node('Add', ['mask_input', 'feat_s4'], 'mask'),
        node('Concat', ['mask', 'mask', 'mask', 'mask'], 'masks', { axis: 1 }),
        node('ReduceMean', ['image_embed', 'plane'], 'pooled', { keepdims: 0 }),
        node('Unsqueeze', ['no_mem_scale', 'one'], 'no_mem'),
        node('Concat', ['pooled', 'no_mem'], 'iou_scores', { axis: 1 }),
        node('ReduceSum', ['point_coords', 'rest'], 'pointed', { keepdims: 0 }),
        node('Add', ['pointed', 'has_mask'], 'score'),
        node('Unsqueeze', ['score', 'one'], 'object_score_logits'),
        node('Unsqueeze', ['pooled', 'one'], 'pointer'),
        node('Concat', ['pointer', 'pointer', 'pointer', 'pointer'], 'obj_ptrs', { axis: 1 }),
      ],
    },
    memory_encoder: {
      inputs: [
        featS16('image_embed', 1),
        f32('mask_logits', 'batch', 1, 16, 16),
        f32('binarize', 'batch'),
        f32('object_score_logits', 'batch', 1),
      ],
      outputs: [f32('mem_tokens', 'batch', 16, 1)],
      constants: [axes('shape', -1, 16, 1), axes('two', 2)],
      nodes: [
        pool('mask_logits', 'small', 4),
        node('Reshape', ['small', 'shape'], 'tokens'),
        node('Unsqueeze', ['object_score_logits', 'two'], 'score'),
        node('Add', ['tokens', 'score'], 'mem_tokens'),
      ],
    },
    memory_attention: {
      inputs: [
        featS16('feat', 1),
        f32('mem_tokens', 'batch', 'frames', 16, 1),
        i32('mem_tpos_idx', 'batch', 'frames'),
        f32('mem_valid', 'batch', 'frames'),
        f32('obj_ptrs', 'batch', 'ptrs', 3),
        f32('ptr_tpos', 'batch', 'ptrs'),
        f32('ptr_valid', 'batch', 'ptrs'),
      ],
      outputs: [featS16('cond_feat', 'batch')],
      constants: [axes('tail', 2, 3), axes('frames_axis', 1), axes('shape', -1, 1, 4, 4)],
      nodes: [
        node('Unsqueeze', ['mem_valid', 'tail'], 'weight'),
        node('Mul', ['mem_tokens', 'weight'], 'weighted'),
        node('ReduceSum', ['weighted', 'frames_axis'], 'memory', { keepdims: 0 }),
        node('Reshape', ['memory', 'shape'], 'plane'),
        node('Add', ['plane', 'feat'], 'cond_feat'),
      ],
    },
    mask_prompt: {
      inputs: [f32('mask', 'batch', 1, 64, 64)],
      outputs: [f32('mask_input', 'batch', 1, 16, 16)],
      nodes: [pool('mask', 'mask_input', 4)],
    },
    text_encoder: {
      inputs: [i32('input_ids', 'batch', 4), i32('attention_mask', 'batch', 4)],
      outputs: [f32('text_features', 'batch', 4, 1)],
      constants: [axes('two', 2)],
      nodes: [
        node('Mul', ['input_ids', 'attention_mask'], 'counted'),
        node('Cast', ['counted'], 'floats', { to: 1 }),
        node('Unsqueeze', ['floats', 'two'], 'text_features'),
      ],
    },
    detector: {
      inputs: [
        ...det,
        f32('text_features', 1, 4, 1),
        bool('text_valid', 1, 4),
        f32('boxes', 1, 'boxes', 4),
        i32('box_labels', 1, 'boxes'),
        bool('box_valid', 1, 'boxes'),
      ],
      outputs: [
        f32('pred_logits', 1, 2),
        f32('pred_boxes', 1, 2, 4),
        f32('presence_logits', 1, 1),
        f32('pred_masks', 1, 2, 16, 16),
      ],
      constants: [
        axes('rest', 1, 2),
        axes('first', 0),
        axes('flat', 1, 1),
        axes('planes', 1, 2, 3),
        { name: 'corners', dtype: 'f32', dims: [1, 2, 4], values: [0, 0, 0.5, 0.5, 0.25, 0.25, 1, 1] },
      ],
      nodes: [
        node('ReduceSum', ['text_features', 'rest'], 'total', { keepdims: 0 }),
        node('Neg', ['total'], 'minus'),
        node('Concat', ['total', 'minus'], 'pair', { axis: 0 }),
        node('Unsqueeze', ['pair', 'first'], 'pred_logits'),
        node('Identity', ['corners'], 'pred_boxes'),
        node('ReduceMean', ['det_s16', 'planes'], 'seen', { keepdims: 0 }),
        node('Reshape', ['seen', 'flat'], 'presence_logits'),
        node('Concat', ['det_s4', 'det_s4'], 'pred_masks', { axis: 1 }),
      ],
    },
  };
}

/** pack.json of the tiny pack without its graphs; words are red and ball, synonym sphere. */
export function tinyManifest(): Record<string, unknown> {
  return {
    format: 1,
    id: 'tiny',
    arch: 'handmade',
    licence: 'Apache-2.0',
    source: null,
    image: { size: 16, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    grid: 4,
    lowres: 16,
    memTokens: 16,
    memDim: 1,
    ptrDim: 3,
    tracker: { numMaskmem: 7, maxCond: -1, maxPtrs: 16 },
    detector: { numQueries: 2 },
    text: { kind: 'words', contextLength: 4, padId: 0, words: ['red', 'ball'], synonyms: { sphere: 'ball' } },
  };
}

export interface TinyPackChange {
  /** Replaces or (undefined) removes graphs by role. */
  readonly graphs?: Readonly<Record<string, TinyGraph | undefined>>;
  /** Merged over the manifest's top level. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Merged over one graph's entry in the manifest. */
  readonly entries?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Roles left out of manifest and folder. */
  readonly without?: readonly string[];
}

/** Writes the tiny pack, changed as asked, and returns its folder. Hashes are right unless `entries` says otherwise. */
export function writeTinyPack(folder: string, change: TinyPackChange = {}): string {
  mkdirSync(folder, { recursive: true });
  const entries: Record<string, unknown> = {};
  for (const [role, graph] of Object.entries({ ...tinyGraphs(), ...change.graphs })) {
    if (graph === undefined || change.without?.includes(role)) continue;
    const bytes = encodeOnnx(graph);
    const entry = {
      file: `${role}.onnx`,
      external: [],
      sha256: createHash('sha256').update(bytes).digest('hex'),
      precision: 'fp32',
      profiles: [],
      ...change.entries?.[role],
    };
    const path = join(folder, `${role}.onnx`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    entries[role] = entry;
  }
  const manifest = { ...tinyManifest(), ...change.manifest, graphs: entries };
  writeFileSync(join(folder, 'pack.json'), JSON.stringify(manifest, null, 1));
  return folder;
}
