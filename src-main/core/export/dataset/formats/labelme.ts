import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameIndex } from '../../../../../src-shared/domain/ids.ts';
import type { BoxInVideo } from '../../../../../src-shared/geometry/geometry.ts';
import { cropMask } from '../../../../../src-shared/mask/box-rle.ts';
import { outlinesOf } from '../../../../../src-shared/mask/outlines.ts';
import { bitmapFromRle, maskBox, type RleMask } from '../../../../../src-shared/mask/rle.ts';
import { encodePng } from '../../png/encode-png.ts';
import type { StoredMask } from '../../ports.ts';
import {
  type DatasetFormat,
  type DatasetFrame,
  type DatasetObject,
  type DatasetPlan,
  paddedFrame,
  type SplitName,
} from '../dataset-format.ts';
import { labelmeFiles, readLabelme } from './read-labelme.ts';

const folderOf = (split: SplitName) => split ?? '';

/**
 * labelme: `00000.json` per frame beside its picture. Polygons (each part a shape) or masks (a PNG of the box inside the JSON);
 * `group_id` is the object.
 */
export const labelmeFormat: DatasetFormat = {
  name: 'labelme',
  summary: 'labelme: a JSON file per frame with polygons, or masks',
  shapes: ['polygon', 'mask', 'box'],
  onePerPixel: false,
  splits: true,
  pictures: {
    usual: 'jpg',
    path: (plan, frame) => join(folderOf(plan.splitOf(frame)), imageName(plan, frame)),
  },
  framesStandAlone: true,
  checksEveryFrame: true,
  losses: ({ shape }) => (shape === 'box' ? ['scores-lost', 'boxes-only'] : ['scores-lost']),
  async open(plan) {
    for (const split of plan.splits) await mkdir(join(plan.folder, folderOf(split)), { recursive: true });
    const objects = new Map(plan.objects.map((object) => [object.objectId, object]));
    return {
      async writeFrame(frame) {
        const shapes = [];
        for (const stored of frame.masks) {
          const object = objects.get(stored.objectId);
          if (object !== undefined) shapes.push(...(await shapesOf(stored, object, plan)));
        }
        const name = `${stem(plan, frame.frameIndex)}.json`;
        const path = join(plan.folder, folderOf(plan.splitOf(frame.frameIndex)), name);
        await writeFile(path, JSON.stringify(fileOf(plan, frame, shapes), null, 1));
        return 1;
      },
      finish: async () => 0,
      async [Symbol.asyncDispose]() {},
    };
  },
  recognises: (files) => labelmeFiles(files).length > 0,
  read: readLabelme,
};

function fileOf(plan: DatasetPlan, frame: DatasetFrame, shapes: readonly object[]) {
  return {
    version: '5.5.0',
    flags: {},
    shapes,
    imagePath: imageName(plan, frame.frameIndex),
    imageData: null,
    imageHeight: plan.height,
    imageWidth: plan.width,
  };
}

async function shapesOf({ mask, objectId }: StoredMask, object: DatasetObject, plan: DatasetPlan): Promise<object[]> {
  const box = mask === null ? null : maskBox(mask);
  if (mask === null || box === null) return [];
  const common = { label: object.className, group_id: objectId, description: object.name, flags: {} };
  if (plan.shape === 'polygon') {
    return outlinesOf(mask, plan.tolerance).map((ring) => ({
      ...common,
      shape_type: 'polygon',
      points: Array.from({ length: ring.length / 2 }, (_, at) => [ring[at * 2], ring[at * 2 + 1]]),
      mask: null,
    }));
  }
  const inclusive = plan.shape === 'mask' ? 1 : 0;
  const points = [
    [box.x, box.y],
    [box.x + box.width - inclusive, box.y + box.height - inclusive],
  ];
  if (plan.shape === 'box') return [{ ...common, shape_type: 'rectangle', points, mask: null }];
  return [{ ...common, shape_type: 'mask', points, mask: (await cropPng(mask, box)).toString('base64') }];
}

function cropPng(mask: RleMask, box: BoxInVideo): Promise<Buffer> {
  const pixels = bitmapFromRle(cropMask(mask, box)).map((value) => value * 255);
  return encodePng({ kind: 'grey', width: box.width, height: box.height, pixels });
}

function stem(plan: DatasetPlan, frame: FrameIndex): string {
  return paddedFrame(frame, plan.digits);
}

function imageName(plan: DatasetPlan, frame: FrameIndex): string {
  return `${stem(plan, frame)}.${plan.images === 'png' ? 'png' : 'jpg'}`;
}
