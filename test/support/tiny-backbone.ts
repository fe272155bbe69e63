import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeOnnx, type TinyGraph } from './tiny-onnx.ts';

export interface TinyBackboneChange {
  readonly id?: string;
  readonly dims?: number;
  /** Multiplies every number of the vector. */
  readonly scale?: number;
  readonly sha256?: string;
}

/** A backbone of 8 px pictures whose vector is the mean colour of the four quarters: [red x 4, green x 4, blue x 4]. */
export function writeTinyBackbone(folder: string, change: TinyBackboneChange = {}): string {
  const graph: TinyGraph = {
    inputs: [{ name: 'pixel_values', dtype: 'f32', shape: ['batch', 3, 8, 8] }],
    outputs: [{ name: 'embedding', dtype: 'f32', shape: ['batch', 12] }],
    constants: [
      { name: 'shape', dtype: 'i64', dims: [2], values: [-1, 12] },
      { name: 'scale', dtype: 'f32', dims: [1], values: [change.scale ?? 1] },
    ],
    nodes: [
      {
        op: 'AveragePool',
        inputs: ['pixel_values'],
        outputs: ['quarters'],
        attributes: { kernel_shape: [4, 4], strides: [4, 4] },
      },
      { op: 'Reshape', inputs: ['quarters', 'shape'], outputs: ['flat'] },
      { op: 'Mul', inputs: ['flat', 'scale'], outputs: ['embedding'] },
    ],
  };
  const bytes = encodeOnnx(graph);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'backbone.onnx'), bytes);
  const manifest = {
    format: 1,
    kind: 'backbone',
    id: change.id ?? 'tiny-backbone',
    arch: 'handmade',
    licence: 'Apache-2.0',
    image: { size: 8, mean: [0, 0, 0], std: [1, 1, 1], resize: 'shortest-crop', filter: 'bicubic-aa', cropPct: 1 },
    embedding: { dims: change.dims ?? 12 },
    graphs: {
      backbone: {
        file: 'backbone.onnx',
        external: [],
        sha256: change.sha256 ?? createHash('sha256').update(bytes).digest('hex'),
        precision: 'fp32',
      },
    },
  };
  writeFileSync(join(folder, 'pack.json'), JSON.stringify(manifest, null, 1));
  return folder;
}
