import { describe, expect, it } from 'vitest';
import { cocoRleFromMask } from '../../src-shared/mask/coco-rle.ts';
import { maskArea } from '../../src-shared/mask/rle.ts';
import { eachInOwnFolder } from '../support/dataset-folder.ts';
import { discMask } from '../support/export-fakes.ts';

const { put, read } = eachInOwnFolder();

describe('rows of YOLO predictions', () => {
  const box = '0 0.5 0.5 0.2 0.2';
  const outline = '0 0.1 0.1 0.4 0.1 0.4 0.5';
  const summary = async (...files: readonly string[]) => {
    for (const [frame, text] of files.entries()) await put(`p/f_${frame}.txt`, text);
    const { format, entries, skipped } = await read('p');
    const areas = entries.map(({ mask }) => mask && maskArea(mask));
    return { format, tracks: entries.map(({ track }) => track), areas, skipped };
  };

  it('are boxes with a track number behind score or box', async () => {
    const both = await summary(`${box} 0.9 7\n${box} 0.8 1\n`, `${box} 0.9 7\n`);
    expect(both).toMatchObject({ format: 'yolo-box', tracks: ['7', '1', '7'], areas: [null, null, null], skipped: {} });
    expect(await summary(`${box} 1\n${box} 2\n`, `${box} 2\n`)).toMatchObject({ tracks: ['1', '2', '2'] });
    expect(await summary(`${box} 1\n`, `${box} 1\n`)).toMatchObject({ tracks: ['1', '1'] });
    expect(await summary(`${box} 1\n${box} 0.5\n`, `${box} 1\n`)).toMatchObject({
      tracks: ['linked-1', 'linked-2', 'linked-1'],
    });
  });

  it('are outlines with the same', async () => {
    const area = (192 * 144) / 2;
    const near = (value: number | null) => expect(Math.abs((value ?? 0) - area)).toBeLessThan(100);
    const found = await summary(
      `${outline} 0.9 12\n`,
      `${outline} 12\n${outline} 0.9 1\n`,
      `${outline} 0.9\n${outline}\n`,
    );
    expect(found.tracks.slice(0, 3)).toEqual(['12', '12', '1']);
    expect(found).toMatchObject({ format: 'yolo-seg', skipped: {} });
    found.areas.forEach(near);
    // The corner of a picture is no track number.
    expect(await summary('0 0.1 0.1 0.4 0.1 0.4 0.5\n0 0 1 0.5 0.5 1 1\n', '', '')).toMatchObject({
      tracks: ['linked-1', 'linked-2'],
    });
  });

  it('are counted when they are neither', async () => {
    const rows = [
      '0 0.1 0.1 0.4 0.1 0.4 1.5',
      '0 320 180 50 50',
      '0 0.5 0.5 0 0.2',
      '0 0.5',
      'a b c d e',
      '0 .1 .1 .2 .2 .3 .9 0.7 9',
      box,
    ];
    expect((await summary(`${rows.join('\n')}\n`)).skipped).toEqual({
      'a row with coordinates outside the picture': 2,
      'a box without area': 1,
      'a row that is no label': 2,
    });
  });
});

describe('ids', () => {
  it('may be text, and are named when they are neither text nor a number', async () => {
    const bbox = [1, 1, 9, 9];
    await put('coco.json', {
      images: [
        { id: 'first', file_name: '1.jpg' },
        { id: 2, file_name: '2.jpg' },
        { id: [3], file_name: '3.jpg' },
      ],
      categories: [{ id: 'd', name: 'dog' }],
      annotations: [
        { id: 'x', image_id: 'first', category_id: 'd', bbox },
        { id: 'y', image_id: '2', category_id: 'd', bbox },
        { image_id: {}, bbox },
        { image_id: 2, category_id: [1], bbox },
      ],
    });
    expect(await read('coco.json')).toMatchObject({
      frames: [1, 2],
      entries: [{ className: 'dog' }, { className: 'dog' }],
      skipped: {
        'an image whose id is neither a number nor text': 1,
        'an annotation whose image_id is neither a number nor text': 1,
        'an annotation whose category_id is neither a number nor text': 1,
      },
    });
    await put('results.json', [
      { image_id: '000004', bbox },
      { image_id: 'clip_5.jpg', bbox },
    ]);
    expect(await read('results.json', { format: 'coco' })).toMatchObject({ frames: [4, 5] });
    const annotation = { id: 'a', video_id: 'v', category_id: 'd', bboxes: [bbox], segmentations: [null] };
    const videos = [{ id: 'v', file_names: ['1.jpg'] }];
    await put('vis.json', {
      videos,
      categories: [{ id: 'd', name: 'dog' }],
      annotations: [annotation, { ...annotation, video_id: [] }],
    });
    expect(await read('vis.json')).toMatchObject({
      entries: [{ track: 'a', className: 'dog' }],
      skipped: { 'an annotation whose video_id is neither a number nor text': 1 },
    });
    const rle = cocoRleFromMask(discMask(640, 360, 50, 50, 20));
    await put('sav_manual.json', { video_id: 'v', masklet_id: ['m'], masklet: [[rle]] });
    expect(await read('sav_manual.json')).toMatchObject({ entries: [{ track: 'm' }] });
    const sequence = [{ frame: 1, x: 1, y: 1, width: 5, height: 5 }];
    await put('ls.json', [{ annotations: [{ result: [{ id: 8, type: 'videorectangle', value: { sequence } }] }] }]);
    expect(await read('ls.json')).toMatchObject({ entries: [{ track: '8' }] });
  });
});

describe('spellings that are recognised', () => {
  it('spaces and decimals in MOT, tabs in YOLO and MOTS, parts of any name', async () => {
    await put('spaces/gt/gt.txt', '1, 1, 10, 10, 20, 20, 1, 1, 1\n');
    await put('decimals/gt/gt.txt', '1.0,1.0,10.5,10,20,20,1,1,1\n1.5,1,1,1,1,1,1,1,1\n');
    expect(await read('spaces')).toMatchObject({ format: 'mot', frames: [0], boxes: [[9, 9, 20, 20]] });
    await put('marked/gt/gt.txt', '1,1,10,10,20,20,1,1,1\n1,2,40,40,20,20,0,8,1\n');
    expect(await read('marked')).toMatchObject({
      boxes: [[9, 9, 20, 20]],
      skipped: { 'a row that its ground truth marks with 0, which is not to be scored': 1 },
    });
    expect(await read('decimals')).toMatchObject({
      format: 'mot',
      frames: [0],
      skipped: { 'a row that is no box': 1 },
    });
    await put('tabs/a_0001.txt', '0\t0.5\t0.5\t0.2\t0.2\n');
    await put('decimal-class/a_0001.txt', '\n0.0 0.5 0.5 0.2 0.2\n');
    await put('coco128/labels/train2017/a_0001.txt', '0 0.5 0.5 0.2 0.2\n');
    await put('one/labels/clip/a_0001.txt', '0 0.5 0.5 0.2 0.2\n');
    for (const name of ['tabs', 'decimal-class', 'coco128', 'one'])
      expect(await read(name), name).toMatchObject({ format: 'yolo-box', frames: [1], skipped: {} });
    const { counts } = cocoRleFromMask(discMask(640, 360, 50, 50, 20));
    await put('mots/a.txt', `1\t1001\t1\t360\t640\t${counts}\n`);
    expect(await read('mots')).toMatchObject({ format: 'mots-txt', frames: [1] });
    await put('notes/list1.txt', '10 12 of 2024, 3 more\n');
    await expect(read('notes')).rejects.toMatchObject({ code: 'dataset-unknown' });
  });
});

describe('a byte order mark', () => {
  it('is no part of any text', async () => {
    const mark = '\ufeff';
    const images = [{ id: 1, file_name: '1.jpg' }];
    const bbox = [1, 1, 9, 9];
    const rle = cocoRleFromMask(discMask(640, 360, 50, 50, 20));
    const points = [
      [1, 1],
      [9, 9],
    ];
    const sequence = [{ frame: 1, x: 1, y: 1, width: 5, height: 5 }];
    const region = { type: 'videorectangle', value: { sequence, labels: [] } };
    const texts: Readonly<Record<string, readonly [string, string | object]>> = {
      coco: ['a.json', { images, annotations: [{ image_id: 1, bbox }] }],
      'youtube-vis': ['a.json', { videos: [], annotations: [{ video_id: 1, bboxes: [bbox], segmentations: [null] }] }],
      'sa-v': ['a_manual.json', { masklet: [[rle]], masklet_id: [0] }],
      'label-studio': ['a.json', [{ annotations: [{ result: [region] }] }]],
      labelme: ['1.json', { shapes: [{ label: 'a', shape_type: 'rectangle', points }] }],
      'cvat-video': [
        'a.xml',
        '<annotations><image name="1.png"><box xtl="1" ytl="1" xbr="9" ybr="9"/></image></annotations>',
      ],
      'mots-txt': ['a.txt', `1 1001 1 360 640 ${rle.counts}\n`],
      mot: ['a.txt', '1,1,10,10,20,20,1,1,1\r\n'],
      'yolo-box': ['1.txt', '0 0.5 0.5 0.1 0.1\n'],
      csv: ['masks.csv', 'frame,object_id,x,y,width,height\r\n1,1,1,1,9,9\r\n'],
    };
    for (const [format, [name, content]] of Object.entries(texts)) {
      await put(`${format}/${name}`, mark + (typeof content === 'string' ? content : JSON.stringify(content)));
      const { entries, ...rest } = await read(format);
      expect(rest, format).toMatchObject({ format, skipped: {} });
      expect(entries, format).toHaveLength(1);
    }
    await put('yolo-box/classes.txt', `${mark}dog\n`);
    expect((await read('yolo-box')).entries[0].className).toBe('dog');
  });
});
