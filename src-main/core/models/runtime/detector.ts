import type { Tensor } from 'onnxruntime-node';
import type { PackSpec } from '../model-pack.ts';
import { packError } from '../pack-error.ts';
import type { EncodedImage, EncodedText } from './features.ts';
import type { OrtModule } from './ort.ts';
import { floatOutput, requireFinite } from './outputs.ts';
import type { RoleSession } from './role-session.ts';
import type { Detections, Exemplar } from './tracker-types.ts';

/** Inverse-sigmoid epsilon of the reference's joint box score (sam-pipeline 2.4.1). */
const SCORE_EPSILON = 1e-3;

/** Finds all instances of one concept on one frame (sam-pipeline 1.4 to 1.6, 4.3). */
export class Detector {
  readonly #ort: OrtModule;
  readonly #session: RoleSession;
  readonly #spec: PackSpec;
  readonly #queries: number;

  constructor(ort: OrtModule, session: RoleSession, spec: PackSpec) {
    this.#ort = ort;
    this.#session = session;
    this.#spec = spec;
    this.#queries = spec.detector?.numQueries ?? 0;
  }

  async detect(image: EncodedImage, text: EncodedText, exemplars: readonly Exemplar[]): Promise<Detections> {
    const { det_s4, det_s8, det_s16 } = image.tensors;
    const outputs = await this.#session.run({
      det_s4,
      det_s8,
      det_s16,
      ...this.#text(text),
      ...this.#boxes(exemplars),
    });
    const session = this.#session;
    const count = this.#queries;
    const logits = floatOutput(session, outputs, 'pred_logits', count);
    const presenceLogit = floatOutput(session, outputs, 'presence_logits', 1);
    const boxes = floatOutput(session, outputs, 'pred_boxes', count * 4);
    const masks = floatOutput(session, outputs, 'pred_masks', count * this.#spec.lowres ** 2);
    requireFinite(session, 'pred_logits', logits);
    requireFinite(session, 'presence_logits', presenceLogit);
    const presence = sigmoid(presenceLogit[0]);
    return { scores: this.#scores(logits, presence), presence, boxes, masks };
  }

  /** Class times presence. SAM 3 takes it through a clamped logit, which only bounds it to [0.001, 0.999] and so makes ties. */
  #scores(logits: Float32Array, presence: number): Float32Array<ArrayBuffer> {
    const bounded = this.#spec.arch === 'sam3';
    return Float32Array.from(logits, (logit) => {
      const score = sigmoid(logit) * presence;
      return bounded ? Math.min(1 - SCORE_EPSILON, Math.max(SCORE_EPSILON, score)) : score;
    });
  }

  #text(text: EncodedText): Record<string, Tensor> {
    const tokens = text.valid.length;
    const width = text.features.length / tokens;
    return {
      text_features: new this.#ort.Tensor('float32', text.features, [1, tokens, width]),
      text_valid: new this.#ort.Tensor('bool', text.valid, [1, tokens]),
    };
  }

  /** Without exemplars one invalid box is passed: the class token of the geometry encoder is always there (1.4). */
  #boxes(exemplars: readonly Exemplar[]): Record<string, Tensor> {
    const fixed = this.#session.graph.fixed.get('K');
    const count = fixed ?? Math.max(1, exemplars.length);
    if (exemplars.length > count) {
      const what = `its detector graph takes at most ${count} exemplar boxes, ${exemplars.length} were given`;
      throw packError('pack-graph-mismatch', this.#session.pack, what, { remedy: 'remove some exemplar boxes' });
    }
    const boxes = new Float32Array(count * 4);
    const labels = new Int32Array(count);
    const valid = new Uint8Array(count);
    for (const [at, { centreX, centreY, width, height, positive }] of exemplars.entries()) {
      boxes.set([centreX, centreY, width, height], at * 4);
      labels[at] = positive ? 1 : 0;
      valid[at] = 1;
    }
    return {
      boxes: new this.#ort.Tensor('float32', boxes, [1, count, 4]),
      box_labels: new this.#ort.Tensor('int32', labels, [1, count]),
      box_valid: new this.#ort.Tensor('bool', valid, [1, count]),
    };
  }
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
