import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encodeOnnx, type TinyConstant, type TinyGraph, type TinyNode, type TinyPort } from './tiny-onnx.ts';

/** Stand-ins for public image exports: S 16, g 4 (stride 4 here), logits 16x16; a bright pixel is foreground. */
const port = (dtype: TinyPort['dtype'], name: string, ...shape: (number | string)[]): TinyPort => ({
  name,
  dtype,
  shape,
});
const node = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, number | readonly number[]>> = {},
): TinyNode => ({ op, inputs, outputs: [output], attributes });
const ints = (name: string, ...values: number[]): TinyConstant => ({
  name,
  dtype: 'i64',
  dims: [values.length],
  values,
});
const floats = (name: string, dims: readonly number[], ...values: number[]): TinyConstant => ({
  name,
  dtype: 'f32',
  dims,
  values,
});

/** Channel mean of the picture and its coarse maps, under the export's names. */
function encoder(input: string, fine: string, middle: string | null, coarse: string): TinyGraph {
  return {
    inputs: [port('f32', input, 1, 3, 64, 64)],
    outputs: [
      port('f32', fine, 1, 1, 16, 16),
      ...(middle === null ? [] : [port('f32', middle, 1, 1, 8, 8)]),
      port('f32', coarse, 1, 3, 4, 4),
    ],
    constants: [ints('channel', 1)],
    nodes: [
      node('ReduceMean', [input, 'channel'], 'grey'),
      node('AveragePool', ['grey'], fine, { kernel_shape: [4, 4], strides: [4, 4] }),
      ...(middle === null ? [] : [node('AveragePool', [fine], middle, { kernel_shape: [2, 2], strides: [2, 2] })]),
      node('AveragePool', [input], coarse, { kernel_shape: [16, 16], strides: [16, 16] }),
    ],
  };
}

/** Masks: previous logits plus the fine map, three of them; IoUs 0.3, 0.9, 0.5 plus a thousandth of the points' sum. */
function sam2Decoder(): TinyGraph {
  return {
    inputs: [
      port('f32', 'image_embed', 1, 3, 4, 4),
      port('f32', 'high_res_feats_0', 1, 1, 16, 16),
      port('f32', 'high_res_feats_1', 1, 1, 8, 8),
      port('f32', 'point_coords', 'labels', 'points', 2),
      port('f32', 'point_labels', 'labels', 'points'),
      port('f32', 'mask_input', 'labels', 1, 16, 16),
      port('f32', 'has_mask_input', 'labels'),
    ],
    outputs: [port('f32', 'masks', 'labels', 3, 16, 16), port('f32', 'iou_predictions', 'labels', 3)],
    constants: [ints('places', 1, 2), floats('base', [1, 3], 0.3, 0.9, 0.5), floats('small', [1], 0.001)],
    nodes: [
      node('Add', ['mask_input', 'high_res_feats_0'], 'mask'),
      node('Neg', ['mask'], 'other'),
      node('Concat', ['other', 'mask', 'other'], 'masks', { axis: 1 }),
      node('ReduceSum', ['point_coords', 'places'], 'sum', { keepdims: 0 }),
      node('Mul', ['sum', 'small'], 'little'),
      node('Add', ['base', 'little'], 'iou_predictions'),
    ],
  };
}

/** SAM 1, on the coarse map alone and lenient (+1): the same with the original exporter's names, and low-resolution masks beside the large ones. */
function sam1Decoder(): TinyGraph {
  const graph = sam2Decoder();
  return {
    ...graph,
    inputs: [
      port('f32', 'image_embeddings', 1, 3, 4, 4),
      port('f32', 'point_coords', 1, 'points', 2),
      port('f32', 'point_labels', 1, 'points'),
      port('f32', 'mask_input', 1, 1, 16, 16),
      port('f32', 'has_mask_input', 1),
      port('f32', 'orig_im_size', 2),
    ],
    outputs: [port('f32', 'iou_predictions', 1, 3), port('f32', 'low_res_masks', 1, 3, 16, 16)],
    constants: [...(graph.constants ?? []), ints('one', 1), floats('offset', [1], 1)],
    nodes: [
      node('ReduceMean', ['image_embeddings', 'one'], 'coarse'),
      node('ConvTranspose', ['coarse', 'kernel'], 'fine', { kernel_shape: [4, 4], strides: [4, 4] }),
      node('Add', ['fine', 'offset'], 'raised'),
      node('Add', ['mask_input', 'raised'], 'mask'),
      node('Neg', ['mask'], 'other'),
      node('Concat', ['other', 'mask', 'other'], 'low_res_masks', { axis: 1 }),
      ...graph.nodes.slice(3),
    ],
  };
}

function transformersDecoder(): TinyGraph {
  return {
    inputs: [
      port('f32', 'image_embeddings.0', 1, 1, 16, 16),
      port('f32', 'image_embeddings.1', 1, 1, 8, 8),
      port('f32', 'image_embeddings.2', 1, 3, 4, 4),
      port('f32', 'input_points', 1, 'objects', 'points', 2),
      port('i64', 'input_labels', 1, 'objects', 'points'),
      port('f32', 'input_boxes', 1, 'boxes', 4),
    ],
    outputs: [
      port('f32', 'pred_masks', 1, 1, 3, 16, 16),
      port('f32', 'iou_scores', 1, 1, 3),
      port('f32', 'object_score_logits', 1, 1, 1),
    ],
    constants: [
      ints('rest', 0, 1, 2, 3),
      ints('box_rest', 0, 1, 2),
      ints('first', 1),
      ints('score_shape', 1, 1, 1),
      floats('base', [1, 1, 3], 0.3, 0.9, 0.5),
    ],
    nodes: [
      node('Neg', ['image_embeddings.0'], 'other'),
      node('Concat', ['other', 'image_embeddings.0', 'other'], 'stack', { axis: 1 }),
      node('Unsqueeze', ['stack', 'first'], 'pred_masks'),
      node('ReduceSum', ['input_boxes', 'box_rest'], 'boxed', { keepdims: 0 }),
      node('ReduceSum', ['input_points', 'rest'], 'pointed', { keepdims: 0 }),
      node('Add', ['boxed', 'pointed'], 'sum'),
      node('Reshape', ['sum', 'score_shape'], 'object_score_logits'),
      node('Identity', ['base'], 'iou_scores'),
    ],
  };
}

function write(folder: string, files: Readonly<Record<string, TinyGraph>>): string {
  for (const [name, graph] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, encodeOnnx(graph));
  }
  return folder;
}

/** As samexporter names its files. */
export function writeSamexporterSam2(folder: string): string {
  return write(folder, {
    'tiny.encoder.onnx': encoder('image', 'high_res_feats_0', 'high_res_feats_1', 'image_embed'),
    'tiny.decoder.onnx': sam2Decoder(),
  });
}

export function writeSamexporterSam1(folder: string): string {
  const decoder = sam1Decoder();
  const kernel = floats('kernel', [1, 1, 4, 4], ...new Array<number>(16).fill(1));
  return write(folder, {
    'vit.encoder.onnx': {
      inputs: [port('f32', 'x', 1, 3, 64, 64)],
      outputs: [port('f32', 'image_embeddings', 1, 3, 4, 4)],
      nodes: [node('AveragePool', ['x'], 'image_embeddings', { kernel_shape: [16, 16], strides: [16, 16] })],
    },
    'vit.decoder.onnx': { ...decoder, constants: [...(decoder.constants ?? []), kernel] },
  });
}

/** As onnx-community lays its repositories out. */
export function writeTransformersSam2(folder: string): string {
  const vision = encoder('pixel_values', 'image_embeddings.0', 'image_embeddings.1', 'image_embeddings.2');
  return write(join(folder, 'onnx'), {
    'vision_encoder.onnx': vision,
    'prompt_encoder_mask_decoder.onnx': transformersDecoder(),
  });
}
