import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pngChunk as chunk } from '../../src-main/core/base/png-samples.ts';
import { encodePng, readMaskPng } from '../../src-main/core/export/index.ts';
import { maskFromPng } from '../../src-main/core/export/png/read-mask-png.ts';
import { davisPalette } from '../../src-shared/datasets/davis-palette.ts';
import { bitmapFromRle, maskArea, maskIou } from '../../src-shared/mask/rle.ts';
import { speckledMask } from '../support/export-fakes.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masklet-png-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('davisPalette', () => {
  it('is the VOC colour map', () => {
    const palette = davisPalette();
    const colour = (index: number) => [...palette.subarray(index * 3, index * 3 + 3)];
    expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map(colour)).toEqual([
      [0, 0, 0],
      [128, 0, 0],
      [0, 128, 0],
      [128, 128, 0],
      [0, 0, 128],
      [128, 0, 128],
      [0, 128, 128],
      [128, 128, 128],
      [64, 0, 0],
    ]);
    expect(colour(255)).toEqual([224, 224, 192]);
    expect(new Set(Array.from({ length: 256 }, (_, index) => colour(index).join())).size).toBe(256);
  });
});

describe('encodePng', () => {
  it.each([
    [1, 1],
    [13, 7],
    [64, 3],
  ])('is read back by an independent decoder at %i x %i', async (width, height) => {
    const mask = speckledMask(width, height, 7);
    const pixels = bitmapFromRle(mask).map((value) => value * 255);
    const grey = PNG.sync.read(await encodePng({ kind: 'grey', width, height, pixels }));
    expect([...pixels].every((value, at) => grey.data[at * 4] === value)).toBe(true);
    const palette = davisPalette();
    const indexed = PNG.sync.read(
      await encodePng({ kind: 'palette', width, height, pixels: bitmapFromRle(mask), palette }),
    );
    expect([...pixels].every((value, at) => indexed.data[at * 4] === (value > 0 ? 128 : 0))).toBe(true);
  });
});

/** A grey PNG from rows that already carry their filter bytes. */
function rawPng(width: number, height: number, depth: number, interlace: 0 | 1, rows: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = depth;
  header[12] = interlace;
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('readMaskPng', () => {
  const [width, height] = [13, 9];
  const mask = speckledMask(width, height, 99);
  const bitmap = bitmapFromRle(mask);

  /** A PNG of `colourType` and depth whose foreground is the mask, by pngjs. */
  function foreign(colourType: 0 | 2 | 4 | 6, bitDepth: 8 | 16, foreground: number): Buffer {
    const png = new PNG({ width, height, colorType: colourType, bitDepth, inputColorType: 6 });
    const data = bitDepth === 16 ? new Uint16Array(width * height * 4) : new Uint8Array(width * height * 4);
    const most = bitDepth === 16 ? 65535 : 255;
    for (let at = 0; at < width * height; at++) {
      data.fill(bitmap[at] * foreground, at * 4, at * 4 + 3);
      data[at * 4 + 3] = most;
    }
    png.data = Buffer.from(data.buffer);
    return PNG.sync.write(png, { colorType: colourType, bitDepth, inputColorType: 6 });
  }

  it.each([
    ['grey', foreign(0, 8, 255)],
    ['dim grey', foreign(0, 8, 1)],
    ['rgb', foreign(2, 8, 200)],
    ['opaque rgba', foreign(6, 8, 200)],
    ['16-bit grey', foreign(0, 16, 65535)],
    ['16-bit rgb with a value of 1', foreign(2, 16, 1)],
  ])('reads %s', (_name, bytes) => {
    expect(maskIou(maskFromPng(bytes, 'x.png', { width, height }), mask)).toBe(1);
  });

  it('takes the palette index, not its colour, and can pick one', async () => {
    const palette = new Uint8Array(768).fill(0);
    const pixels = bitmap.map((value, at) => (value ? 1 + (at % 2) : 0));
    const bytes = await encodePng({ kind: 'palette', width, height, pixels, palette });
    expect(maskIou(maskFromPng(bytes, 'x.png', { width, height }), mask)).toBe(1);
    const second = maskFromPng(bytes, 'x.png', { width, height }, { value: 2 });
    expect(maskArea(second)).toBe(pixels.filter((value) => value === 2).length);
  });

  it('picks an object by its DAVIS colour as well', async () => {
    const colours = davisPalette();
    const ids = bitmap.map((value, at) => (value ? 1 + (at % 3) : 0));
    const rgb = Uint8Array.from({ length: ids.length * 3 }, (_, at) => colours[ids[Math.floor(at / 3)] * 3 + (at % 3)]);
    const third = maskFromPng(
      await encodePng({ kind: 'rgb', width, height, pixels: rgb }),
      'x.png',
      { width, height },
      { value: 3 },
    );
    expect(maskArea(third)).toBe(ids.filter((id) => id === 3).length);
  });

  it.each([1, 2, 4])('reads %i-bit grey, where 1 is the least foreground', (depth) => {
    const rowBytes = Math.ceil((width * depth) / 8);
    const rows = Buffer.alloc((rowBytes + 1) * height);
    for (let at = 0; at < width * height; at++) {
      const bit = (at % width) * depth;
      const shift = 8 - depth - (bit % 8);
      rows[Math.floor(at / width) * (rowBytes + 1) + 1 + (bit >> 3)] |= bitmap[at] << shift;
    }
    expect(maskIou(maskFromPng(rawPng(width, height, depth, 0, rows), 'x', { width, height }), mask)).toBe(1);
  });

  it('reads an interlaced picture', () => {
    const passes = [
      [0, 0, 8, 8],
      [4, 0, 8, 8],
      [0, 4, 4, 8],
      [2, 0, 4, 4],
      [0, 2, 2, 4],
      [1, 0, 2, 2],
      [0, 1, 1, 2],
    ];
    const bytes: number[] = [];
    for (const [startX, startY, stepX, stepY] of passes) {
      for (let y = startY; y < height && startX < width; y += stepY) {
        bytes.push(0);
        for (let x = startX; x < width; x += stepX) bytes.push(bitmap[y * width + x] * 255);
      }
    }
    const png = rawPng(width, height, 8, 1, Buffer.from(bytes));
    expect(maskIou(maskFromPng(png, 'x', { width, height }), mask)).toBe(1);
  });

  it('takes opacity where the picture is see-through', () => {
    const png = new PNG({ width, height });
    for (let at = 0; at < width * height; at++) png.data.fill(bitmap[at] * 255, at * 4 + 3, at * 4 + 4);
    expect(maskIou(maskFromPng(PNG.sync.write(png), 'x.png', { width, height }), mask)).toBe(1);
  });

  it('says both sizes, and what is not a PNG', async () => {
    const path = join(folder, 'small.png');
    await writeFile(path, foreign(0, 8, 255));
    await expect(readMaskPng(path, { width: 20, height: 10 })).rejects.toMatchObject({
      code: 'prompt-invalid',
      message: expect.stringMatching(/13x9.*20x10/),
    });
    const text = join(folder, 'text.png');
    await writeFile(text, 'hello');
    await expect(readMaskPng(text, { width, height })).rejects.toMatchObject({ code: 'prompt-invalid' });
    const cut = join(folder, 'cut.png');
    await writeFile(cut, foreign(0, 8, 255).subarray(0, 60));
    await expect(readMaskPng(cut, { width, height })).rejects.toMatchObject({ code: 'prompt-invalid' });
    await expect(readMaskPng(join(folder, 'none.png'), { width, height })).rejects.toMatchObject({
      code: 'file-missing',
    });
  });
});
