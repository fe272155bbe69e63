import { describe, expect, it } from 'vitest';
import { maskBox } from '../../src-shared/mask/rle.ts';
import { eachInOwnFolder } from '../support/dataset-folder.ts';

const { put, read } = eachInOwnFolder();

describe('names of frames', () => {
  const [seventh, eighth] = [
    'clip_mp4-0007_jpg.rf.0a1b2c3d4e5f60718293a4b5c6d7e8f9',
    'clip_mp4-0008_jpg.rf.9f8e7d6c5b4a39281706f5e4d3c2b1aa',
  ];

  it('are read before the hash that Roboflow puts behind them', async () => {
    await put('coco/train/_annotations.coco.json', {
      images: [seventh, eighth].map((name, id) => ({ id, file_name: `${name}.jpg` })),
      annotations: [0, 1].map((id) => ({ image_id: id, bbox: [10, 10, 50, 50] })),
    });
    expect(await read('coco')).toMatchObject({ format: 'sam3-train', frames: [7, 8], tracks: 1, skipped: {} });
    await put('yolo/data.yaml', 'names: [a]\n');
    for (const name of [seventh, eighth]) await put(`yolo/train/labels/${name}.txt`, '0 0.5 0.5 0.2 0.2\n');
    expect(await read('yolo')).toMatchObject({ format: 'yolo-box', frames: [7, 8], tracks: 1, skipped: {} });
    // A triangle whose last coordinate is 1 looks like a box with a score and a track number; the rows after it tell.
    await put('triangle/a_1.txt', '0 0.5 0.5 0.9 0.9 0.5 1\n0 0.1 0.1 0.4 0.1 0.4 0.4 0.1 0.4\n');
    expect(await read('triangle')).toMatchObject({ format: 'yolo-seg', frames: [1, 1], skipped: {} });
  });

  it('are missed by count, where notes and lists of classes are not', async () => {
    await put('classes.txt', 'dog\n');
    await put('README.dataset.txt', 'Made with 2 tools\n');
    await put('cover.txt', '0 0.5 0.5 0.2 0.2\n');
    await put('clip_3.txt', '0 0.5 0.5 0.2 0.2\n');
    expect(await read('.')).toMatchObject({
      frames: [3],
      skipped: { 'a file whose name has no frame number': 1 },
    });
  });
});

describe('order of frames', () => {
  const last = 40;
  const numbers = Array.from({ length: last }, (_, at) => at);
  /** Overlaps itself on the next frame, not on the one after. */
  const box = (frame: number) => [10 + 12 * frame, 10, 40, 40];
  const images = numbers.map((id) => ({ id, file_name: `f_${id}.jpg` }));
  const shuffled = numbers.map((at) => (at * 17) % last);
  const annotations = shuffled.map((id) => ({ image_id: id, category_id: 1, bbox: box(id) }));

  it('is that of the numbers in names without leading zeros', async () => {
    for (const frame of numbers) {
      const [x, y, w, h] = box(frame);
      await put(`yolo/clip_${frame}.txt`, `0 ${(x + w / 2) / 640} ${(y + h / 2) / 360} ${w / 640} ${h / 360}\n`);
      const points = [
        [x, y],
        [x + w, y + h],
      ];
      await put(`labelme/${frame}.json`, { shapes: [{ label: 'a', shape_type: 'rectangle', points }] });
    }
    expect(await read('yolo')).toMatchObject({ tracks: 1, frames: numbers, boxes: numbers.map(box) });
    expect(await read('labelme')).toMatchObject({ tracks: 1, frames: numbers });
  });

  it('is that of the images in COCO, whatever the order of annotations and parts', async () => {
    await put('shuffled.json', { images, annotations });
    expect(await read('shuffled.json')).toMatchObject({ tracks: 1, frames: numbers, boxes: numbers.map(box) });
    for (const [part, rest] of Object.entries({ train: 0, valid: 1 })) {
      const own = { images: images.filter(({ id }) => id % 2 === rest), annotations };
      await put(`parts/${part}/_annotations.coco.json`, {
        ...own,
        annotations: annotations.filter(({ image_id }) => image_id % 2 === rest),
      });
    }
    expect(await read('parts')).toMatchObject({ tracks: 1, frames: numbers });
  });

  it('decides in CVAT images, MOT detections and tables as well', async () => {
    const rows = shuffled.map((frame) => [frame, ...box(frame)]);
    const cvat = rows.map(
      ([frame, x, y, w, h]) =>
        `<image id="0" name="f_${frame}.png"><box label="a" xtl="${x}" ytl="${y}" xbr="${x + w}" ybr="${y + h}"/></image>`,
    );
    await put('cvat/annotations.xml', `<annotations>${cvat.join('')}</annotations>`);
    await put('mot/det/det.txt', rows.map(([frame, ...place]) => `${frame},-1,${place.join(',')},0.5\n`).join(''));
    const table = rows.map(([frame, ...place]) => `${frame},,${place.join(',')}\n`).join('');
    await put('csv/masks.csv', `frame,object_id,x,y,width,height\n${table}`);
    for (const name of ['cvat', 'mot', 'csv']) expect(await read(name), name).toMatchObject({ tracks: 1 });
  });

  it('does not mix several pictures of one frame, or objects without a number', async () => {
    const copies = ['a', 'b'].map((hash, id) => ({ id, file_name: `f-1_jpg.rf.${hash}.jpg` }));
    const both = [0, 1].map((id) => ({ image_id: id, bbox: box(10 * id) }));
    await put('copies.json', { images: copies, annotations: both });
    expect(await read('copies.json')).toMatchObject({
      boxes: [box(0)],
      skipped: { 'a second image of one frame': 1, 'an annotation of an image that is left out': 1 },
    });
    for (const name of ['a_3', 'b_3']) await put(`yolo/${name}.txt`, '0 0.5 0.5 0.2 0.2\n');
    expect(await read('yolo')).toMatchObject({ frames: [3], skipped: { 'a second file of one frame': 1 } });
    const bboxes = [box(0), box(1)];
    const annotation = { video_id: 1, bboxes, segmentations: [null, null] };
    await put('vis.json', {
      videos: [{ id: 1, file_names: ['0.jpg', '1.jpg'] }],
      annotations: [annotation, annotation],
    });
    expect(await read('vis.json')).toMatchObject({ format: 'youtube-vis', tracks: 2, frames: [0, 0, 1, 1] });
  });
});

it.each([
  ['on one line', "names: ['man, old', \"dog\", it's, 'it''s', \"a \\\"b\\\"\"]\n"],
  ['numbered', 'names:\n  0: "man, old"\n  1: dog\n  2: it\'s\n  3: "it\'s"\n  4: "a \\"b\\""\n'],
])('names of YOLO classes, %s, are read as they were meant', async (_, yaml) => {
  await put('data.yaml', yaml);
  await put('labels/1.txt', [0, 1, 2, 3, 4].map((id) => `${id} 0.5 0.5 0.1 0.1\n`).join(''));
  const { entries } = await read('.');
  expect(entries.map(({ className }) => className)).toEqual(['man, old', 'dog', "it's", "it's", 'a "b"']);
});

it('a backslash in a class comes back from our own data.yaml', async () => {
  await put('data.yaml', `names:\n  0: ${JSON.stringify('AC\\DC')}\n`);
  await put('labels/1.txt', '0 0.5 0.5 0.1 0.1\n');
  expect((await read('.')).entries.map(({ className }) => className)).toEqual(['AC\\DC']);
});

it('what has no identity is followed over frames that were not asked for', async () => {
  await put('data.yaml', 'names: [a]\n');
  for (let frame = 0; frame <= 30; frame++) {
    await put(`labels/${frame}.txt`, `0 ${0.1 + frame * 0.02} 0.5 0.1 0.2\n0 0.9 ${0.1 + frame * 0.02} 0.1 0.1\n`);
  }
  const { entries, tracks, frames } = await read('.', { step: 15 });
  expect([frames, tracks]).toEqual([[0, 0, 15, 15, 30, 30], 2]);
  const last = entries.filter(({ frameIndex }) => frameIndex === 30);
  const first = entries.filter(({ frameIndex }) => frameIndex === 0);
  expect(last.map(({ track }) => track)).toEqual(first.map(({ track }) => track));
});

describe('what is left out is counted', () => {
  it('of several masks or boxes of an object on one frame all but the first', async () => {
    const square = (x: number) => [[x, 10, x + 20, 10, x + 20, 30, x, 30]];
    await put('coco.json', {
      images: [0, 1].map((id) => ({ id, file_name: `${id}.jpg` })),
      annotations: [
        { image_id: 0, track_id: 5, segmentation: square(10) },
        { image_id: 0, track_id: 5, segmentation: square(100) },
        { image_id: 0, track_id: 6, segmentation: square(200) },
        { image_id: 1, track_id: 5, segmentation: square(20) },
      ],
    });
    const { entries, skipped } = await read('coco.json');
    expect(entries.map(({ frameIndex, mask }) => [frameIndex, mask && maskBox(mask)?.x])).toEqual([
      [0, 10],
      [0, 200],
      [1, 20],
    ]);
    expect(skipped).toEqual({ 'a second mask or box of an object on one frame': 1 });
  });

  it('a box that lies outside the picture; one that reaches out is cut', async () => {
    await put('det.txt', '1,1,601,11,100,20,1,1,1\n2,1,641,11,100,20,1,1,1\n');
    const { boxes, skipped } = await read('det.txt');
    expect(boxes).toEqual([[600, 10, 40, 20]]);
    expect(skipped).toEqual({ 'a box outside the picture': 1 });
  });
});

describe('pictures of another size than the video', () => {
  const bbox = [10, 10, 50, 40];
  const ring = [10, 10, 60, 10, 60, 50, 10, 50];
  const points = [0, 2, 4, 6].map((at) => ring.slice(at, at + 2));
  const corners = [points[0], points[2]];

  /** The same box as box and outline in each format that gives a picture's size. */
  async function putAll(folder: string, width: number, height: number): Promise<readonly string[]> {
    const image = { id: 1, file_name: '1.jpg', width, height };
    await put(`${folder}/coco/a.json`, {
      images: [image],
      annotations: [{ bbox }, { segmentation: [ring] }].map((each) => ({ ...each, image_id: 1 })),
    });
    const video = { id: 1, width, height, file_names: ['1.jpg'] };
    await put(`${folder}/vis/a.json`, {
      videos: [video],
      annotations: [{ bboxes: [bbox], segmentations: [null] }, { segmentations: [[ring]] }].map((each, id) => ({
        ...each,
        id,
        video_id: 1,
      })),
    });
    const shapes = [
      { label: 'a', shape_type: 'rectangle', points: corners },
      { label: 'a', shape_type: 'polygon', points },
    ];
    await put(`${folder}/labelme/1.json`, { shapes, imageWidth: width, imageHeight: height });
    const [[left, top], [right, bottom]] = corners;
    const box = `<box frame="1" xtl="${left}" ytl="${top}" xbr="${right}" ybr="${bottom}" label="a"/>`;
    const polygon = `<polygon frame="1" points="${points.join(';')}" label="a"/>`;
    const size = `<original_size><width>${width}</width><height>${height}</height></original_size>`;
    const tracks = [box, polygon].map((shape, id) => `<track id="${id}" label="a">${shape}</track>`).join('');
    await put(`${folder}/cvat/a.xml`, `<annotations><meta><task>${size}</task></meta>${tracks}</annotations>`);
    const images = `<image id="1" name="1.jpg" width="${width}" height="${height}">${box}${polygon}</image>`;
    await put(`${folder}/cvat-images/a.xml`, `<annotations>${images}</annotations>`);
    return ['coco', 'vis', 'labelme', 'cvat', 'cvat-images'].map((name) => `${folder}/${name}`);
  }

  it('are scaled where they have its shape', async () => {
    for (const path of await putAll('half', 320, 180)) {
      const { entries, boxes, skipped } = await read(path);
      expect(skipped, path).toEqual({});
      expect(boxes, path).toEqual([[20, 20, 100, 80], null]);
      expect(entries[1].mask && maskBox(entries[1].mask), path).toEqual({ x: 20, y: 20, width: 100, height: 80 });
    }
    // A third of 640x360, rounded to even numbers.
    for (const path of await putAll('rounded', 214, 120)) expect((await read(path)).skipped, path).toEqual({});
    await put('mot/seqinfo.ini', '[Sequence]\nimWidth=1280\nimHeight=720\n');
    await put('mot/gt/gt.txt', '1,1,101,201,40,20,1,1,1\n');
    expect(await read('mot')).toMatchObject({ boxes: [[50, 100, 20, 10]] });
  });

  it('are left out where they have another', async () => {
    for (const path of await putAll('square', 640, 640)) {
      const { entries, skipped } = await read(path);
      expect(entries, path).toEqual([]);
      expect(skipped, path).toEqual({ 'an image of 640x640 in a video of 640x360': 2 });
    }
    await put('mot/seqinfo.ini', '[Sequence]\nimWidth=640\nimHeight=640\n');
    await put('mot/gt/gt.txt', '1,1,101,201,40,20,1,1,1\n');
    expect(await read('mot')).toMatchObject({ skipped: { 'an image of 640x640 in a video of 640x360': 1 } });
  });

  it('keep no mask, which cannot be scaled exactly', async () => {
    const runs = '<mask rle="0, 4" left="1" top="1" width="2" height="2" label="a" frame="1"/>';
    await put(
      'a.xml',
      `<annotations><image id="1" name="1.jpg" width="320" height="180">${runs}</image></annotations>`,
    );
    expect(await read('a.xml')).toMatchObject({ skipped: { 'a mask of 320x180 in a video of 640x360': 1 } });
  });
});

describe('key frames of Label Studio', () => {
  const key = (frame: number, x: number, enabled: boolean) => ({ frame, x, y: 50, width: 10, height: 10, enabled });
  const region = (id: string, sequence: readonly object[]) => ({
    id,
    type: 'videorectangle',
    value: { framesCount: 9, labels: ['car'], sequence },
  });
  /** One region is there twice, one to the end of the video; keys may stand in any order. */
  const task = [
    {
      annotations: [
        {
          result: [
            region('a', [key(6, 60, false), key(1, 0, true), key(3, 20, false)]),
            region('b', [key(8, 40, true)]),
          ],
        },
      ],
    },
  ];

  it('are all that is taken as prompts', async () => {
    await put('tasks.json', task);
    expect(await read('.')).toMatchObject({ format: 'label-studio', frames: [0, 2, 5, 7] });
  });

  it('have boxes between them as truth, as Label Studio shows them', async () => {
    await put('tasks.json', task);
    const { frames, boxes, entries, skipped } = await read('.', { wholeTracks: true });
    expect(frames).toEqual([0, 1, 2, 5, 7, 8]);
    expect(boxes.map((box) => box?.[0])).toEqual([0, 64, 128, 384, 256, 256]);
    expect(entries.map(({ track }) => track)).toEqual(['a', 'a', 'a', 'a', 'b', 'b']);
    expect(skipped).toEqual({});
    expect(await read('.', { wholeTracks: true, step: 4 })).toMatchObject({ frames: [0, 8] });
  });

  it('are found by their time where the project counts at another rate than the video', async () => {
    // 100 frames at 25 a second; the project has 24.
    const sequence = [key(1, 0, true), key(49, 30, true), key(96, 60, false)];
    const labelled = (facts: object) =>
      put('tasks.json', [{ annotations: [{ result: [{ ...region('a', []), value: { ...facts, sequence } }] }] }]);
    await labelled({ framesCount: 96, duration: 4 });
    expect((await read('.')).frames).toEqual([0, 50, 98]);
    // A longer video of the same rate, of which this one is the beginning; and one without a duration.
    await labelled({ framesCount: 251, duration: 10.01 });
    expect((await read('.')).frames).toEqual([0, 48, 95]);
    await labelled({ framesCount: 96 });
    expect((await read('.')).frames).toEqual([0, 48, 95]);
  });

  it('may be so far apart as no video is', async () => {
    await put('tasks.json', [{ annotations: [{ result: [region('a', [key(1, 0, true), key(1e15, 60, false)])] }] }]);
    const { frames, skipped } = await read('.', { wholeTracks: true });
    expect(frames).toHaveLength(100);
    expect(skipped).toEqual({ 'outside the video': 1 });
  });
});

describe('boxes that were turned', () => {
  it('are the upright boxes around them: Label Studio turns about the corner, CVAT about the centre', async () => {
    const key = (frame: number, rotation: number) => ({
      frame,
      x: 50,
      y: 50,
      width: 10,
      height: 5,
      rotation,
      enabled: true,
    });
    const value = { framesCount: 3, labels: [], sequence: [key(1, 0), key(3, 180)] };
    await put('ls.json', [{ annotations: [{ result: [{ id: 'a', type: 'videorectangle', value }] }] }]);
    expect((await read('ls.json', { wholeTracks: true })).boxes).toEqual([
      [320, 180, 64, 18],
      [302, 180, 18, 64],
      [256, 162, 64, 18],
    ]);
    const box = '<box frame="0" xtl="100" ytl="100" xbr="160" ybr="120" rotation="90.00"/>';
    await put('a.xml', `<annotations><track id="1" label="car">${box}</track></annotations>`);
    expect((await read('a.xml')).boxes).toEqual([[120, 80, 20, 60]]);
  });
});

describe('groups', () => {
  const box = (x: number, more = '') => `<box xtl="${x}" ytl="1" xbr="${x + 8}" ybr="9" label="car" ${more}/>`;
  const mask = (frame: number, more = '') =>
    `<track id="${90 + frame}" label="dog" ${more}><mask frame="${frame}" rle="0, 4" left="1" top="1" width="2" height="2"/></track>`;
  const tracks = async (content: string) => {
    await put('a.xml', `<annotations>${content}</annotations>`);
    return (await read('a.xml')).entries.map(({ track }) => track);
  };

  it('of CVAT tie masks and shapes of images, not tracks', async () => {
    const two = [1, 2].map((id) => `<track id="${id}" label="car" group_id="5">${box(50 * id, 'frame="0"')}</track>`);
    expect(await tracks(two.join(''))).toEqual(['1', '2']);
    expect(await tracks(mask(0, 'group_id="5"') + mask(1, 'group_id="5"'))).toEqual(['5', '5']);
    expect(await tracks(mask(0) + mask(1))).toEqual(['linked-1', 'linked-1']);
    const grouped = `<image id="0" name="0.png">${box(1, 'group_id="5"')}</image><image id="1" name="1.png">${box(99, 'group_id="5"')}</image>`;
    expect(await tracks(grouped)).toEqual(['5', '5']);
  });

  it('are not mixed with tracks of the same number, nor one label with another', async () => {
    const track = `<track id="5" label="car">${box(50, 'frame="0"')}</track>`;
    expect(await tracks(track + mask(0, 'group_id="5"'))).toEqual(['5', 'dog of group 5']);
    const points = [
      [1, 1],
      [9, 9],
    ];
    const shape = { label: 'rider', group_id: 5, shape_type: 'rectangle', points };
    await put('0.json', { shapes: [shape, { ...shape, label: 'horse' }, shape] });
    const { entries, skipped } = await read('0.json');
    expect(entries.map((entry) => entry.track)).toEqual(['5', 'horse of group 5']);
    expect(skipped).toEqual({ 'a further shape of one object': 1 });
  });
});
