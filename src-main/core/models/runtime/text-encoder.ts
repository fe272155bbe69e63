import type { TokenizedPhrase } from '../text/tokenizer.ts';
import { EncodedText } from './features.ts';
import type { OrtModule } from './ort.ts';
import type { RoleSession } from './role-session.ts';

/** Phrases kept; a session has a handful of concepts. */
const CACHE_LIMIT = 256;

/** Runs the text encoder once per phrase (sam-pipeline 1.3, 4.3): features do not depend on the image. */
export class TextEncoder {
  readonly #ort: OrtModule;
  readonly #session: RoleSession;
  readonly #packId: string;
  readonly #cache = new Map<string, EncodedText>();
  readonly #wideIds: boolean;

  constructor(ort: OrtModule, session: RoleSession, packId: string) {
    this.#ort = ort;
    this.#session = session;
    this.#packId = packId;
    this.#wideIds = session.graph.graph.inputs.find(({ name }) => name === 'input_ids')?.dtype === 'i64';
  }

  async encode(phrase: TokenizedPhrase): Promise<EncodedText> {
    const cached = this.#cache.get(phrase.key);
    if (cached !== undefined) return cached;
    const { ids, valid } = phrase;
    const dims = [1, ids.length];
    const { Tensor } = this.#ort;
    const outputs = await this.#session.run({
      input_ids: this.#wideIds
        ? new Tensor('int64', BigInt64Array.from(ids, BigInt), dims)
        : new Tensor('int32', ids, dims),
      attention_mask: new Tensor('int32', Int32Array.from(valid), dims),
    });
    const text = new EncodedText(this.#packId, outputs.text_features.data as Float32Array, valid);
    if (this.#cache.size >= CACHE_LIMIT) this.#cache.delete(this.#cache.keys().next().value ?? '');
    this.#cache.set(phrase.key, text);
    return text;
  }

  forget(): void {
    this.#cache.clear();
  }
}
