import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameIndex } from '../../../../../src-shared/domain/ids.ts';
import { joinRings } from '../../../../../src-shared/mask/join-rings.ts';
import { outlinesOf } from '../../../../../src-shared/mask/outlines.ts';
import { maskBox } from '../../../../../src-shared/mask/rle.ts';
import type { StoredMask } from '../../ports.ts';
import { type DatasetFormat, type DatasetPlan, paddedFrame } from '../dataset-format.ts';
import { labelFiles, readYolo } from './read-yolo.ts';

/** Below a hundredth of a pixel up to 10,000 pixels wide. */
const DIGITS = 6;
const partOf = (plan: DatasetPlan, frame: FrameIndex) => plan.splitOf(frame) ?? 'train';

/**
 * Ultralytics' layout: `images/train/NAME.jpg`, `labels/train/NAME.txt` with a row per object, `data.yaml`. A frame without
 * objects gets an empty label file: it is a background example. Classes count from 0.
 */
function yoloFormat(name: 'yolo-seg' | 'yolo-box', summary: string, rowOf: RowWriter): DatasetFormat {
  return {
    name,
    summary,
    shapes: [name === 'yolo-seg' ? 'polygon' : 'box'],
    onePerPixel: false,
    splits: true,
    pictures: {
      usual: 'jpg',
      path: (plan, frame) => join('images', partOf(plan, frame), `${stem(plan, frame)}.${plan.images}`),
    },
    framesStandAlone: true,
    checksEveryFrame: true,
    losses: () => (name === 'yolo-box' ? ['identities-lost', 'boxes-only'] : ['identities-lost']),
    async open(plan) {
      for (const part of parts(plan)) await mkdir(join(plan.folder, 'labels', part), { recursive: true });
      const classIds = new Map(plan.objects.map(({ objectId, classId }) => [objectId, classId - 1]));
      return {
        async writeFrame(frame) {
          const rows = frame.masks.flatMap((stored) => {
            const row = rowOf(stored, plan);
            return row === null ? [] : [`${classIds.get(stored.objectId)} ${row}\n`];
          });
          const path = join('labels', partOf(plan, frame.frameIndex), `${stem(plan, frame.frameIndex)}.txt`);
          await writeFile(join(plan.folder, path), rows.join(''));
          return 1;
        },
        async finish() {
          await writeFile(join(plan.folder, 'data.yaml'), dataYaml(plan));
          return 1;
        },
        async [Symbol.asyncDispose]() {},
      };
    },
    recognises: (files) => labelFiles(files, name).length > 0,
    read: (source) => readYolo(source, name),
  };
}

type RowWriter = (stored: StoredMask, plan: DatasetPlan) => string | null;

export const yoloSegFormat = yoloFormat('yolo-seg', 'YOLO segmentation: one outline a row', ({ mask }, plan) => {
  const rings = mask === null ? [] : outlinesOf(mask, plan.tolerance);
  if (rings.length === 0) return null;
  return joinRings(rings)
    .map((value, at) => (value / (at % 2 === 0 ? plan.width : plan.height)).toFixed(DIGITS))
    .join(' ');
});

export const yoloBoxFormat = yoloFormat('yolo-box', 'YOLO detection: one box a row', ({ mask }, plan) => {
  const box = mask === null ? null : maskBox(mask);
  if (box === null) return null;
  const values = [
    (box.x + box.width / 2) / plan.width,
    (box.y + box.height / 2) / plan.height,
    box.width / plan.width,
    box.height / plan.height,
  ];
  return values.map((value) => value.toFixed(DIGITS)).join(' ');
});

function stem(plan: DatasetPlan, frame: FrameIndex): string {
  return `${plan.videoName}_${paddedFrame(frame, plan.digits)}`;
}

function parts(plan: DatasetPlan): readonly string[] {
  return plan.splits.map((split) => split ?? 'train');
}

/** Without a split the training frames are validated on too: the trainers want the key. */
function dataYaml(plan: DatasetPlan): string {
  const val = plan.splits.includes('val') ? 'val' : 'train';
  const names = plan.classes.map((name, at) => `  ${at}: ${JSON.stringify(name)}\n`).join('');
  return `train: images/train\nval: images/${val}\nnc: ${plan.classes.length}\nnames:\n${names}`;
}
