import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  listProviders,
  openPackRuntime,
  type PackRuntime,
  readPack,
  testProvider,
} from '../../src-main/core/models/index.ts';
import type { ModelPoint } from '../../src-main/core/tracking/ports.ts';
import { tinyGraphs, tinySizes, writeTinyPack } from '../support/tiny-pack.ts';

const { imageSize, lowres, memTokens, ptrDim, maskPromptSize } = tinySizes;
const plane = lowres * lowres;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'masklet-models-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open = async (name: string, change = {}, options = {}) =>
  openPackRuntime(await readPack(writeTinyPack(join(folder, name), change)), { threads: 1, ...options });
const pixels = (value: number) => new Uint8Array(imageSize * imageSize * 3).fill(value);
const point = (x: number, y: number): ModelPoint => ({ x, y, label: 1 });
const conditionedData = (features: unknown) => [...(features as { readonly data: Float32Array }).data];
const fixBatch = (role: string, batch: number) => {
  const graph = tinyGraphs()[role];
  const fix = (ports: typeof graph.inputs) =>
    ports.map((port) => ({ ...port, shape: port.shape.map((dim) => (dim === 'batch' ? batch : dim)) }));
  return { [role]: { ...graph, inputs: fix(graph.inputs), outputs: fix(graph.outputs) } };
};
const bank = (value: number, frames: number) => ({
  memories: Array.from({ length: frames }, (_, at) => ({
    tokens: new Float32Array(memTokens).fill(value),
    temporalIndex: at,
  })),
  pointers: [],
});

describe('a pack in use', () => {
  let runtime: PackRuntime;
  beforeAll(async () => {
    runtime = await open('whole');
  });
  afterAll(async () => runtime[Symbol.asyncDispose]());

  test('warm-up is not counted, every call is', async () => {
    expect(Object.values(runtime.runCounts).every((count) => count === 0)).toBe(true);
    const image = await runtime.encodeImage(pixels(255));
    const items = [1, 2, 3].map((x) => ({ points: [point(x, 0)], maskInput: null }));
    await runtime.decode(image, { conditioned: null, noMemory: true, items });
    await runtime.attend(image, [bank(1, 1), bank(2, 3), bank(3, 2)]);
    expect(runtime.runCounts).toMatchObject({ image_encoder: 1, mask_decoder: 1, memory_attention: 1, detector: 0 });
    expect(runtime.runMillis.image_encoder).toBeGreaterThan(0);
    runtime.resetCounters();
    expect(runtime.runCounts.image_encoder).toBe(0);
  });

  test('a batch gives each object its own row, in order', async () => {
    const image = await runtime.encodeImage(pixels(255));
    const mask = new Float32Array(plane).fill(5);
    const found = await runtime.decode(image, {
      conditioned: null,
      noMemory: true,
      items: [
        { points: [point(1, 2)], maskInput: null },
        { points: [point(10, 20)], maskInput: mask },
      ],
    });
    expect(found.map((object) => object.objectScoreLogit)).toEqual([3, 31]);
    expect(found.map((object) => object.masks[0])).toEqual([1, 6]);
    expect(found.map((object) => [...object.ious])).toEqual([
      [1, 1, 1, 1],
      [1, 1, 1, 1],
    ]);
    expect(found[1].masks.length).toBe(4 * plane);
    expect(found[1].pointers.length).toBe(4 * ptrDim);
  });

  test('padded memory frames count for nothing', async () => {
    const image = await runtime.encodeImage(pixels(255));
    const conditioned = await runtime.attend(image, [bank(2, 1), bank(3, 4)]);
    const data = conditionedData(conditioned);
    expect([data[0], data[data.length - 1]]).toEqual([1 + 2, 1 + 12]);
  });

  test('memories and mask prompts come back in order', async () => {
    const image = await runtime.encodeImage(pixels(0));
    const item = (value: number) => ({
      logits: new Float32Array(plane).fill(value),
      binarize: false,
      objectScoreLogit: 10,
    });
    const tokens = await runtime.encodeMemory(image, [item(1), item(2)]);
    expect(tokens.map((row) => row[0])).toEqual([11, 12]);
    const masks = [0, 1].map((value) => new Float32Array(maskPromptSize ** 2).fill(value));
    const inputs = await runtime.promptFromMask(masks);
    expect(inputs.map((input) => [input.length, input[0]])).toEqual([
      [plane, 0],
      [plane, 1],
    ]);
  });

  test('a phrase is encoded once, whatever its spelling', async () => {
    runtime.resetCounters();
    const texts = await Promise.all(
      ['red ball', 'Red-Spheres', 'a red ball'].map((phrase) => runtime.encodeText(phrase)),
    );
    expect(runtime.runCounts.text_encoder).toBe(1);
    const image = await runtime.encodeImage(pixels(255));
    const found = await runtime.detect(image, texts[0], []);
    // Token ids 1 and 2 add up to 3; presence is the sigmoid of -1.
    const presence = 1 / (1 + Math.E);
    expect(found.presence).toBeCloseTo(presence, 6);
    expect(found.scores[0]).toBeCloseTo(presence / (1 + Math.exp(-3)), 6);
    expect([...found.boxes.slice(4)]).toEqual([0.25, 0.25, 1, 1]);
    expect(found.masks.length).toBe(2 * plane);
    const exemplar = { centreX: 0.5, centreY: 0.5, width: 0.5, height: 0.5, positive: true };
    const blank = await runtime.detect(image, null, [exemplar]);
    expect(blank.scores[0]).toBeCloseTo(presence / 2, 6);
  });

  test('a word outside the vocabulary is named, with the words that are in it', async () => {
    await expect(runtime.encodeText('red zebra')).rejects.toMatchObject({
      code: 'word-unknown',
      kind: 'user',
      message: expect.stringMatching(/"zebra".*red, ball.*SAM 3 pack/),
    });
  });

  test('calls that overlap do not disturb each other', async () => {
    const image = await runtime.encodeImage(pixels(255));
    const values = [1, 2, 3, 4, 5, 6];
    const all = await Promise.all(values.map((value) => runtime.attend(image, [bank(value, 1)])));
    expect(all.map((conditioned) => conditionedData(conditioned)[0])).toEqual(values.map((value) => value + 1));
  });
});

describe('what the runtime is given', () => {
  test('memories, pointers, masks and frames of another size are refused', async () => {
    await using runtime = await open('sizes');
    const image = await runtime.encodeImage(pixels(1));
    const short = new Float32Array(3);
    const item = bank(1, 1);
    const settled = await Promise.allSettled([
      runtime.encodeImage(new Uint8Array(7)),
      runtime.attend(image, [{ memories: [{ tokens: short, temporalIndex: 0 }], pointers: [] }]),
      runtime.attend(image, [{ ...item, pointers: [{ pointer: new Float32Array(9), temporalPosition: 0 }] }]),
      runtime.attend(image, [{ memories: [], pointers: [] }]),
      runtime.decode(image, { conditioned: null, noMemory: true, items: [{ points: [], maskInput: short }] }),
      runtime.encodeMemory(image, [{ logits: short, binarize: true, objectScoreLogit: 1 }]),
      runtime.promptFromMask([short]),
      runtime.decode(image, {
        conditioned: null,
        noMemory: true,
        items: [
          { points: [point(1, 1)], maskInput: null },
          { points: [point(1, 1), point(2, 2)], maskInput: null },
        ],
      }),
    ]);
    for (const result of settled) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'internal' } });
    await expect(runtime.encodeImage(pixels(2))).resolves.toBeDefined();
  });
});

describe('graphs with fixed sizes', () => {
  test('a fixed batch of 1 or 4 gives the same answers', async () => {
    for (const batch of [1, 4]) {
      const graphs = { ...fixBatch('mask_decoder', batch), ...fixBatch('memory_encoder', batch) };
      await using runtime = await open(`batch-${batch}`, {
        graphs: { ...graphs, ...fixBatch('memory_attention', batch) },
      });
      const image = await runtime.encodeImage(pixels(255));
      const banks = [1, 2, 3, 4, 5].map((value) => bank(value, 2));
      const conditioned = await runtime.attend(image, banks);
      const items = banks.map((_, at) => ({ points: [point(at, 0)], maskInput: null }));
      const found = await runtime.decode(image, { conditioned, noMemory: false, items });
      expect(found.map((object) => object.objectScoreLogit)).toEqual([0, 1, 2, 3, 4]);
      expect(found.map((object) => object.ious[0])).toEqual([3, 5, 7, 9, 11]);
      expect(runtime.runCounts.mask_decoder).toBe(batch === 1 ? 5 : 2);
    }
  });

  test('a bank longer than a fixed number of frames is refused, not cut', async () => {
    const graph = tinyGraphs().memory_attention;
    const inputs = graph.inputs.map((port) => ({
      ...port,
      shape: port.shape.map((dim) => (dim === 'frames' ? 2 : dim)),
    }));
    await using runtime = await open('frames-2', { graphs: { memory_attention: { ...graph, inputs } } });
    const image = await runtime.encodeImage(pixels(255));
    expect(conditionedData(await runtime.attend(image, [bank(4, 1)]))[0]).toBe(5);
    await expect(runtime.attend(image, [bank(4, 3)])).rejects.toMatchObject({ code: 'pack-cannot-track' });
  });

  test('wide indices are accepted where exporters write them', async () => {
    const { memory_attention: attention, text_encoder: text } = tinyGraphs();
    const widen = (ports: typeof text.inputs, name: string) =>
      ports.map((port) => (port.name === name ? { ...port, dtype: 'i64' as const } : port));
    const graphs = {
      // The index moves the result, so that a wrong conversion shows.
      memory_attention: {
        ...attention,
        inputs: widen(attention.inputs, 'mem_tpos_idx'),
        nodes: [
          { op: 'Cast', inputs: ['mem_tpos_idx'], outputs: ['index'], attributes: { to: 1 } },
          { op: 'Mul', inputs: ['index', 'mem_valid'], outputs: ['indexed'] },
          { op: 'Unsqueeze', inputs: ['indexed', 'tail'], outputs: ['weight'] },
          ...attention.nodes.slice(1),
        ],
      },
      text_encoder: {
        ...text,
        inputs: widen(text.inputs, 'input_ids'),
        nodes: [
          { op: 'Cast', inputs: ['input_ids'], outputs: ['narrow'], attributes: { to: 6 } },
          { op: 'Mul', inputs: ['narrow', 'attention_mask'], outputs: ['counted'] },
          ...text.nodes.slice(1),
        ],
      },
    };
    await using runtime = await open('wide', { graphs });
    const image = await runtime.encodeImage(pixels(255));
    // Frames 0, 1 and 2 of value 5, weighted by their index: 0 + 5 + 10, plus the feature 1.
    expect(conditionedData(await runtime.attend(image, [bank(5, 3)]))[0]).toBe(16);
    const { scores, presence } = await runtime.detect(image, await runtime.encodeText('ball'), []);
    expect(scores[0]).toBeCloseTo(presence / (1 + Math.exp(-2)), 6);
  });

  test('objects that do not fit into one call are answered in several, alike', async () => {
    const banks = [bank(1, 1), bank(2, 1), bank(3, 1)];
    const items = banks.map((_, at) => ({ points: [point(at, 0)], maskInput: null }));
    const shown = [1, 2, 3].map((value) => ({
      logits: new Float32Array(plane).fill(value),
      binarize: false,
      objectScoreLogit: 10,
    }));
    const answers = async (callBytes: number) => {
      await using runtime = await open(`bounded-${callBytes}`, {}, { callBytes });
      const image = await runtime.encodeImage(pixels(255));
      const conditioned = await runtime.attend(image, banks);
      const found = await runtime.decode(image, { conditioned, noMemory: false, items });
      const tokens = await runtime.encodeMemory(image, shown);
      return { conditioned: conditionedData(conditioned), found, tokens, counts: { ...runtime.runCounts } };
    };
    const [whole, split] = [await answers(2 ** 29), await answers(1)];
    expect(whole.counts).toMatchObject({ memory_attention: 1, mask_decoder: 1, memory_encoder: 1 });
    expect(split.counts).toMatchObject({ memory_attention: 3, mask_decoder: 3, memory_encoder: 3 });
    expect({ ...split, counts: null }).toEqual({ ...whole, counts: null });
    expect(whole.conditioned.filter((_, at) => at % 48 === 0)).toEqual([2, 3, 4]);
  });
});

describe('a pack that lacks things', () => {
  test('without memory graphs it decodes, and says why it cannot track', async () => {
    const change = { without: ['memory_encoder', 'memory_attention'], manifest: { tracker: null } };
    await using runtime = await open('image-only', change);
    const image = await runtime.encodeImage(pixels(1));
    await expect(runtime.attend(image, [bank(1, 1)])).rejects.toMatchObject({
      code: 'pack-cannot-track',
      message: expect.stringContaining('no memory_encoder and no memory_attention graph'),
    });
  });

  test('without text it says so', async () => {
    const change = { without: ['text_encoder', 'detector'], manifest: { text: null, detector: null } };
    await using runtime = await open('no-text', change);
    await expect(runtime.encodeText('red')).rejects.toMatchObject({ code: 'concepts-unsupported' });
  });
});

describe('closing and devices', () => {
  test('closing waits for running calls and refuses later ones', async () => {
    const runtime = await open('closing');
    const running = runtime.encodeImage(pixels(9));
    await runtime[Symbol.asyncDispose]();
    await expect(running).resolves.toMatchObject({ kind: 'image-features' });
    await expect(runtime.encodeImage(pixels(9))).rejects.toMatchObject({ code: 'internal' });
    await runtime[Symbol.asyncDispose]();
  });

  test('features of another pack are refused', async () => {
    await using one = await open('one');
    await using two = await open('two', { manifest: { id: 'other' } });
    const image = await one.encodeImage(pixels(9));
    await expect(two.attend(image, [bank(1, 1)])).rejects.toMatchObject({ code: 'internal' });
  });

  test('a device that is not there is refused when asked for by name, and no device of that name is a usage error', async () => {
    const missing = process.platform === 'win32' ? 'coreml' : 'dml';
    await expect(open('missing-device', {}, { device: missing })).rejects.toMatchObject({
      code: 'provider-unavailable',
    });
    await expect(open('no-device', {}, { device: 'gpu' })).rejects.toMatchObject({ code: 'usage' });
  });

  test('the CPU is always listed first and passes its self-test', async () => {
    expect((await listProviders())[0]).toEqual({ kind: 'cpu', bundled: true });
    expect(await testProvider({ kind: 'cpu', index: 0 })).toEqual({ kind: 'works' });
  });

  test('a signal that fired stops opening', async () => {
    await expect(open('aborted', {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  });
});
