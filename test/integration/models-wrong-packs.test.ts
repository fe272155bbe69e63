import { createHash } from 'node:crypto';
import { linkSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_OPSET, openPackRuntime, readPack } from '../../src-main/core/models/index.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
import { encodeOnnx, type TinyGraph, type TinyPort } from '../support/tiny-onnx.ts';
import { type TinyPackChange, tinyGraphs, writeTinyPack } from '../support/tiny-pack.ts';

let root: string;
let packs = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'masklet-wrong-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const graphs = tinyGraphs();
const newFolder = () => join(root, `pack-${packs++}`);
const write = (change: TinyPackChange) => writeTinyPack(newFolder(), change);
const withGraph = (role: string, change: Partial<TinyGraph>): TinyPackChange => ({
  graphs: { [role]: { ...graphs[role], ...change } },
});
const ports = (list: readonly TinyPort[], name: string, change: Partial<TinyPort>) =>
  list.map((port) => (port.name === name ? { ...port, ...change } : port));

/** Opens a pack that must be refused; returns the one sentence. */
async function refusal(folder: string, code: string): Promise<string> {
  const opening = readPack(folder).then((pack) => openPackRuntime(pack, { threads: 1 }));
  const error = await opening.then(
    async (runtime) => {
      await runtime[Symbol.asyncDispose]();
      throw new Error('the pack was accepted');
    },
    (reason: unknown) => reason,
  );
  if (!(error instanceof StudioError)) throw error;
  expect(error.code).toBe(code);
  expect(error.message).toMatch(/^The model pack "[^"]+" was refused: [^\n]+\.$/);
  return error.message;
}

test('the pack that the wrong ones are made from is accepted', async () => {
  await using runtime = await openPackRuntime(await readPack(write({})), { threads: 1 });
  expect(runtime.provider).toMatchObject({ kind: 'cpu', threads: 1, notes: [] });
});

describe('graphs that do not fit their role', () => {
  const cases: readonly [string, TinyPackChange, RegExp][] = [
    ['a missing role', { without: ['mask_decoder'] }, /no mask_decoder graph/],
    ['a declared detector without a graph', { without: ['detector'] }, /declares a detector/],
    ['declared text without a graph', { without: ['text_encoder'] }, /declares text/],
    [
      'swapped graphs',
      { graphs: { memory_encoder: graphs.memory_attention, memory_attention: graphs.memory_encoder } },
      /memory_encoder graph has no input "image_embed"/,
    ],
    [
      'another number of tokens',
      { manifest: { memTokens: 64 } },
      /memory_encoder graph has output "mem_tokens" .*must be 64 \(pack\.json memTokens\)/,
    ],
    [
      'another image size',
      { manifest: { image: { size: 32, mean: [0, 0, 0], std: [1, 1, 1] } } },
      /pixel_values.*must be 32/,
    ],
    ['another low-res grid', { manifest: { lowres: 32, maskPromptSize: 64 } }, /must be 32 \(pack\.json lowres\)/],
    ['another pointer size', { manifest: { ptrDim: 256 } }, /obj_ptrs.*must be 256 \(pack\.json ptrDim\)/],
    ['another number of queries', { manifest: { detector: { numQueries: 200 } } }, /must be 200/],
    [
      'graphs of two packs',
      withGraph('mask_decoder', { inputs: ports(graphs.mask_decoder.inputs, 'feat_s8', { shape: [1, 5, 8, 8] }) }),
      /feat_s8.*must be 1 \(image_encoder feat_s8\)/,
    ],
    [
      'an output that is not there',
      withGraph('image_encoder', { outputs: graphs.image_encoder.outputs.slice(0, 3) }),
      /no output "det_s4"/,
    ],
    [
      'half-precision features',
      withGraph('image_encoder', { outputs: ports(graphs.image_encoder.outputs, 'feat_s4', { dtype: 'f16' }) }),
      /"feat_s4" of type f16 instead of f32/,
    ],
    [
      'wide labels',
      withGraph('mask_decoder', { inputs: ports(graphs.mask_decoder.inputs, 'point_labels', { dtype: 'i64' }) }),
      /"point_labels" of type i64 instead of i32/,
    ],
    [
      'another rank',
      withGraph('mask_prompt', { inputs: [{ name: 'mask', dtype: 'f32', shape: [64, 64] }] }),
      /"mask" \[64, 64\] instead of \[B, 1, M, M\]/,
    ],
    [
      'an input of its own',
      withGraph('mask_prompt', { inputs: [...graphs.mask_prompt.inputs, { name: 'scale', dtype: 'f32', shape: [1] }] }),
      /wants an input "scale"/,
    ],
    [
      'a fixed number of points',
      withGraph('mask_decoder', {
        inputs: graphs.mask_decoder.inputs.map((port) => ({
          ...port,
          shape: port.shape.map((dim) => (dim === 'points' ? 4 : dim)),
        })),
      }),
      /fixes the number of points at 4/,
    ],
    ['a newer operator set', withGraph('mask_prompt', { opset: MAX_OPSET + 1 }), /needs operator set \d+, newer than/],
    [
      'an operator that does not exist',
      withGraph('mask_prompt', { nodes: [{ op: 'Frobnicate', inputs: ['mask'], outputs: ['mask_input'] }] }),
      /runtime does not accept its mask_prompt graph/,
    ],
    [
      'a description that disagrees with the file',
      {
        entries: {
          mask_prompt: { io: { inputs: [{ name: 'mask', dtype: 'i32', shape: ['b', 1, 64, 64] }], outputs: [] } },
        },
      },
      /pack\.json says i32/,
    ],
  ];
  test.each(cases)('%s', async (_name, change, sentence) => {
    expect(await refusal(write(change), 'pack-graph-mismatch')).toMatch(sentence);
  });

  test('a tracker without its memory graphs cannot track', async () => {
    const sentence = await refusal(write({ without: ['memory_attention'] }), 'pack-cannot-track');
    expect(sentence).toMatch(/declares a tracker, but it has no memory_attention graph/);
  });

  test('the newest operator set that we promise is really accepted', async () => {
    await using runtime = await openPackRuntime(await readPack(write(withGraph('mask_prompt', { opset: MAX_OPSET }))), {
      threads: 1,
    });
    expect(runtime.pack.id).toBe('tiny');
  });
});

describe('outputs that are no numbers', () => {
  const notANumber: TinyGraph = {
    ...graphs.memory_encoder,
    nodes: [
      ...graphs.memory_encoder.nodes.slice(0, -1),
      { op: 'Sub', inputs: ['tokens', 'tokens'], outputs: ['zero'] },
      { op: 'Div', inputs: ['zero', 'zero'], outputs: ['mem_tokens'] },
    ],
  };

  test('NaN at warm-up is refused', async () => {
    const sentence = await refusal(write({ graphs: { memory_encoder: notANumber } }), 'model-output-invalid');
    expect(sentence).toMatch(/memory_encoder graph gave NaN in mem_tokens; nothing was loaded/);
  });

  test('NaN in the scores of a later frame is refused', async () => {
    const nodes = graphs.mask_decoder.nodes.filter(({ outputs }) => outputs[0] !== 'object_score_logits');
    const decoder: TinyGraph = {
      ...graphs.mask_decoder,
      constants: [...(graphs.mask_decoder.constants ?? []), { name: 'limit', dtype: 'f32', dims: [1], values: [-100] }],
      // log(score - limit): fine until a point lies far to the left.
      nodes: [
        ...nodes,
        { op: 'Sub', inputs: ['score', 'limit'], outputs: ['shifted'] },
        { op: 'Log', inputs: ['shifted'], outputs: ['logged'] },
        { op: 'Unsqueeze', inputs: ['logged', 'one'], outputs: ['object_score_logits'] },
      ],
    };
    await using runtime = await openPackRuntime(await readPack(write({ graphs: { mask_decoder: decoder } })), {
      threads: 1,
    });
    const image = await runtime.encodeImage(new Uint8Array(16 * 16 * 3));
    const decode = (x: number) =>
      runtime.decode(image, {
        conditioned: null,
        noMemory: true,
        items: [{ points: [{ x, y: 0, label: 1 }], maskInput: null }],
      });
    await expect(decode(1)).resolves.toHaveLength(1);
    await expect(decode(-1000)).rejects.toMatchObject({ code: 'model-output-invalid' });
  });
});

describe('files that are not what pack.json says', () => {
  test('a changed byte', async () => {
    const folder = write({});
    const path = join(folder, 'detector.onnx');
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(path, bytes);
    expect(await refusal(folder, 'pack-hash-mismatch')).toMatch(/detector\.onnx is damaged or was changed/);
  });

  test('a change between two openings is noticed', async () => {
    const folder = write({});
    await (await openPackRuntime(await readPack(folder), { threads: 1 }))[Symbol.asyncDispose]();
    writeFileSync(join(folder, 'mask_prompt.onnx'), encodeOnnx({ ...graphs.mask_prompt, opset: 17 }));
    await refusal(folder, 'pack-hash-mismatch');
  });

  test('a missing file, a folder, a text file', async () => {
    const missing = write({});
    rmSync(join(missing, 'detector.onnx'));
    expect(await refusal(missing, 'pack-invalid')).toMatch(/detector\.onnx is missing/);
    const text = Buffer.from('not a graph at all');
    const sha256 = createHash('sha256').update(text).digest('hex');
    const folder = write({ entries: { detector: { sha256 } } });
    writeFileSync(join(folder, 'detector.onnx'), text);
    expect(await refusal(folder, 'pack-graph-mismatch')).toMatch(/detector graph is not an ONNX file/);
  });

  test.skipIf(process.platform === 'win32')('a graph that leads out of the pack', async () => {
    const outside = join(root, 'outside.onnx');
    writeFileSync(outside, encodeOnnx(graphs.mask_prompt));
    const folder = write({});
    rmSync(join(folder, 'mask_prompt.onnx'));
    symlinkSync(outside, join(folder, 'mask_prompt.onnx'));
    expect(await refusal(folder, 'pack-invalid')).toMatch(/leads out of the pack folder/);
  });
});

describe('external data', () => {
  const weights = (location: string): TinyPackChange =>
    withGraph('detector', {
      constants: (graphs.detector.constants ?? []).map((constant) =>
        constant.name === 'corners' ? { ...constant, location } : constant,
      ),
    });
  const data = Buffer.from(new Float32Array([0, 0, 1, 1, 0, 0, 1, 1]).buffer);
  const listed = (external: readonly unknown[]) => ({ entries: { detector: { external } } });

  test('beside the graph and listed, it is read', async () => {
    const sha256 = createHash('sha256').update(data).digest('hex');
    const folder = write({ ...weights('w.data'), ...listed([{ file: 'w.data', sha256 }]) });
    writeFileSync(join(folder, 'w.data'), data);
    await using runtime = await openPackRuntime(await readPack(folder), { threads: 1 });
    const image = await runtime.encodeImage(new Uint8Array(16 * 16 * 3));
    const { boxes } = await runtime.detect(image, await runtime.encodeText('red'), []);
    expect([...boxes.slice(0, 4)]).toEqual([0, 0, 1, 1]);
    expect(runtime.provider.notes).toEqual([]);
  });

  test('listed without a hash, it is read and said', async () => {
    const folder = write({ ...weights('w.data'), ...listed(['w.data']) });
    writeFileSync(join(folder, 'w.data'), data);
    await using runtime = await openPackRuntime(await readPack(folder), { threads: 1 });
    expect(runtime.provider.notes).toMatchObject([{ code: 'hash-missing', text: expect.stringContaining('w.data') }]);
  });

  test('changed, with its hash in the manifest', async () => {
    const folder = write({ ...weights('w.data'), ...listed([{ file: 'w.data', sha256: '0'.repeat(64) }]) });
    writeFileSync(join(folder, 'w.data'), data);
    await refusal(folder, 'pack-hash-mismatch');
  });

  test.each(['w.data', '../w.data', '/etc/hostname', '..\\w.data', 'a/../../w.data'])(
    'unlisted: %s',
    async (location) => {
      writeFileSync(join(root, 'w.data'), data);
      expect(await refusal(write(weights(location)), 'pack-invalid')).toMatch(/does not list under external/);
    },
  );

  test('listed outside the pack', async () => {
    const change = { ...weights('../w.data'), ...listed(['../w.data']) };
    expect(await refusal(write(change), 'pack-invalid')).toMatch(
      /graphs\.detector\.external\.0.*inside the pack folder/,
    );
  });

  test('a hard link to a file elsewhere', async () => {
    const folder = write({ ...weights('w.data'), ...listed(['w.data']) });
    writeFileSync(join(root, 'secret'), data);
    linkSync(join(root, 'secret'), join(folder, 'w.data'));
    expect(await refusal(folder, 'pack-invalid')).toMatch(/w\.data is a hard link/);
  });

  test.skipIf(process.platform === 'win32')('a symbolic link to a file elsewhere', async () => {
    const folder = write({ ...weights('w.data'), ...listed(['w.data']) });
    writeFileSync(join(root, 'secret2'), data);
    symlinkSync(join(root, 'secret2'), join(folder, 'w.data'));
    expect(await refusal(folder, 'pack-invalid')).toMatch(/leads out of the pack folder/);
  });
});
