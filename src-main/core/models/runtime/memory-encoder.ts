import type { PackSpec } from '../model-pack.ts';
import { batchParts, partItems } from './batching.ts';
import type { EncodedImage } from './features.ts';
import { objectsPerCall } from './objects-per-call.ts';
import type { OrtModule } from './ort.ts';
import { floatOutput, rowOf } from './outputs.ts';
import type { RoleSession } from './role-session.ts';
import { putRow, Scratch } from './scratch.ts';
import type { MemoryItem } from './tracker-types.ts';

/** Turns masks into memory tokens (sam-pipeline 4.2, memory_encoder). */
export class MemoryEncoder {
  readonly #ort: OrtModule;
  readonly #session: RoleSession;
  readonly #spec: PackSpec;
  readonly #limit: number;
  readonly #logits = new Scratch();

  /** `callBytes`: working memory of one call, see `objectsPerCall`. */
  constructor(ort: OrtModule, session: RoleSession, spec: PackSpec, callBytes: number) {
    this.#limit = objectsPerCall({ role: 'memory_encoder' }, spec, callBytes);
    this.#ort = ort;
    this.#session = session;
    this.#spec = spec;
  }

  /** Tokens [T * memDim] of each item, in order; owned by the caller. */
  async encode(image: EncodedImage, items: readonly MemoryItem[]): Promise<Float32Array<ArrayBuffer>[]> {
    const { lowres, memTokens, memDim } = this.#spec;
    const { Tensor } = this.#ort;
    const width = memTokens * memDim;
    const results: Float32Array<ArrayBuffer>[] = [];
    const fixed = this.#session.graph.fixed.get('B');
    for (const part of batchParts(items.length, fixed, this.#limit)) {
      const batch = partItems(items, part);
      const logits = this.#logits.zeros(part.rows * lowres * lowres);
      for (const [row, item] of batch.entries()) putRow(logits, row, lowres * lowres, item.logits);
      const binarize = Float32Array.from(batch, (item) => (item.binarize ? 1 : 0));
      const scores = Float32Array.from(batch, (item) => item.objectScoreLogit);
      const outputs = await this.#session.run({
        image_embed: image.tensors.feat_s16,
        mask_logits: new Tensor('float32', logits, [part.rows, 1, lowres, lowres]),
        binarize: new Tensor('float32', binarize, [part.rows]),
        object_score_logits: new Tensor('float32', scores, [part.rows, 1]),
      });
      const tokens = floatOutput(this.#session, outputs, 'mem_tokens', part.rows * width);
      for (let row = 0; row < part.count; row++) results.push(rowOf(tokens, row, width));
    }
    return results;
  }
}
