import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findPack, listPacks, parseDevice, readOnnxGraph, readPack } from '../../src-main/core/models/index.ts';
import { encodeOnnx } from '../support/tiny-onnx.ts';
import { tinyGraphs, tinyManifest, writeTinyPack } from '../support/tiny-pack.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'masklet-packs-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('manifest', () => {
  const graph = { file: 'a.onnx', sha256: 'a'.repeat(64) };
  const read = (manifest: unknown) => {
    const folder = mkdtempSync(join(root, 'm-'));
    writeFileSync(join(folder, 'pack.json'), typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
    return readPack(folder);
  };
  const whole = () => ({ ...tinyManifest(), graphs: { image_encoder: graph } });

  test('gives the numbers that tracking needs, with the defaults of the published tracker', async () => {
    const { spec, hash, capabilities } = await read(whole());
    expect(spec).toMatchObject({ packId: 'tiny', imageSize: 16, lowres: 16, maskPromptSize: 64, memTokens: 16 });
    expect(spec.tracker).toEqual({
      numMaskmem: 7,
      maxCond: -1,
      maxPtrs: 16,
      multimask: { min: 0, max: 1 },
      stability: { delta: 0.05, thresh: 0.98 },
      parts: 'all',
      corrections: 'anywhere',
      memorySelection: false,
      mfThreshold: 0.01,
    });
    expect(spec.detector).toMatchObject({ numQueries: 2, scoreThreshold: 0.5, hotstartDelay: 15, highIou: 0.8 });
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(capabilities.whyNoTracking).toMatch(/memory_encoder/);
    const refinement = { usesMemory: false, clearAround: true };
    const corrects = await read({ ...whole(), tracker: { numMaskmem: 7, maxCond: -1, maxPtrs: 16, refinement } });
    expect(corrects.spec.tracker).toMatchObject({ refinement });
    expect(capabilities.whyNoMaskPrompts).toMatch(/mask_prompt/);
  });

  test('takes the words form, the CLIP form without a kind, and no text', async () => {
    const clip = { contextLength: 32, padId: 0, vocab: 'bpe.txt.gz' };
    expect((await read({ ...whole(), text: clip })).manifest.text).toMatchObject({ kind: 'clip', vocabBundled: true });
    expect((await read({ ...whole(), text: null })).manifest.text).toBeNull();
    expect((await read(whole())).manifest.text).toMatchObject({ kind: 'words' });
  });

  const broken: readonly [string, unknown, RegExp][] = [
    ['no JSON', '{ "format": ', /pack\.json is not JSON/],
    ['another format', { ...whole(), format: 2 }, /field format/],
    ['no image', { ...whole(), image: undefined }, /field image/],
    ['a negative size', { ...whole(), grid: -4 }, /field grid/],
    [
      'a deviation of zero',
      { ...whole(), image: { size: 16, mean: [0, 0, 0], std: [1, 0, 1] } },
      /field image\.std\.1/,
    ],
    ['a hash that is none', { ...whole(), graphs: { a: { ...graph, sha256: 'xyz' } } }, /field graphs\.a\.sha256/],
    ['a file elsewhere', { ...whole(), graphs: { a: { ...graph, file: '../a.onnx' } } }, /graphs\.a\.file.*inside/],
    ['an absolute file', { ...whole(), graphs: { a: { ...graph, file: '/a.onnx' } } }, /graphs\.a\.file/],
    ['a drive', { ...whole(), graphs: { a: { ...graph, file: 'C:/a.onnx' } } }, /graphs\.a\.file/],
    ['a threshold above one', { ...whole(), detector: { numQueries: 2, assocIou: 7 } }, /field detector\.assocIou/],
    [
      'words with spaces',
      { ...whole(), text: { kind: 'words', contextLength: 4, padId: 0, words: ['a b'] } },
      /field text/,
    ],
    ['an id with a slash', { ...whole(), id: '../x' }, /field id/],
  ];
  test.each(broken)('%s is refused by file and field', async (_name, manifest, sentence) => {
    await expect(read(manifest)).rejects.toMatchObject({
      code: 'pack-invalid',
      kind: 'user',
      message: expect.stringMatching(sentence),
    });
  });

  test('a folder without pack.json is no pack', async () => {
    await expect(readPack(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'pack-missing' });
  });
});

describe('registry', () => {
  test('finds by id and by folder, lists broken packs with their reason, and names what exists', async () => {
    const [first, second] = [join(root, 'first'), join(root, 'second')];
    writeTinyPack(join(first, 'b-folder'));
    writeTinyPack(join(second, 'other'), { manifest: { id: 'other' } });
    mkdirSync(join(first, 'recipes'));
    mkdirSync(join(second, 'bad'));
    writeFileSync(join(second, 'bad', 'pack.json'), '{}');
    const folders = [first, second, join(root, 'missing')];
    const entries = await listPacks(folders);
    expect(entries.map((entry) => (entry.kind === 'broken' ? entry.error.code : entry.pack.id))).toEqual([
      'tiny',
      'pack-invalid',
      'other',
    ]);
    expect((await findPack('other', folders)).folder).toBe(join(second, 'other'));
    expect((await findPack(join(first, 'b-folder'), [])).id).toBe('tiny');
    await expect(findPack('bad', folders)).rejects.toMatchObject({ code: 'pack-invalid' });
    await expect(findPack('sam9', folders)).rejects.toMatchObject({
      code: 'pack-missing',
      message: expect.stringMatching(/"sam9"; installed are tiny, other/),
    });
    await expect(findPack(join(first, 'recipes'), folders)).rejects.toMatchObject({ code: 'pack-missing' });
  });
});

test('an interrupted import is no pack and shadows none', async () => {
  const folder = join(root, 'with-draft');
  writeTinyPack(join(folder, '.import-999999999'), { manifest: { graphs: {} } });
  writeTinyPack(join(folder, 'good'));
  expect((await listPacks([folder])).map((entry) => entry.folder)).toEqual([join(folder, 'good')]);
  expect((await findPack('tiny', [folder])).folder).toBe(join(folder, 'good'));
});

describe('the ONNX reader', () => {
  const path = () => join(mkdtempSync(join(root, 'o-')), 'graph.onnx');
  const write = (bytes: Uint8Array) => {
    const file = path();
    writeFileSync(file, bytes);
    return file;
  };

  test('reads names, types, shapes, operator sets and external files', () => {
    const graph = tinyGraphs().mask_decoder;
    const weight = { name: 'w', dtype: 'f32', dims: [1], values: [1], location: 'w.data' } as const;
    // Older files list their weights among the inputs.
    const inputs = [...graph.inputs, { name: 'w', dtype: 'f32', shape: [1] } as const];
    const bytes = encodeOnnx({ ...graph, inputs, constants: [...(graph.constants ?? []), weight], domain: 'com.x' });
    const found = readOnnxGraph(write(bytes));
    expect(found.inputs).toEqual(graph.inputs);
    expect(found.outputs).toEqual(graph.outputs);
    expect([...found.opsets]).toEqual([
      ['com.x', 18],
      ['', 18],
    ]);
    expect([found.irVersion, found.externalLocations]).toEqual([8, ['w.data']]);
  });

  test('never hangs, never crashes: every cut and many flips are read or refused', () => {
    const bytes = encodeOnnx(tinyGraphs().mask_prompt);
    const file = path();
    const attempt = (data: Uint8Array) => {
      writeFileSync(file, data);
      try {
        readOnnxGraph(file);
        return 'read';
      } catch (error) {
        return (error as Error).constructor.name;
      }
    };
    const seen = new Set<string>();
    for (let length = 0; length < bytes.length; length += 5) seen.add(attempt(bytes.subarray(0, length)));
    let seed = 7;
    for (let round = 0; round < 100; round++) {
      const copy = Uint8Array.from(bytes);
      for (let flip = 0; flip < 3; flip++) {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        copy[seed % copy.length] = (seed >> 8) & 255;
      }
      seen.add(attempt(copy));
    }
    expect([...seen].every((name) => ['read', 'ProtobufError', 'RangeError'].includes(name))).toBe(true);
    expect(seen.has('ProtobufError')).toBe(true);
  });
});

test('devices are named as users write them', () => {
  expect(parseDevice('auto')).toEqual({ kind: 'auto' });
  expect(parseDevice('cuda:1')).toEqual({ kind: 'cuda', index: 1 });
  expect(parseDevice('webgpu')).toEqual({ kind: 'webgpu', index: 0 });
  for (const text of ['', 'gpu', 'cpu:1', 'cuda:', 'cuda:-1', 'CPU']) {
    expect(() => parseDevice(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  }
});
