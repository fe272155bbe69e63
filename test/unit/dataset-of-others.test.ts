import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putFile, readFolder } from '../support/dataset-folder.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'masklet-others-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));
const put = (name: string, content: string | Uint8Array | object) => putFile(root, name, content);
const read: typeof readFolder = (path, more) => readFolder(join(root, path), more);

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
