import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DatasetFormat, type DatasetPlan, paddedFrame, type SplitName } from '../dataset-format.ts';
import type { DatasetFiles } from '../reading/dataset-files.ts';
import { openCocoFiles } from './coco.ts';
import { readCocoFiles } from './read-coco.ts';
import { sam3Configuration } from './sam3-configuration.ts';

const ANNOTATIONS = '_annotations.coco.json';
/** SAM 3's training reads its validation frames from a folder of this name. */
const folderOf = (split: SplitName) => (split === 'val' ? 'test' : 'train');

/**
 * The folder that SAM 3's own fine-tuning reads: `train/` and `test/`, each with its pictures and `_annotations.coco.json`, and
 * `masklet_sam3.yaml` to start it with. docs/training.md tells the steps.
 */
export const sam3TrainFormat: DatasetFormat = {
  name: 'sam3-train',
  summary: 'train/ and test/ with COCO annotations and a configuration for SAM 3 fine-tuning',
  shapes: ['mask', 'polygon', 'box'],
  onePerPixel: false,
  splits: true,
  pictures: {
    usual: 'jpg',
    path: (plan, frame) => join(folderOf(plan.splitOf(frame)), imageName(plan, frame)),
  },
  framesStandAlone: true,
  checksEveryFrame: true,
  losses: ({ splits }) => (splits.length === 1 ? ['single-frames', 'nothing-to-validate'] : ['single-frames']),
  async open(plan) {
    for (const split of plan.splits) await mkdir(join(plan.folder, folderOf(split)));
    const writer = await openCocoFiles(plan, (split) => ({
      name: join(folderOf(split), ANNOTATIONS),
      imageName: (frame) => imageName(plan, frame),
    }));
    return {
      writeFrame: (frame) => writer.writeFrame(frame),
      async finish() {
        await writeFile(join(plan.folder, 'masklet_sam3.yaml'), sam3Configuration(plan));
        return (await writer.finish()) + 1;
      },
      [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
    };
  },
  recognises: (files) => annotationsOf(files).length > 0,
  read: (source) => readCocoFiles(annotationsOf(source.files), source),
};

function imageName(plan: DatasetPlan, frame: DatasetPlan['frames'][number]): string {
  return `${plan.videoName}_${paddedFrame(frame, plan.digits)}.${plan.images === 'png' ? 'png' : 'jpg'}`;
}

/** Roboflow's layout too: train, valid and test. */
function annotationsOf(files: DatasetFiles): readonly string[] {
  return ['', 'train', 'valid', 'test'].map((folder) => join(folder, ANNOTATIONS)).filter((name) => files.has(name));
}
