import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameIndex } from '../../../../../src-shared/domain/ids.ts';
import {
  type DatasetFormat,
  type DatasetPlan,
  type DatasetWriter,
  paddedFrame,
  type SplitName,
} from '../dataset-format.ts';
import type { DatasetFiles } from '../reading/dataset-files.ts';
import { CocoFile } from './coco-annotations.ts';
import { readCocoFiles } from './read-coco.ts';

const FOLDER = 'annotations';
const fileOf = (split: SplitName) => join(FOLDER, `instances_${split ?? 'default'}.json`);

/**
 * COCO instances: `annotations/instances_default.json` (or `_train`, `_val`) with run lengths, polygons or boxes, and `images/`
 * when asked for.
 */
export const cocoFormat: DatasetFormat = {
  name: 'coco',
  summary: 'COCO instances, one image a frame: run lengths, polygons or boxes',
  shapes: ['mask', 'polygon', 'box'],
  onePerPixel: false,
  splits: true,
  pictures: { usual: 'none', path: (plan, frame) => join('images', imageName(plan, frame)) },
  framesStandAlone: true,
  checksEveryFrame: true,
  losses: ({ shape }) => (shape === 'box' ? ['absent-untracked', 'boxes-only'] : ['absent-untracked']),
  async open(plan) {
    await mkdir(join(plan.folder, FOLDER));
    return openCocoFiles(plan, (split) => ({ name: fileOf(split), imageName: (frame) => imageName(plan, frame) }));
  },
  recognises: (files) => cocoFilesOf(files).length > 0,
  read: (source) => readCocoFiles(cocoFilesOf(source.files), source),
};

/** A writer that puts each frame into the file of its part. */
export async function openCocoFiles(
  plan: DatasetPlan,
  place: (split: SplitName) => { readonly name: string; imageName(frame: FrameIndex): string },
): Promise<DatasetWriter> {
  const files = new Map<SplitName, CocoFile>();
  const dispose = async () => {
    for (const file of files.values()) await file[Symbol.asyncDispose]();
  };
  try {
    for (const split of plan.splits) {
      const { name, imageName: nameOf } = place(split);
      files.set(split, await CocoFile.create(plan, name, split, nameOf));
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    async writeFrame(frame) {
      await files.get(plan.splitOf(frame.frameIndex))?.add(frame);
      return 0;
    },
    async finish() {
      for (const file of files.values()) await file.finish();
      return files.size;
    },
    [Symbol.asyncDispose]: dispose,
  };
}

function imageName(plan: DatasetPlan, frame: FrameIndex): string {
  return `${paddedFrame(frame, plan.digits)}.${plan.images === 'png' ? 'png' : 'jpg'}`;
}

/** JSON files whose first bytes look like COCO, in the folder or in `annotations/`. */
function cocoFilesOf(files: DatasetFiles): readonly string[] {
  const names = [...files.names('', /\.json$/i), ...files.names(FOLDER, /\.json$/i).map((name) => join(FOLDER, name))];
  return names.filter((name) => looksLikeCoco(files.head(name)));
}

function looksLikeCoco(head: string): boolean {
  if (/"(videos|videos_id|masklet|shapes)"\s*:/.test(head)) return false;
  return /"(images|annotations|categories)"\s*:/.test(head) || /^\s*\[\s*\{[^[\]{}]*"image_id"\s*:/.test(head);
}
