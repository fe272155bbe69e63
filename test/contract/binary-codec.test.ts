import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from '../../src-shared/rpc/binary-codec.ts';
import type { WireMessage } from '../../src-shared/rpc/wire.ts';

const answer = (output: unknown): WireMessage => ({ type: 'answer', id: 7, output });

describe('binary codec', () => {
  it('carries numbers, text and every kind of typed array, wherever they lie in a message', () => {
    const output = {
      text: 'é “球”',
      nothing: null,
      masks: [{ bytes: Uint8Array.of(1, 2, 250) }, { bytes: new Uint8Array(0) }],
      still: Uint8ClampedArray.of(0, 255, 7),
      pts: Float64Array.of(0.1, -5, Number.NaN),
      scores: Float32Array.of(0.5, Number.POSITIVE_INFINITY),
      frames: Uint32Array.of(1, 4_000_000_000),
      small: Int8Array.of(-1),
    };
    expect(decodeMessage(encodeMessage(answer(output)))).toEqual(answer(output));
  });

  it('carries a view into a larger buffer as what the view shows', () => {
    const view = new Uint8Array(new ArrayBuffer(100), 50, 3).fill(9);
    const back = decodeMessage(encodeMessage(answer(view))) as { output: Uint8Array };
    expect([...back.output]).toEqual([9, 9, 9]);
    expect(back.output.buffer.byteLength).toBe(3);
  });

  it('gives arrays of their own also out of a Buffer, which is a view of a pool', () => {
    const sent = encodeMessage(answer({ bytes: Uint8Array.of(1, 2, 250) }));
    const pooled = Buffer.alloc(sent.length + 64, 7);
    pooled.set(sent, 24);
    const back = decodeMessage(pooled.subarray(24, 24 + sent.length)) as { output: { bytes: Uint8Array } };
    expect([...back.output.bytes]).toEqual([1, 2, 250]);
    expect(back.output.bytes.buffer.byteLength).toBe(3);
  });

  it('answers null to bytes that are not a message, and never throws or reads past the end', () => {
    const good = encodeMessage(answer({ bytes: Uint8Array.of(1, 2, 3) }));
    for (let length = 0; length < good.length - 5; length++) expect(decodeMessage(good.subarray(0, length))).toBeNull();
    const mark = (array: unknown) => {
      const json = new TextEncoder().encode(JSON.stringify({ type: 'answer', id: 1, output: { $bytes: array } }));
      const bytes = new Uint8Array(4 + json.length);
      new DataView(bytes.buffer).setUint32(0, json.length, true);
      bytes.set(json, 4);
      return bytes;
    };
    for (const hostile of [
      ['u8', 0, 1e9],
      ['u8', -8, 4],
      ['f64', 0.5, 1],
      ['constructor', 0, 0],
      ['u8', 0, Number.MAX_SAFE_INTEGER],
      'x',
      [],
    ]) {
      expect(decodeMessage(mark(hostile))).toBeNull();
    }
    let seed = 1;
    for (let round = 0; round < 500; round++) {
      const bytes = new Uint8Array(round % 64);
      for (let at = 0; at < bytes.length; at++) {
        seed = (seed * 48_271) % 2_147_483_647;
        bytes[at] = seed;
      }
      expect(() => decodeMessage(bytes)).not.toThrow();
    }
  });
});
