import type { PackSpec } from '../model-pack.ts';
import { batchParts, partItems } from './batching.ts';
import type { OrtModule } from './ort.ts';
import { floatOutput, rowOf } from './outputs.ts';
import type { RoleSession } from './role-session.ts';
import { putRow, Scratch } from './scratch.ts';

/** Turns mask prompts into the decoder's mask input (sam-pipeline 4.2, mask_prompt). */
export class MaskPrompt {
  readonly #ort: OrtModule;
  readonly #session: RoleSession;
  readonly #spec: PackSpec;
  readonly #masks = new Scratch();

  constructor(ort: OrtModule, session: RoleSession, spec: PackSpec) {
    this.#ort = ort;
    this.#session = session;
    this.#spec = spec;
  }

  /** `masks`: 0/1 floats [Sm * Sm]; gives [L * L] each, in order. */
  async encode(masks: readonly Float32Array[]): Promise<Float32Array<ArrayBuffer>[]> {
    const { lowres, maskPromptSize: side } = this.#spec;
    const results: Float32Array<ArrayBuffer>[] = [];
    const fixed = this.#session.graph.fixed.get('B');
    for (const part of batchParts(masks.length, fixed, masks.length)) {
      const data = this.#masks.zeros(part.rows * side * side);
      for (const [row, mask] of partItems(masks, part).entries()) putRow(data, row, side * side, mask);
      const mask = new this.#ort.Tensor('float32', data, [part.rows, 1, side, side]);
      const outputs = await this.#session.run({ mask });
      const inputs = floatOutput(this.#session, outputs, 'mask_input', part.rows * lowres * lowres);
      for (let row = 0; row < part.count; row++) results.push(rowOf(inputs, row, lowres * lowres));
    }
    return results;
  }
}
