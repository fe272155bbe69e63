import type { Tensor } from 'onnxruntime-node';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { PackSpec } from '../model-pack.ts';
import { packError } from '../pack-error.ts';
import { batchParts, partItems } from './batching.ts';
import { ConditionedImage, type EncodedImage } from './features.ts';
import { objectsPerCall } from './objects-per-call.ts';
import type { OrtModule } from './ort.ts';
import { floatOutput } from './outputs.ts';
import type { RoleSession } from './role-session.ts';
import { putRow, Scratch } from './scratch.ts';
import type { AttendItem } from './tracker-types.ts';

/** Conditions the image feature on each object's memory bank (sam-pipeline 4.2, memory_attention). */
export class MemoryAttention {
  readonly #ort: OrtModule;
  readonly #session: RoleSession;
  readonly #spec: PackSpec;
  readonly #callBytes: number;
  readonly #tokens = new Scratch();
  readonly #wideIndex: boolean;

  /** `callBytes`: working memory of one call, see `objectsPerCall`. */
  constructor(ort: OrtModule, session: RoleSession, spec: PackSpec, callBytes: number) {
    this.#ort = ort;
    this.#session = session;
    this.#spec = spec;
    this.#callBytes = callBytes;
    const port = session.graph.graph.inputs.find(({ name }) => name === 'mem_tpos_idx');
    this.#wideIndex = port?.dtype === 'i64';
  }

  /** Shorter banks are padded to the longest of the batch with rows marked invalid; padded equals unpadded to 7e-7. */
  async attend(image: EncodedImage, items: readonly AttendItem[]): Promise<ConditionedImage> {
    if (items.length === 0 || items.some((item) => item.memories.length === 0)) {
      throw new StudioError('internal', 'bug', 'Memory attention was asked for without a memory.');
    }
    const feat = image.tensors.feat_s16;
    const width = feat.data.length;
    const frames = Math.max(...items.map(({ memories }) => memories.length));
    const pointers = Math.max(1, ...items.map((item) => item.pointers.length));
    const limit = objectsPerCall({ role: 'memory_attention', frames, pointers }, this.#spec, this.#callBytes);
    const parts = batchParts(items.length, this.#session.graph.fixed.get('B'), limit);
    const rows: Float32Array<ArrayBuffer>[] = [];
    for (const part of parts) {
      const batch = partItems(items, part);
      const outputs = await this.#session.run({ feat, ...this.#memories(batch), ...this.#pointers(batch) });
      const all = floatOutput(this.#session, outputs, 'cond_feat', part.rows * width);
      rows.push(part.rows === part.count ? all : all.slice(0, part.count * width));
    }
    return new ConditionedImage(this.#spec.packId, items.length, rows.length === 1 ? rows[0] : joined(rows));
  }

  #memories(items: readonly AttendItem[]): Record<string, Tensor> {
    const { memTokens, memDim } = this.#spec;
    const rows = items.length;
    const frames = this.#length('F', 'memory frames', Math.max(...items.map(({ memories }) => memories.length)));
    const width = memTokens * memDim;
    const tokens = this.#tokens.zeros(rows * frames * width);
    const index = new Int32Array(rows * frames);
    const valid = new Float32Array(rows * frames);
    for (const [row, { memories }] of items.entries()) {
      for (const [at, memory] of memories.entries()) {
        const slot = row * frames + at;
        putRow(tokens, slot, width, memory.tokens);
        index[slot] = memory.temporalIndex;
        valid[slot] = 1;
      }
    }
    const { Tensor } = this.#ort;
    return {
      mem_tokens: new Tensor('float32', tokens, [rows, frames, memTokens, memDim]),
      mem_tpos_idx: this.#wideIndex
        ? new Tensor('int64', BigInt64Array.from(index, BigInt), [rows, frames])
        : new Tensor('int32', index, [rows, frames]),
      mem_valid: new Tensor('float32', valid, [rows, frames]),
    };
  }

  /** At least one row: a graph cannot take an empty dimension everywhere, so "no pointers" is one invalid row. */
  #pointers(items: readonly AttendItem[]): Record<string, Tensor> {
    const { ptrDim } = this.#spec;
    const rows = items.length;
    const count = this.#length('N', 'object pointers', Math.max(1, ...items.map(({ pointers }) => pointers.length)));
    const pointers = new Float32Array(rows * count * ptrDim);
    const position = new Float32Array(rows * count);
    const valid = new Float32Array(rows * count);
    for (const [row, item] of items.entries()) {
      for (const [at, slot] of item.pointers.entries()) {
        putRow(pointers, row * count + at, ptrDim, slot.pointer);
        position[row * count + at] = slot.temporalPosition;
        valid[row * count + at] = 1;
      }
    }
    const { Tensor } = this.#ort;
    return {
      obj_ptrs: new Tensor('float32', pointers, [rows, count, ptrDim]),
      ptr_tpos: new Tensor('float32', position, [rows, count]),
      ptr_valid: new Tensor('float32', valid, [rows, count]),
    };
  }

  /** The graph's fixed length when it has one; a longer bank would lose memories silently, so it is refused. */
  #length(symbol: 'F' | 'N', what: string, wanted: number): number {
    const fixed = this.#session.graph.fixed.get(symbol);
    if (fixed === undefined || wanted <= fixed) return fixed ?? wanted;
    throw packError(
      'pack-cannot-track',
      this.#session.pack,
      `its memory_attention graph takes at most ${fixed} ${what}, ${wanted} were needed`,
      {
        remedy:
          'frames done so far are kept; lower tracker.maxCond or maxPtrs in pack.json, or export it with a dynamic length',
      },
    );
  }
}

function joined(rows: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
}
