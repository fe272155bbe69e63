import { expect, test } from 'vitest';
import { ImageInput } from '../../src-main/core/models/index.ts';
import { batchParts, partItems } from '../../src-main/core/models/runtime/batching.ts';
import { firstLine } from '../../src-main/core/models/runtime/providers.ts';

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
