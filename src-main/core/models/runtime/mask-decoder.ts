import type { Tensor } from 'onnxruntime-node';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { PackSpec } from '../model-pack.ts';
import { type BatchPart, batchParts, partItems } from './batching.ts';
import type { ConditionedImage, EncodedImage } from './features.ts';
import { objectsPerCall } from './objects-per-call.ts';
import type { OrtModule } from './ort.ts';
import { floatOutput, requireFinite, rowOf } from './outputs.ts';
import type { RoleSession } from './role-session.ts';
import { putRow, Scratch } from './scratch.ts';
import type { DecodedObject, DecodeItem, ModelPoint } from './tracker-types.ts';

/** What propagation gives every object: nothing pointed at. */
const noPoint: ModelPoint = { x: 0, y: 0, label: -1 };

/** Prompt encoder, two-way decoder and pointer head as one graph (sam-pipeline 4.2, mask_decoder). */
export class MaskDecoder {
  readonly #ort: OrtModule;
  readonly #session: RoleSession;
  readonly #spec: PackSpec;
  readonly #limit: number;
  readonly #maskInput = new Scratch();
  readonly #embed = new Scratch();

  /** `callBytes`: working memory of one call, see `objectsPerCall`. */
  constructor(ort: OrtModule, session: RoleSession, spec: PackSpec, callBytes: number) {
    this.#limit = objectsPerCall({ role: 'mask_decoder' }, spec, callBytes);
    this.#ort = ort;
    this.#session = session;
    this.#spec = spec;
  }

  /** One result per item, in order. Every item of a batch has the same number of points; none means one absent point. */
  async decode(
    image: EncodedImage,
    conditioned: ConditionedImage | null,
    noMemory: boolean,
    items: readonly DecodeItem[],
  ): Promise<readonly DecodedObject[]> {
    const points = items[0]?.points.length ?? 0;
    if (items.some((item) => item.points.length !== points)) {
      throw new StudioError('internal', 'bug', 'Objects with different numbers of points were decoded as one batch.');
    }
    if (conditioned !== null && conditioned.batch !== items.length) {
      throw new StudioError('internal', 'bug', `${items.length} objects met features of ${conditioned.batch}.`);
    }
    const results: DecodedObject[] = [];
    const fixed = this.#session.graph.fixed.get('B');
    for (const part of batchParts(items.length, fixed, this.#limit)) {
      const feeds = {
        feat_s4: image.tensors.feat_s4,
        feat_s8: image.tensors.feat_s8,
        image_embed: this.#imageEmbed(image, conditioned, part),
        no_mem_scale: this.#floats(new Float32Array(part.rows).fill(noMemory ? 1 : 0), [part.rows]),
        ...this.#prompts(partItems(items, part)),
      };
      results.push(...this.#read(await this.#session.run(feeds), part));
    }
    return results;
  }

  #floats(data: Float32Array, dims: readonly number[]): Tensor {
    return new this.#ort.Tensor('float32', data, dims);
  }

  /** Rows are copied for a batch: not every exported graph broadcasts a single one. */
  #imageEmbed(image: EncodedImage, conditioned: ConditionedImage | null, part: BatchPart): Tensor {
    const raw = image.tensors.feat_s16;
    const [, ...shape] = raw.dims;
    const width = shape.reduce((product, dim) => product * dim, 1);
    const source = conditioned?.data ?? (raw.data as Float32Array);
    if (source.length === part.rows * width) return this.#floats(source, [part.rows, ...shape]);
    const target = this.#embed.zeros(part.rows * width);
    for (let row = 0; row < part.rows; row++) {
      const from = conditioned === null ? 0 : part.start + Math.min(row, part.count - 1);
      target.set(source.subarray(from * width, (from + 1) * width), row * width);
    }
    return this.#floats(target, [part.rows, ...shape]);
  }

  #prompts(items: readonly DecodeItem[]): Record<string, Tensor> {
    const rows = items.length;
    const { lowres } = this.#spec;
    const count = Math.max(1, items[0].points.length);
    const coords = new Float32Array(rows * count * 2);
    const labels = new Int32Array(rows * count);
    const hasMask = new Float32Array(rows);
    const masks = this.#maskInput.zeros(rows * lowres * lowres);
    for (const [row, { points, maskInput }] of items.entries()) {
      for (const [at, { x, y, label }] of (points.length === 0 ? [noPoint] : points).entries()) {
        const slot = row * count + at;
        coords[2 * slot] = x;
        coords[2 * slot + 1] = y;
        labels[slot] = label;
      }
      if (maskInput === null) continue;
      putRow(masks, row, lowres * lowres, maskInput);
      hasMask[row] = 1;
    }
    return {
      point_coords: this.#floats(coords, [rows, count, 2]),
      point_labels: new this.#ort.Tensor('int32', labels, [rows, count]),
      mask_input: this.#floats(masks, [rows, 1, lowres, lowres]),
      has_mask: this.#floats(hasMask, [rows]),
    };
  }

  #read(outputs: Awaited<ReturnType<RoleSession['run']>>, part: BatchPart): DecodedObject[] {
    const { lowres, ptrDim } = this.#spec;
    const { rows } = part;
    const session = this.#session;
    const plane = lowres * lowres;
    const masks = floatOutput(session, outputs, 'masks', rows * 4 * plane);
    const ious = floatOutput(session, outputs, 'iou_scores', rows * 4);
    const scores = floatOutput(session, outputs, 'object_score_logits', rows);
    const pointers = floatOutput(session, outputs, 'obj_ptrs', rows * 4 * ptrDim);
    requireFinite(session, 'iou_scores', ious);
    requireFinite(session, 'object_score_logits', scores);
    return Array.from({ length: part.count }, (_, row) => ({
      masks: rowOf(masks, row, 4 * plane),
      ious: rowOf(ious, row, 4),
      objectScoreLogit: scores[row],
      pointers: rowOf(pointers, row, 4 * ptrDim),
    }));
  }
}
