import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ImageInput, openPackRuntime, type PackRuntime, readPack } from '../../src-main/core/models/index.ts';
import { ConditionedImage, EncodedText } from '../../src-main/core/models/runtime/features.ts';
import type { ImageFeatures, ModelPoint } from '../../src-main/core/tracking/ports.ts';

const packsFolder = resolve(import.meta.dirname, '../../../shared/fixtures/packs');
const present = existsSync(packsFolder);
if (!present) console.log('Component goldens skipped: ../shared/fixtures is not here.');

/** Relative to the largest magnitude of the golden (sentinel -1024 left out). */
const TOLERANCE = 1e-4;
/** Random weights that hardly look at colour: the pixel test stands in for them. */
const bgrBlind: ReadonlySet<string> = new Set(['edgetam-tiny']);
const packIds = ['sam21-tiny', 'edgetam-tiny', 'sam3-tracker-tiny', 'sam3-tiny'] as const;

interface GoldenCase {
  readonly graph: string;
  readonly case: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}
interface TensorEntry {
  readonly name: string;
  readonly dtype: 'f32' | 'i32' | 'u8';
  readonly shape: readonly number[];
  readonly file: string;
}

/** The component goldens of one pack, and the calls of the runtime that reproduce them. */
class Goldens {
  readonly cases: readonly GoldenCase[];
  readonly #folder: string;
  readonly #tensors: ReadonlyMap<string, TensorEntry>;

  constructor(packId: string) {
    this.#folder = join(packsFolder, packId, 'goldens/components');
    const index = JSON.parse(readFileSync(join(this.#folder, 'index.json'), 'utf8'));
    this.cases = index.cases;
    this.#tensors = new Map((index.tensors as TensorEntry[]).map((tensor) => [tensor.name, tensor]));
  }

  find(graph: string, name: string): GoldenCase | undefined {
    return this.cases.find((golden) => golden.graph === graph && golden.case === name);
  }

  shape(name: string): readonly number[] {
    return this.#entry(name).shape;
  }

  f32(name: string): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#bytes(name));
  }

  i32(name: string): Int32Array {
    return new Int32Array(this.#bytes(name));
  }

  u8(name: string): Uint8Array {
    return new Uint8Array(this.#bytes(name));
  }

  #entry(name: string): TensorEntry {
    const entry = this.#tensors.get(name);
    if (entry === undefined) throw new Error(`no golden tensor ${name}`);
    return entry;
  }

  #bytes(name: string): ArrayBuffer {
    return new Uint8Array(readFileSync(join(this.#folder, this.#entry(name).file))).buffer;
  }
}

/** Largest difference relative to the golden's scale; a sentinel must be a sentinel on both sides. */
function relativeDifference(actual: Float32Array, golden: Float32Array): number {
  if (actual.length !== golden.length) return Number.POSITIVE_INFINITY;
  let scale = 1e-6;
  let worst = 0;
  for (let at = 0; at < golden.length; at++) {
    if (golden[at] === -1024 || actual[at] === -1024) {
      if (golden[at] !== actual[at]) return Number.POSITIVE_INFINITY;
      continue;
    }
    scale = Math.max(scale, Math.abs(golden[at]));
    const difference = Math.abs(actual[at] - golden[at]);
    worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(worst, difference);
  }
  return worst / scale;
}

function rows(data: Float32Array<ArrayBuffer>, count: number): Float32Array<ArrayBuffer>[] {
  const width = data.length / count;
  return Array.from({ length: count }, (_, row) => data.slice(row * width, (row + 1) * width));
}

function joined(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

/** How a run may be falsified. */
interface Mutation {
  readonly bgr?: boolean;
  readonly swapPoints?: boolean;
  readonly shiftTpos?: boolean;
  readonly dropPointers?: boolean;
}

function frame0(goldens: Goldens, mutation: Mutation = {}): Uint8Array {
  const pixels = goldens.u8('frame0_resized_u8');
  if (mutation.bgr) for (let at = 0; at < pixels.length; at += 3) pixels.subarray(at, at + 3).reverse();
  return pixels;
}

function decodeItems(goldens: Goldens, { inputs }: GoldenCase, mutation: Mutation = {}) {
  const [count, points] = goldens.shape(inputs.point_coords);
  const coords = goldens.f32(inputs.point_coords);
  const labels = goldens.i32(inputs.point_labels);
  const hasMask = goldens.f32(inputs.has_mask);
  const point = (slot: number): ModelPoint => {
    const [x, y] = [coords[2 * slot], coords[2 * slot + 1]];
    const label = labels[slot] as ModelPoint['label'];
    return mutation.swapPoints ? { x: y, y: x, label } : { x, y, label };
  };
  return rows(goldens.f32(inputs.mask_input), count).map((mask, row) => ({
    points: Array.from({ length: points }, (_, at) => point(row * points + at)),
    maskInput: hasMask[row] === 1 ? mask : null,
  }));
}

async function decodeCase(
  runtime: PackRuntime,
  goldens: Goldens,
  golden: GoldenCase,
  image: ImageFeatures,
  mutation: Mutation = {},
) {
  const { inputs, outputs } = golden;
  const noMem = goldens.f32(inputs.no_mem_scale);
  const items = decodeItems(goldens, golden, mutation);
  // A case may mix rows with and without the no-memory embedding; the runtime has one flag per call.
  const found = [];
  for (const [row, item] of items.entries()) {
    const request = { conditioned: null, noMemory: noMem[row] === 1, items: [item] };
    found.push(...(await runtime.decode(image, request)));
  }
  return {
    masks: relativeDifference(joined(found.map((object) => object.masks)), goldens.f32(outputs.masks)),
    ious: relativeDifference(joined(found.map((object) => object.ious)), goldens.f32(outputs.iou_scores)),
    scores: relativeDifference(
      Float32Array.from(found, (object) => object.objectScoreLogit),
      goldens.f32(outputs.object_score_logits),
    ),
    pointers: relativeDifference(joined(found.map((object) => object.pointers)), goldens.f32(outputs.obj_ptrs)),
  };
}

function attendItems(goldens: Goldens, golden: GoldenCase, mutation: Mutation = {}) {
  const { inputs } = golden;
  const [count, frames] = goldens.shape(inputs.mem_tokens);
  const pointerCount = goldens.shape(inputs.obj_ptrs)[1];
  const tokens = rows(goldens.f32(inputs.mem_tokens), count * frames);
  const index = goldens.i32(inputs.mem_tpos_idx);
  const valid = goldens.f32(inputs.mem_valid);
  const pointers = rows(goldens.f32(inputs.obj_ptrs), count * pointerCount);
  const position = goldens.f32(inputs.ptr_tpos);
  const pointerValid = goldens.f32(inputs.ptr_valid);
  return Array.from({ length: count }, (_, row) => ({
    memories: tokens.slice(row * frames, (row + 1) * frames).flatMap((slot, at) => {
      const from = row * frames + at;
      const temporalIndex = mutation.shiftTpos ? (index[from] + 1) % 7 : index[from];
      return valid[from] === 1 ? [{ tokens: slot, temporalIndex }] : [];
    }),
    pointers: pointers.slice(row * pointerCount, (row + 1) * pointerCount).flatMap((pointer, at) => {
      const from = row * pointerCount + at;
      return pointerValid[from] === 1 && !mutation.dropPointers ? [{ pointer, temporalPosition: position[from] }] : [];
    }),
  }));
}

/** Conditioned features are opaque; their numbers are read here because this suite is about them. */
function conditionedData(features: unknown): Float32Array {
  return (features as { readonly data: Float32Array }).data;
}

describe.skipIf(!present).each(packIds)('components of %s', (packId) => {
  const goldens = present ? new Goldens(packId) : (undefined as unknown as Goldens);
  let runtime: PackRuntime;
  let image: ImageFeatures;

  beforeAll(async () => {
    runtime = await openPackRuntime(await readPack(join(packsFolder, packId)), {
      threads: 1,
      vocabFolders: [join(packsFolder, '../tokenizer')],
    });
    image = await runtime.encodeImage(frame0(goldens));
  });
  afterAll(async () => {
    await runtime?.[Symbol.asyncDispose]();
  });

  const casesOf = (graph: string) => goldens?.cases.filter((golden) => golden.graph === graph) ?? [];
  const tensors = (features: ImageFeatures) =>
    (features as unknown as { readonly tensors: Readonly<Record<string, { readonly data: Float32Array }>> }).tensors;

  test('image encoder from uint8 pixels', () => {
    const [golden] = casesOf('image_encoder');
    for (const [name, tensor] of Object.entries(golden.outputs)) {
      expect(relativeDifference(tensors(image)[name].data, goldens.f32(tensor)), name).toBeLessThan(TOLERANCE);
    }
  });

  test('pixels become numbers as the reference makes them, and not in BGR order', () => {
    const input = new ImageInput(runtime.pack.manifest.image);
    const golden = goldens.f32('pixel_values_frame0');
    input.fill(goldens.u8('frame0_resized_u8'));
    const worst = (values: Float32Array) =>
      values.reduce((top, value, at) => Math.max(top, Math.abs(value - golden[at])), 0);
    expect(worst(input.data)).toBeLessThan(1e-5);
    input.fill(frame0(goldens, { bgr: true }));
    expect(worst(input.data)).toBeGreaterThan(0.1);
  });

  test('image encoder with blue and red swapped is off', async () => {
    const mutated = tensors(await runtime.encodeImage(frame0(goldens, { bgr: true })));
    const [golden] = casesOf('image_encoder');
    const differences = Object.entries(golden.outputs).map(([name, tensor]) =>
      relativeDifference(mutated[name].data, goldens.f32(tensor)),
    );
    expect(Math.max(...differences)).toBeGreaterThan(bgrBlind.has(packId) ? 0 : 0.01);
  });

  test('mask decoder', async () => {
    for (const golden of casesOf('mask_decoder').filter((one) => one.inputs.image_embed === 'shared_feat_s16')) {
      const difference = await decodeCase(runtime, goldens, golden, image);
      expect(Math.max(...Object.values(difference)), `${golden.case} ${JSON.stringify(difference)}`).toBeLessThan(
        TOLERANCE,
      );
    }
  });

  test('a batch of objects with their own features decodes like the reference, object by object', async () => {
    const golden = goldens.find('mask_decoder', 'b3-box-points-mask');
    if (golden === undefined) return;
    const { inputs, outputs } = golden;
    const count = goldens.shape(inputs.point_labels)[0];
    const conditioned = new ConditionedImage(packId, count, goldens.f32(inputs.image_embed));
    const noMem = [...goldens.f32(inputs.no_mem_scale)];
    const expected = rows(goldens.f32(outputs.masks), count);
    for (const flag of new Set(noMem)) {
      const request = { conditioned, noMemory: flag === 1, items: decodeItems(goldens, golden) };
      const found = await runtime.decode(image, request);
      for (const [row, object] of found.entries()) {
        const difference = relativeDifference(object.masks, expected[row]);
        if (noMem[row] === flag) expect(difference, `row ${row}`).toBeLessThan(TOLERANCE);
      }
    }
    expect(runtime.runCounts.mask_decoder).toBeGreaterThan(0);
  });

  test('mask decoder with x and y swapped is far off', async () => {
    const golden = goldens.find('mask_decoder', 'b1-point');
    if (golden === undefined) return;
    const { masks } = await decodeCase(runtime, goldens, golden, image, { swapPoints: true });
    expect(masks).toBeGreaterThan(0.01);
  });

  test('memory encoder', async () => {
    const { lowres } = runtime.spec;
    for (const { case: name, inputs, outputs } of casesOf('memory_encoder')) {
      const binarize = goldens.f32(inputs.binarize);
      const scores = goldens.f32(inputs.object_score_logits);
      const items = rows(goldens.f32(inputs.mask_logits), binarize.length).map((logits, row) => ({
        logits,
        binarize: binarize[row] === 1,
        objectScoreLogit: scores[row],
      }));
      expect(items[0].logits.length).toBe(lowres * lowres);
      const tokens = await runtime.encodeMemory(image, items);
      expect(relativeDifference(joined(tokens), goldens.f32(outputs.mem_tokens)), name).toBeLessThan(TOLERANCE);
    }
  });

  test('memory attention, padded banks included', async () => {
    for (const golden of casesOf('memory_attention')) {
      const conditioned = await runtime.attend(image, attendItems(goldens, golden));
      const difference = relativeDifference(conditionedData(conditioned), goldens.f32(golden.outputs.cond_feat));
      expect(difference, golden.case).toBeLessThan(TOLERANCE);
    }
  });

  test('memory attention with wrong temporal indices or without pointers is far off', async () => {
    const golden = goldens.find('memory_attention', 'b1-full');
    if (golden === undefined) return;
    for (const mutation of [{ shiftTpos: true }, { dropPointers: true }]) {
      const conditioned = await runtime.attend(image, attendItems(goldens, golden, mutation));
      const difference = relativeDifference(conditionedData(conditioned), goldens.f32(golden.outputs.cond_feat));
      expect(difference, JSON.stringify(mutation)).toBeGreaterThan(10 * TOLERANCE);
    }
  });

  test('mask prompt', async () => {
    for (const { case: name, inputs, outputs } of casesOf('mask_prompt')) {
      const masks = rows(goldens.f32(inputs.mask), goldens.shape(inputs.mask)[0]);
      const found = await runtime.promptFromMask(masks);
      expect(relativeDifference(joined(found), goldens.f32(outputs.mask_input)), name).toBeLessThan(TOLERANCE);
    }
  });

  test('text encoder, from the phrase itself', async () => {
    const [golden] = casesOf('text_encoder');
    if (golden === undefined) return;
    const { concepts } = JSON.parse(
      readFileSync(join(packsFolder, packId, 'goldens/detections/detections.json'), 'utf8'),
    );
    const length = runtime.pack.manifest.text?.contextLength ?? 0;
    const cases = casesOf('text_encoder').flatMap(({ inputs, outputs }) => {
      const count = goldens.shape(inputs.input_ids)[0];
      const ids = goldens.i32(inputs.input_ids);
      return rows(goldens.f32(outputs.text_features), count).map((features, row) => ({
        ids: ids.slice(row * length, (row + 1) * length).join(),
        features,
      }));
    });
    const known = (concepts as { text: string; ids: number[] }[]).flatMap(({ text, ids }) =>
      cases.filter((one) => one.ids === ids.join()).map(({ features }) => ({ text, features })),
    );
    expect(known.length).toBeGreaterThan(0);
    for (const { text, features } of known) {
      const found = (await runtime.encodeText(text)) as EncodedText;
      expect(relativeDifference(found.features, features), text).toBeLessThan(TOLERANCE);
    }
  });

  test('detector, with and without exemplar boxes', async () => {
    const { lowres } = runtime.spec;
    for (const { case: name, inputs, outputs } of casesOf('detector')) {
      const text = new EncodedText(packId, goldens.f32(inputs.text_features), goldens.u8(inputs.text_valid));
      const found = await runtime.detect(image, text, exemplars(goldens, inputs));
      const presence = sigmoid(goldens.f32(outputs.presence_logits)[0]);
      const scores = goldens.f32(outputs.pred_logits).map((logit) => clamp(sigmoid(logit) * presence));
      expect(found.presence, name).toBeCloseTo(presence, 5);
      expect(relativeDifference(found.scores, scores), name).toBeLessThan(TOLERANCE);
      expect(relativeDifference(found.boxes, goldens.f32(outputs.pred_boxes)), name).toBeLessThan(TOLERANCE);
      expect(relativeDifference(found.masks, goldens.f32(outputs.pred_masks)), name).toBeLessThan(TOLERANCE);
      expect(found.masks.length).toBe(found.scores.length * lowres * lowres);
    }
  });

  test('detector that ignores its boxes is far off', async () => {
    const golden = goldens.find('detector', 'frame0-concept2-box');
    if (golden === undefined) return;
    const { inputs, outputs } = golden;
    const text = new EncodedText(packId, goldens.f32(inputs.text_features), goldens.u8(inputs.text_valid));
    const found = await runtime.detect(image, text, []);
    expect(relativeDifference(found.masks, goldens.f32(outputs.pred_masks))).toBeGreaterThan(10 * TOLERANCE);
  });
});

const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
const clamp = (score: number) => Math.min(0.999, Math.max(0.001, score));

function exemplars(goldens: Goldens, inputs: GoldenCase['inputs']) {
  const labels = goldens.i32(inputs.box_labels);
  const valid = goldens.u8(inputs.box_valid);
  return rows(goldens.f32(inputs.boxes), labels.length).flatMap(([centreX, centreY, width, height], at) =>
    valid[at] === 1 ? [{ centreX, centreY, width, height, positive: labels[at] === 1 }] : [],
  );
}
