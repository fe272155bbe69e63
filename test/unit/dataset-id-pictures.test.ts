import { describe, expect, it } from 'vitest';
import { encodePng } from '../../src-main/core/export/index.ts';
import { davisPalette } from '../../src-shared/datasets/davis-palette.ts';
import { cocoRleFromMask } from '../../src-shared/mask/coco-rle.ts';
import { maskArea } from '../../src-shared/mask/rle.ts';
import { eachInOwnFolder } from '../support/dataset-folder.ts';
import { discMask } from '../support/export-fakes.ts';

const { put, read } = eachInOwnFolder();
const size = { width: 640, height: 360 };

describe('pictures of object ids', () => {
  const ids = Uint8Array.from({ length: size.width * size.height }, (_, at) => Math.floor((at % 640) / 160));
  const inColours = (colours: Uint8Array) =>
    encodePng({
      kind: 'rgb',
      ...size,
      pixels: Uint8Array.from({ length: ids.length * 3 }, (_, at) => colours[ids[Math.floor(at / 3)] * 3 + (at % 3)]),
    });
  const areas = async (path: string) =>
    Object.fromEntries((await read(path)).entries.map(({ track, mask }) => [track, mask && maskArea(mask) / 360]));

  it('mean the same as colours of the DAVIS palette and as grey in three channels', async () => {
    await put('davis/00003.png', await inColours(davisPalette()));
    await put('vos/Annotations/clip/00003.png', await inColours(davisPalette()));
    await put('grey/00003.png', await inColours(Uint8Array.of(0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3)));
    for (const name of ['davis', 'vos', 'grey']) expect(await areas(name), name).toEqual({ 1: 160, 2: 160, 3: 160 });
  });

  it('are background and counted where the palette does not have their colour', async () => {
    const odd = davisPalette();
    odd.set([1, 2, 3], 6);
    await put('00003.png', await inColours(odd));
    expect(await areas('.')).toEqual({ 1: 160, 3: 160 });
    expect((await read('.')).skipped).toEqual({ 'a colour that is no object of the DAVIS palette': 1 });
  });
});

describe('MOTS of others, without names of classes', () => {
  const column = (ids: readonly number[]) => {
    const pixels = Buffer.alloc(size.width * size.height * 2);
    ids.forEach((id, at) => {
      for (let y = 0; y < size.height; y++) pixels.writeUInt16BE(id, (y * size.width + at) * 2);
    });
    return encodePng({ kind: 'grey16', ...size, pixels });
  };
  const objects = async (path: string) =>
    (await read(path)).entries.map(({ track, className }) => `${className} ${track}`);

  it('numbers the objects of each class anew', async () => {
    await put('tree/instances/0002/000000.png', await column([1001, 2001, 10000]));
    expect(await objects('tree')).toEqual(['1 1', '2 1']);
    const counts = (at: number) => cocoRleFromMask(discMask(640, 360, 50 + 100 * at, 50, 20)).counts;
    await put('text/a.txt', `0 1001 1 360 640 ${counts(0)}\n0 2001 2 360 640 ${counts(1)}\n`);
    expect(await objects('text')).toEqual(['1 1', '2 1']);
  });

  it('is the same as a folder of pictures alone', async () => {
    await put('0002/000000.png', await column([1001, 2001, 10000]));
    expect(await objects('0002')).toEqual(['1 1', '2 1']);
  });
});

describe('folders that have numbers for names', () => {
  const stripes = (values: readonly number[], kind: 'grey' | 'palette' | 'grey16') => {
    const wide = kind === 'grey16';
    const pixels = Buffer.alloc(size.width * size.height * (wide ? 2 : 1));
    values.forEach((value, at) => {
      if (wide) pixels.writeUInt16BE(value, at * 2);
      else pixels[at] = value;
    });
    return kind === 'palette'
      ? encodePng({ kind, ...size, pixels, palette: davisPalette() })
      : encodePng({ kind, ...size, pixels });
  };

  it.each([
    ['palette', [1, 2]],
    ['grey', [1, 2]],
    ['grey16', [1001]],
  ] as const)('are videos where pictures tell objects apart (%s)', async (kind, values) => {
    await put('0000/000000.png', await stripes([255], 'grey'));
    await put('0001/000000.png', await stripes(values, kind));
    const message = expect.stringMatching(/0001.*one folder a video/);
    await expect(read('.')).rejects.toMatchObject({ code: 'dataset-unknown', message });
  });

  it.each([
    ['palette', [3]],
    ['grey', [1, 90, 200, 255]],
    ['grey16', [65535, 1200, 40000]],
  ] as const)('are objects where a picture is one mask, soft edges or not (%s)', async (kind, values) => {
    await put('1/00000.png', await stripes(values, kind));
    await put('2/00000.png', await stripes(values, kind));
    expect(await read('.')).toMatchObject({ format: 'png', tracks: 2, skipped: {} });
  });
});
