import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readJson } from '../../src-main/core/export/dataset/reading/json-stream.ts';
import { readLines } from '../../src-main/core/export/dataset/reading/read-lines.ts';
import { readXml, xmlText } from '../../src-main/core/export/dataset/reading/xml-stream.ts';
import { encodePng, type ReadItem, readDataset } from '../../src-main/core/export/index.ts';
import type { DatasetFormatName } from '../../src-shared/contract/dataset-schemas.ts';
import { maskFromRunsInBox, runsInBox } from '../../src-shared/mask/box-rle.ts';
import { cocoCountsFromMask, cocoRleFromMask } from '../../src-shared/mask/coco-rle.ts';
import { maskArea, maskIou, rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { putFile } from '../support/dataset-folder.ts';
import { discMask, speckledMask } from '../support/export-fakes.ts';

const [width, height] = [32, 24];
const disc = discMask(width, height, 12, 10, 6);
let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'masklet-reading-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const put = (name: string, content: string | Uint8Array | object) => putFile(root, name, content);

async function read(
  path = root,
  format: DatasetFormatName | null = null,
  wants: (frame: number) => boolean = () => true,
) {
  const facts = { size: { width, height }, frameCount: 10, framesPerSec: 25, wholeTracks: false };
  const opened = await readDataset({ path, format, ...facts, wants });
  const items: ReadItem[] = [];
  for await (const item of opened.items) items.push(item);
  return { format: opened.format, items, skipped: opened.skipped.list() };
}

const area = ({ shape }: ReadItem) => (shape?.kind === 'mask' ? maskArea(shape.mask) : null);

describe('datasets that others wrote', () => {
  it('reads COCO with plain and compressed runs, polygons, boxes, crowds, in any order', async () => {
    const size = [height, width];
    await put('result.json', {
      annotations: [
        { image_id: 9, category_id: 3, segmentation: { size, counts: cocoCountsFromMask(disc) }, iscrowd: 1 },
        { image_id: 9, category_id: 3, segmentation: cocoRleFromMask(disc) },
        {
          image_id: 9,
          category_id: 3,
          segmentation: [
            [2, 2, 6, 2, 6, 5, 2, 5],
            [10, 10, 12, 10, 12, 12],
          ],
          track_id: 'a',
        },
        { image_id: 9, category_id: 4, bbox: [1, 2, 3, 4], segmentation: [] },
        { image_id: 9, category_id: 4, bbox: [], segmentation: cocoRleFromMask(disc) },
        { image_id: 8, category_id: 3, segmentation: cocoRleFromMask(disc) },
        { image_id: 9, category_id: 3, segmentation: { size: [5, 5], counts: 'oo' } },
        { image_id: 9, category_id: 3, segmentation: { size, counts: 'zzz' } },
        { nothing: true },
      ],
      images: [
        { id: 9, file_name: '..\\..\\frames\\clip_000004.jpg' },
        { id: 7, file_name: 'cover.jpg' },
      ],
      categories: [{ id: 3, name: 'dog' }],
    });
    const { format, items, skipped } = await read();
    expect(format).toBe('coco');
    expect(items.map(({ frame, track, label }) => [frame, track, label])).toEqual([
      [4, null, 'dog'],
      [4, null, 'dog'],
      [4, 'a', 'dog'],
      [4, null, null],
      [4, null, null],
    ]);
    expect(items.map(area)).toEqual([maskArea(disc), maskArea(disc), 15, null, maskArea(disc)]);
    expect(Object.fromEntries(skipped.map(({ reason, count }) => [reason, count]))).toEqual({
      'an image whose name has no frame number': 1,
      'an annotation of an image that is not listed': 1,
      'a mask of 5x5 in a video of 32x24': 1,
      'a damaged mask': 1,
      'an annotation of an unknown form': 1,
    });
  });

  it('reads Roboflow folders, Label Studio exports, X-AnyLabeling files, MOT detections, CVAT for images', async () => {
    await put('train/_annotations.coco.json', {
      images: [{ id: 0, file_name: 'a-3_jpg.rf.0f.jpg', frame_index: 3 }],
      annotations: [{ image_id: 0, bbox: [0, 0, 4, 4] }],
    });
    expect(await read()).toMatchObject({ format: 'sam3-train', items: [{ frame: 3 }] });
    const sequence = [{ frame: 1, x: 0, y: 50, width: 25, height: 25, enabled: true }];
    const task = {
      id: 1,
      annotations: [
        {
          id: 5,
          result: [{ type: 'videorectangle', id: 'xy', value: { sequence, labels: ['car'] } }, { type: 'choices' }],
        },
      ],
    };
    expect(await read(await put('ls/export.json', [task]))).toMatchObject({
      format: 'label-studio',
      items: [{ frame: 0, track: 'xy', label: 'car', shape: { box: { x: 0, y: 12, width: 8, height: 6 } } }],
      skipped: [{ count: 1 }],
    });
    const shapes = [
      {
        label: 'cat',
        points: [
          [1, 1],
          [5, 1],
          [5, 4],
          [1, 4],
        ],
        group_id: 3,
        shape_type: 'polygon',
      },
      {
        label: 'cat',
        points: [
          [1, 1],
          [5, 5],
        ],
        shape_type: 'rectangle',
      },
      { label: 'cat', points: [[1, 1]], shape_type: 'point' },
    ];
    await put('lm/frame_0007.json', { version: '5.0.1', shapes, imagePath: '/etc/passwd' });
    const labelme = await read(join(root, 'lm'));
    expect(labelme).toMatchObject({
      format: 'labelme',
      items: [
        { frame: 7, track: '3' },
        { frame: 7, track: null, shape: { kind: 'box' } },
      ],
    });
    expect(labelme.skipped).toEqual([{ reason: 'a point, which is no mask or box', count: 1 }]);
    await put('mot/det/det.txt', '1,-1,3.5,4,5,6,0.9,-1,-1,-1\n2,7,1,1,2,2,1,1,1\nrubbish,1,2,3,4,5\n');
    const mot = await read(join(root, 'mot'));
    expect(mot.items.map(({ frame, track }) => [frame, track])).toEqual([
      [0, null],
      [1, '7'],
    ]);
    expect(mot.skipped).toEqual([{ reason: 'a row that is no box', count: 1 }]);
    const runs = runsInBox(disc);
    const box = runs?.box ?? { x: 0, y: 0, width: 0, height: 0 };
    const mask = `<mask label="dog" rle="${runs?.runs.join(', ')}" left="${box.x}" top="${box.y}" width="${box.width}" height="${box.height}"/>`;
    await put(
      'cvat/annotations.xml',
      `<?xml version="1.0"?><!-- a > b --><annotations><image id="5" name="frame_000005.png">${mask}<points label="x" points="1,1"/></image></annotations>`,
    );
    const cvat = await read(join(root, 'cvat'));
    expect(cvat.items).toHaveLength(1);
    expect(cvat.items[0]).toMatchObject({ frame: 5, track: null, label: 'dog' });
    expect(area(cvat.items[0])).toBe(maskArea(disc));
    expect(cvat.skipped).toHaveLength(1);
  });

  it('reads SA-V without our additions: every fourth frame, ids behind the masks', async () => {
    const empty = cocoRleFromMask(rleFromBitmap(new Uint8Array(width * height), width, height));
    await put('sav_1_manual.json', {
      video_id: 'sav_1',
      video_frame_count: 8,
      masklet: [
        [cocoRleFromMask(disc), empty],
        [empty, cocoRleFromMask(disc)],
      ],
      masklet_id: [0, 1],
      masklet_frame_count: [2, 2],
    });
    const { items } = await read();
    expect(items.map(({ frame, track }) => [frame, track])).toEqual([
      [0, '0'],
      [4, '1'],
    ]);
  });

  it('reads YOLO labels with names in a list, blank lines and rows that are none', async () => {
    await put('data.yaml', 'train: ../train/images\nnc: 2\nnames: [\'cat\', "dog"]\n');
    await put('train/labels/clip_00002.txt', '1 0.5 0.5 0.25 0.5\n\nx y z a b\n');
    const { format, items, skipped } = await read();
    expect(format).toBe('yolo-box');
    expect(items).toMatchObject([
      { frame: 2, track: null, label: 'dog', shape: { box: { x: 12, y: 6, width: 8, height: 12 } } },
    ]);
    expect(skipped).toHaveLength(1);
    await put('predict/labels/clip_1.txt', '0 0.5 0.5 0.25 0.5 0.87\n');
    expect(await read(join(root, 'predict/labels'))).toMatchObject({
      format: 'yolo-box',
      items: [{ frame: 1, label: '0' }],
    });
  });

  it('reads index pictures of DAVIS folders and 1-bit pictures of single objects, and skips other sizes', async () => {
    const pixels = new Uint8Array(width * height);
    pixels.fill(3, 40, 50);
    pixels.fill(200, 60, 75);
    const palette = new Uint8Array(768);
    await put('Annotations/480p/bear/00001.png', await encodePng({ kind: 'palette', width, height, pixels, palette }));
    await put(
      'Annotations/480p/bear/00002.png',
      await encodePng({ kind: 'grey', width: 4, height: 4, pixels: new Uint8Array(16) }),
    );
    await put('Annotations/480p/bear/00003.png', 'not a picture');
    const { format, items, skipped } = await read();
    expect(format).toBe('davis');
    expect(items.map((item) => [item.frame, item.track, area(item)])).toEqual([
      [1, '3', 10],
      [1, '200', 15],
    ]);
    expect(skipped.map(({ reason }) => reason).sort()).toEqual([
      'a mask of 4x4 in a video of 32x24',
      'a picture that is no sound PNG',
    ]);
  });

  it('gives frames nobody asked for without their masks', async () => {
    await put('a.json', {
      images: [
        { id: 1, file_name: '1.jpg' },
        { id: 2, file_name: '2.jpg' },
      ],
      annotations: [1, 2].map((id) => ({ image_id: id, segmentation: cocoRleFromMask(disc) })),
    });
    const { items } = await read(root, null, (frame) => frame === 2);
    expect(items.map(({ shape }) => shape?.kind ?? null)).toEqual([null, 'mask']);
  });
});

describe('hostile and broken input', () => {
  it('says in one sentence what is wrong', async () => {
    await put('x/empty.txt', '');
    await expect(read(join(root, 'x'))).rejects.toMatchObject({ code: 'dataset-unknown' });
    await expect(read(join(root, 'none'))).rejects.toMatchObject({ code: 'file-missing' });
    await expect(read(join(root, 'x'), 'mot')).rejects.toMatchObject({ code: 'dataset-empty' });
    const cases: readonly (readonly [string, RegExp])[] = [
      ['{"annotations":[{"image_id":1', /ends too early/],
      ['{"annotations":[}', /brackets do not match/],
      [`{"annotations":${'['.repeat(100)}`, /nested too deeply/],
      ['{"annotations":[{"image_id":1,}]}', /not sound JSON/],
    ];
    for (const [text, message] of cases) {
      await put('bad.json', text);
      await expect(read(join(root, 'bad.json'), 'coco')).rejects.toThrow(message);
    }
    await put('cvat.xml', '<!DOCTYPE a [<!ENTITY b "c">]><annotations>&b;</annotations>');
    await expect(read(join(root, 'cvat.xml'), 'cvat-video')).rejects.toThrow(/document type/);
    await put('cut.xml', '<annotations><track id="1"><box frame="1"');
    await expect(read(join(root, 'cut.xml'), 'cvat-video')).rejects.toThrow(/ends too early/);
  });

  it('follows no link and opens nothing outside the folder', async () => {
    await put(
      'outside/1/00000.png',
      await encodePng({ kind: 'grey', width, height, pixels: new Uint8Array(width * height).fill(255) }),
    );
    await mkdir(join(root, 'set'));
    await symlink(join(root, 'outside/1'), join(root, 'set/1'));
    await expect(read(join(root, 'set'))).rejects.toMatchObject({ code: 'dataset-unknown' });
  });

  it('does not decode a picture that says it is larger than the video', async () => {
    const header = await encodePng({ kind: 'grey', width: 2, height: 2, pixels: new Uint8Array(4) });
    header.writeUInt32BE(60_000, 16);
    header.writeUInt32BE(60_000, 20);
    const points = [
      [0, 0],
      [59_999, 59_999],
    ];
    const mask = header.toString('base64');
    await put('1.json', {
      shapes: [{ label: 'x', shape_type: 'mask', points, mask }],
      imageHeight: height,
      imageWidth: width,
    });
    expect(await read()).toMatchObject({ items: [], skipped: [{ reason: 'a damaged mask', count: 1 }] });
  });

  it('refuses polygons and runs that would cost too much, and counts them', async () => {
    const ring = Array.from({ length: 2000 }, (_, at) => (at % 2 === 0 ? at : at % 4 === 1 ? -1e308 : 1e308));
    await put('p.json', {
      images: [{ id: 1, file_name: '1.jpg' }],
      annotations: [
        { image_id: 1, segmentation: [ring] },
        { image_id: 1, segmentation: { size: [1e9, 1e9], counts: [1e18] } },
        { image_id: 1, segmentation: [[null, 1, 2, 3, 4, 5]] },
      ],
    });
    const { items, skipped } = await read();
    expect(items.length + skipped.reduce((sum, { count }) => sum + count, 0)).toBe(3);
    const size = { width, height };
    expect(() => maskFromRunsInBox([0, 4], { x: 30, y: 0, width: 4, height: 1 }, size)).toThrow(/outside the picture/);
    expect(() => maskFromRunsInBox([0, 5], { x: 0, y: 0, width: 4, height: 1 }, size)).toThrow(/do not fill/);
  });
});

describe('runsInBox', () => {
  it('is its own inverse', () => {
    for (const mask of [disc, speckledMask(width, height, 3)]) {
      const { box, runs } = runsInBox(mask) ?? { box: { x: 0, y: 0, width: 0, height: 0 }, runs: [] };
      expect(maskIou(maskFromRunsInBox(runs, box, mask), mask)).toBe(1);
    }
    expect(runsInBox(rleFromBitmap(new Uint8Array(4), 2, 2))).toBeNull();
  });
});

describe('readJson', () => {
  it('finds the wanted values wherever chunks break', async () => {
    const value = {
      skip: [{ a: ['x"]}', 1] }],
      'k"ey': 1,
      list: [1, 'two', { three: [3, { list: 9 }] }, null, true, -1.5e3, 'é😀\\'],
      deep: [{ in: [{ v: 1 }, { v: 'q' }] }],
    };
    const text = JSON.stringify(value, null, 1)
      .repeat(1)
      .replace('"skip": [', `"pad": "${'p'.repeat((1 << 18) - 40)}", "skip": [`);
    const path = await put('a.json', text);
    const found: unknown[] = [];
    for await (const { path: at, value: each } of readJson(path, ['list[]', 'deep[].in[].v', 'k"ey']))
      found.push([at, each]);
    expect(found).toEqual([
      ['k"ey', 1],
      ...value.list.map((each) => ['list[]', each]),
      ['deep[].in[].v', 1],
      ['deep[].in[].v', 'q'],
    ]);
  });

  it('equals JSON.parse on whole documents of any nesting', async () => {
    const make = (seed: number, depth: number): unknown => {
      const pick = Math.imul(seed, 2654435761) >>> 28;
      if (depth === 0 || pick < 5) return [seed, `s${seed}"\\`, null, false, -seed / 7][seed % 5];
      if (pick < 10) return Array.from({ length: pick - 4 }, (_, at) => make(seed * 3 + at, depth - 1));
      return Object.fromEntries(
        Array.from({ length: pick - 9 }, (_, at) => [`k${at}`, make(seed * 5 + at, depth - 1)]),
      );
    };
    for (let seed = 1; seed < 60; seed++) {
      const list = [make(seed, 4), make(seed + 100, 3)];
      const path = await put('b.json', { before: make(seed + 7, 3), list });
      const found: unknown[] = [];
      for await (const { value } of readJson(path, ['list[]'])) found.push(value);
      expect(found).toEqual(JSON.parse(JSON.stringify(list)));
    }
  });
});

describe('readXml and readLines', () => {
  it('give back what was written', async () => {
    const nasty = `a<b>&"c' é\u0007`;
    const path = await put('x.xml', `<a n="${xmlText(nasty)}"><b/>${xmlText('1 < 2')}</a>`);
    const events = [];
    for await (const event of readXml(path)) events.push(event);
    expect(events[0]).toMatchObject({ kind: 'open', name: 'a' });
    expect(events[0].kind === 'open' && events[0].attributes.get('n')).toBe(`a<b>&"c' é`);
    expect(events.at(-1)).toEqual({ kind: 'close', name: 'a', text: '1 < 2' });
    const lines = [];
    for await (const line of readLines(await put('l.txt', 'a\r\n\nlast'))) lines.push(line);
    expect(lines).toEqual(['a', '', 'last']);
  });
});
