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
      skipped: { 'a label file whose name has no frame number': 1 },
    });
  });
});
