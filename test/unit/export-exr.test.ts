import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeExr } from '../../src-main/core/export/index.ts';

const [width, height] = [19, 21];

/** Numbers of the half floats of one channel of line 0, read back by the rules of the format and not by our writer. */
function firstLine(file: Buffer, channels: number, channel: number): number[] {
  const table = file.indexOf(Buffer.from('screenWindowWidth\0')) + 18 + 6 + 4 + 4 + 1;
  const chunk = Number(file.readBigUInt64LE(table));
  const packed = file.subarray(chunk + 8, chunk + 8 + file.readInt32LE(chunk + 4));
  const size = 16 * channels * width * 2;
  const bytes = packed.length === size ? packed : restored(inflateSync(packed));
  return Array.from({ length: width }, (_, x) => fromHalf(bytes.readUInt16LE((channel * width + x) * 2)));
}

function restored(delta: Buffer): Buffer {
  for (let at = 1; at < delta.length; at++) delta[at] = (delta[at - 1] + delta[at] - 128) & 255;
  const half = (delta.length + 1) >> 1;
  return Buffer.from(Array.from({ length: delta.length }, (_, at) => delta[(at >> 1) + (at % 2) * half]));
}

function fromHalf(bits: number): number {
  const exponent = bits >> 10;
  const fraction = (bits & 1023) / 1024;
  return exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15);
}

function picture(alpha: boolean) {
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < width * height; at++) rgba.set([at % 256, 128, 255, alpha ? (at * 13) % 256 : 255], at * 4);
  return { width, height, rgba, alpha, pixelAspectRatio: 1 };
}

describe('encodeExr', () => {
  it('begins as OpenEXR does and names its channels in order', async () => {
    const file = await encodeExr(picture(true));
    expect(file.readInt32LE(0)).toBe(20_000_630);
    const list = file.indexOf(Buffer.from('chlist\0'));
    expect([0, 18, 36, 54].map((step) => String.fromCharCode(file[list + 11 + step]))).toEqual(['A', 'B', 'G', 'R']);
  });

  it('holds linear light', async () => {
    const file = await encodeExr(picture(false));
    const green = firstLine(file, 3, 1);
    // Code 128 of sRGB is 21.6 % of white.
    for (const value of green) expect(value).toBeCloseTo(0.2159, 3);
    const red = firstLine(file, 3, 2);
    for (const [code, value] of red.entries()) expect(value).toBeCloseTo(code / 255 / 12.92, code < 11 ? 5 : 2);
    expect(firstLine(file, 3, 0)).toEqual(new Array(width).fill(1));
  });

  it('multiplies colour by alpha', async () => {
    const file = await encodeExr(picture(true));
    const [alpha, blue] = [firstLine(file, 4, 0), firstLine(file, 4, 1)];
    for (const [x, value] of alpha.entries()) {
      expect(value).toBeCloseTo(((x * 13) % 256) / 255, 3);
      expect(blue[x]).toBeCloseTo(value, 3);
    }
  });
});
