import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportDataset, type StoredMask } from '../../src-main/core/export/index.ts';
import { type DatasetFormatName, defaultDatasetOptions } from '../../src-shared/contract/dataset-schemas.ts';
import { maskArea, rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { datasetJob, discMask, exportObject, fakeMasks, speckledMask, storedMask } from '../support/export-fakes.ts';

const [width, height, FRAMES] = [61, 43, 8];
const objects = [
  { ...exportObject(1, 'one'), className: 'red: "cup" # 1' },
  { ...exportObject(2, 'two'), className: 'Größe\\n' },
  { ...exportObject(5, 'three'), className: 'ball' },
];

/** Masks over every border, of noise, of one pixel in the corner, of the whole frame, and frames with nothing. */
function masksAt(frame: number): readonly StoredMask[] {
  const whole = rleFromBitmap(new Uint8Array(width * height).fill(1), width, height);
  const corner = Uint8Array.from({ length: width * height }, (_, at) => (at === width * height - 1 ? 1 : 0));
  if (frame === 3) return [storedMask(1, null), storedMask(2, null), storedMask(5, null)];
  const [x, y] = [(frame % 2) * width, (frame % 3) * (height / 2)];
  return [
    storedMask(1, discMask(width, height, x, y, 9 + frame)),
    storedMask(2, frame % 4 === 0 ? whole : speckledMask(width, height, frame + 1)),
    storedMask(5, frame === 6 ? rleFromBitmap(corner, width, height) : discMask(width, height, 30, y, 5)),
  ];
}

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'masklet-training-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(format: DatasetFormatName, tolerance = 1): Promise<string> {
  const folder = join(root, 'out');
  const options = { ...defaultDatasetOptions, tolerance, valFraction: 0.25 };
  await exportDataset(
    datasetJob({ format, options, masks: fakeMasks(objects, masksAt), width, height, folder }, FRAMES),
  );
  return folder;
}

/** What keeps a YOLO trainer from taking a label file: the checks that Ultralytics makes, row by row. */
function rowFaults(text: string, classes: number, kind: 'polygon' | 'box'): string[] {
  const rows = text.split('\n').filter((row) => row !== '');
  return rows.flatMap((row) => {
    const [name, ...values] = row.split(' ').map(Number);
    const faults: string[] = [];
    if (!Number.isInteger(name) || name < 0 || name >= classes) faults.push(`class ${name}`);
    if (values.some((value) => !(value >= 0 && value <= 1))) faults.push(`outside 0..1: ${row}`);
    if (kind === 'box' && values.length !== 4) faults.push(`${values.length} numbers`);
    // Fewer than three points, and the whole file is read as boxes.
    if (kind === 'polygon' && (values.length < 6 || values.length % 2 !== 0)) faults.push(`${values.length} numbers`);
    return faults;
  });
}

describe('what YOLO trainers are given', () => {
  it.each([
    ['yolo-seg', 0],
    ['yolo-seg', 1],
    ['yolo-seg', 4],
    ['yolo-box', 1],
  ] as const)(
    '%s with tolerance %d: every label is valid and lies where its picture says',
    async (format, tolerance) => {
      const folder = await write(format, tolerance);
      const yaml = (await readFile(join(folder, 'data.yaml'), 'utf8')).split('\n');
      expect(yaml.slice(0, 4)).toEqual(['train: images/train', 'val: images/val', 'nc: 3', 'names:']);
      // Each name in double quotes, escaped as in JSON, which YAML reads the same.
      const names = yaml.slice(4, 7).map((line) => JSON.parse(line.replace(/^ {2}\d: /, '')));
      expect(names).toEqual(objects.map(({ className }) => className));
      let rows = 0;
      for (const part of ['train', 'val']) {
        const pictures = await readdir(join(folder, 'images', part));
        expect(pictures).toHaveLength(part === 'train' ? 6 : 2);
        for (const picture of pictures) {
          // The trainer replaces `images` by `labels` and the ending by `.txt`.
          const text = await readFile(join(folder, 'labels', part, picture.replace(/\.jpg$/, '.txt')), 'utf8');
          expect(rowFaults(text, 3, format === 'yolo-seg' ? 'polygon' : 'box')).toEqual([]);
          rows += text.split('\n').length - 1;
        }
      }
      expect(rows).toBe(7 * 3);
    },
  );

  it('a point outside, a class too many and a line of two points would be told', () => {
    expect(rowFaults('0 0 0 1 0 1 1.000001\n', 3, 'polygon')).toHaveLength(1);
    expect(rowFaults('3 0 0 1 0 1 1\n', 3, 'polygon')).toHaveLength(1);
    expect(rowFaults('0 0 0 1 0\n', 3, 'polygon')).toHaveLength(1);
    expect(rowFaults('0 0.5 0.5 1 -0.1\n', 3, 'box')).toHaveLength(1);
  });
});

describe('what SAM 3 fine-tuning is given', () => {
  it('pictures beside their annotations, every object with mask, box, area and a known class', async () => {
    const folder = await write('sam3-train');
    let count = 0;
    for (const part of ['train', 'test']) {
      const { images, annotations, categories } = JSON.parse(
        await readFile(join(folder, part, '_annotations.coco.json'), 'utf8'),
      ) as {
        images: { id: number; file_name: string; width: number; height: number }[];
        annotations: Record<'id' | 'image_id' | 'category_id' | 'area' | 'iscrowd', number>[] &
          { bbox: number[]; segmentation: { size: number[]; counts: string } }[];
        categories: { id: number; name: string }[];
      };
      for (const image of images) expect(existsSync(join(folder, part, image.file_name))).toBe(true);
      expect(categories.map(({ name }) => name)).toEqual(objects.map(({ className }) => className));
      const imageIds = new Set(images.map(({ id }) => id));
      expect(imageIds.size).toBe(images.length);
      expect(new Set(annotations.map(({ id }) => id)).size).toBe(annotations.length);
      for (const { image_id, category_id, area, iscrowd, bbox, segmentation } of annotations) {
        expect([imageIds.has(image_id), categories.some(({ id }) => id === category_id), iscrowd]).toEqual([
          true,
          true,
          0,
        ]);
        const [x, y, w, h] = bbox;
        expect(Math.min(x, y, w - 1, h - 1, width - x - w, height - y - h)).toBeGreaterThanOrEqual(0);
        expect(area > 0 && area <= w * h).toBe(true);
        expect(segmentation.size).toEqual([height, width]);
      }
      count += annotations.length;
    }
    const meant = Array.from({ length: FRAMES }, (_, frame) => masksAt(frame)).flat();
    expect(count).toBe(meant.filter(({ mask }) => mask !== null && maskArea(mask) > 0).length);
    const yaml = await readFile(join(folder, 'masklet_sam3.yaml'), 'utf8');
    for (const name of ['MASKLET_DATASET', 'SAM3_CHECKPOINT', 'MASKLET_LOGS'])
      expect(yaml).toContain(`\${oc.env:${name}}`);
    expect(yaml).toMatch(/^# @package _global_\n/);
  });
});
