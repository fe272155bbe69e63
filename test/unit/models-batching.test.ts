import { expect, test } from 'vitest';
import { ImageInput } from '../../src-main/core/models/index.ts';
import type { PackSpec } from '../../src-main/core/models/model-pack.ts';
import { batchParts, partItems } from '../../src-main/core/models/runtime/batching.ts';
import { defaultCallBytes, objectsPerCall } from '../../src-main/core/models/runtime/objects-per-call.ts';
import { firstLine, sessionOptions } from '../../src-main/core/models/runtime/providers.ts';

test('a batch goes in one call unless the graph or a limit splits it', () => {
  expect(batchParts(3, undefined, Number.POSITIVE_INFINITY)).toEqual([{ start: 0, count: 3, rows: 3 }]);
  expect(batchParts(5, undefined, 2).map(({ start, count, rows }) => [start, count, rows])).toEqual([
    [0, 2, 2],
    [2, 2, 2],
    [4, 1, 1],
  ]);
  expect(batchParts(5, 4, 1).map(({ start, count, rows }) => [start, count, rows])).toEqual([
    [0, 4, 4],
    [4, 1, 4],
  ]);
  expect(batchParts(0, undefined, 1)).toEqual([]);
  expect(partItems(['a', 'b', 'c'], { start: 2, count: 1, rows: 3 })).toEqual(['c', 'c', 'c']);
});

test('a batch is cut to the working memory of a call: at 1024 pixels one object at a time is attended to', () => {
  const large = { lowres: 256, memTokens: 4096, memDim: 64, ptrDim: 256 } as PackSpec;
  const tiny = { lowres: 32, memTokens: 64, memDim: 64, ptrDim: 128 } as PackSpec;
  const attention = { role: 'memory_attention', frames: 7, pointers: 16 } as const;
  const plan = (spec: PackSpec) =>
    [attention, { role: 'mask_decoder' } as const, { role: 'memory_encoder' } as const].map((call) =>
      Math.min(8, objectsPerCall(call, spec, defaultCallBytes)),
    );
  expect(plan(large)).toEqual([1, 8, 7]);
  expect(plan({ ...large, memTokens: 512 })[0]).toBe(3);
  expect(plan({ ...large, memTokens: 512, queriesAtOnce: 204 })[0]).toBe(8);
  expect(plan(tiny)).toEqual([8, 8, 8]);
  // Scores alone of one SAM 2.1 object are 0.9 GiB, so its parts never join, whatever the limit within reason.
  expect(objectsPerCall(attention, large, 2 ** 30)).toBe(1);
  expect(objectsPerCall(attention, { ...large, lowres: 288, memTokens: 5184 }, 1)).toBe(1);
});

test('a session does not hold its working memory twice', () => {
  expect(sessionOptions({ kind: 'cpu', index: 0 }, 1)).toMatchObject({ enableMemPattern: false });
});

test('pixels are normalised channel by channel, planes apart', () => {
  const input = new ImageInput({ size: 2, mean: [0, 0.5, 1], std: [1, 0.5, 2] });
  input.fill(Uint8Array.of(255, 255, 255, 0, 0, 0, 51, 51, 51, 255, 0, 255));
  const expected = [1, 0, 0.2, 1, 1, -1, -0.6, -1, 0, -0.5, -0.4, 0];
  for (const [at, value] of expected.entries()) expect(input.data[at]).toBeCloseTo(value, 6);
  expect(() => input.fill(new Uint8Array(3))).toThrow(RangeError);
});

test('native errors lose their source paths', () => {
  expect(firstLine(new Error('/src/core/x.h:46 void a::B(const c&, int) ONNX Runtime only knows 26.\nmore'))).toBe(
    'ONNX Runtime only knows 26',
  );
  expect(
    firstLine(new Error('/src/gpu.cc:136 gpu::Init(const C&)::<lambda()> status == ok was false. No adapter.')),
  ).toBe('No adapter');
  expect(firstLine('x'.repeat(500)).length).toBe(200);
});
