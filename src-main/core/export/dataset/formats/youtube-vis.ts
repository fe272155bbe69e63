import { join } from 'node:path';
import { z } from 'zod';
import type { ObjectId } from '../../../../../src-shared/domain/ids.ts';
import { cocoRleFromMask } from '../../../../../src-shared/mask/coco-rle.ts';
import { maskArea, maskBox } from '../../../../../src-shared/mask/rle.ts';
import {
  type DatasetFormat,
  type DatasetPlan,
  paddedFrame,
  type ReadItem,
  type ReadSource,
} from '../dataset-format.ts';
import { type DatasetFiles, frameFromName } from '../reading/dataset-files.ts';
import { datasetId, unknownForm } from '../reading/dataset-id.ts';
import { readJson } from '../reading/json-stream.ts';
import { pictureSide } from '../reading/picture-scale.ts';
import { readOrSkip } from '../reading/read-or-skip.ts';
import { boxSchema, segmentationSchema, shapeFromCoco } from '../reading/segmentation.ts';
import { JsonList } from '../writing/json-list.ts';
import { Spool } from '../writing/spool.ts';
import { TextFile } from '../writing/text-file.ts';

const FILE = 'instances.json';
const LISTS = ['segmentations', 'bboxes', 'areas'] as const;

/**
 * YouTube-VIS, also known as COCO-video: `instances.json` with one annotation per object, whose lists have one entry per frame
 * of the video's `file_names` (null: not there), and `JPEGImages/VIDEO/` when asked for.
 */
export const youtubeVisFormat: DatasetFormat = {
  name: 'youtube-vis',
  summary: 'YouTube-VIS / COCO-video: one annotation an object, run lengths a frame',
  shapes: ['mask'],
  onePerPixel: false,
  splits: false,
  pictures: { usual: 'none', path: (plan, frame) => join('JPEGImages', imageName(plan, frame)) },
  framesStandAlone: false,
  checksEveryFrame: true,
  losses: () => ['scores-lost', 'absent-untracked'],
  open: (plan) => openWriter(plan),
  recognises: (files) => instanceFile(files) !== null,
  read,
};

async function openWriter(plan: DatasetPlan) {
  const spool = await Spool.create(join(plan.folder, '.parts'));
  const file = await TextFile.create(join(plan.folder, FILE));
  const present = new Set<ObjectId>();
  return {
    async writeFrame(frame: Parameters<Awaited<ReturnType<DatasetFormat['open']>>['writeFrame']>[0]) {
      const byObject = new Map(frame.masks.map(({ objectId, mask }) => [objectId, mask]));
      for (const { objectId } of plan.objects) {
        const mask = byObject.get(objectId) ?? null;
        const box = mask === null ? null : maskBox(mask);
        if (box !== null) present.add(objectId);
        const empty = mask === null || box === null;
        const values = {
          segmentations: empty ? null : cocoRleFromMask(mask),
          bboxes: empty ? null : [box.x, box.y, box.width, box.height],
          areas: empty ? null : maskArea(mask),
        };
        for (const list of LISTS) await spool.add(`${objectId}-${list}`, JSON.stringify(values[list]));
      }
      return 0;
    },
    async finish() {
      await writeHead(plan, file);
      let first = true;
      for (const object of plan.objects.filter(({ objectId }) => present.has(objectId))) {
        const { width, height } = plan;
        const facts = { id: object.objectId, video_id: 1, category_id: object.classId, iscrowd: 0, width, height };
        const head = JSON.stringify({ ...facts, length: plan.frames.length, name: object.name });
        await file.write(`${first ? '\n' : ',\n'}${head.slice(0, -1)}`);
        first = false;
        for (const list of LISTS) {
          await file.write(`,"${list}":[`);
          await spool.copyTo(`${object.objectId}-${list}`, file);
          await file.write(']');
        }
        await file.write('}');
      }
      await file.write(']}\n');
      await file.finish();
      await spool[Symbol.asyncDispose]();
      return 1;
    },
    async [Symbol.asyncDispose]() {
      await file[Symbol.asyncDispose]();
      await spool[Symbol.asyncDispose]();
    },
  };
}

async function writeHead(plan: DatasetPlan, file: TextFile): Promise<void> {
  const categories = plan.classes.map((name, at) => ({ id: at + 1, name, supercategory: 'object' }));
  const { width, height } = plan;
  const facts = JSON.stringify({ id: 1, width, height, length: plan.frames.length });
  await file.write(`{"info":{"description":${JSON.stringify(plan.videoName)},"contributor":"Masklet Studio"},\n`);
  await file.write(`"categories":${JSON.stringify(categories)},\n"videos":[${facts.slice(0, -1)},"file_names":[`);
  const names = new JsonList(file);
  for (const frame of plan.frames) await names.add(imageName(plan, frame));
  await file.write(']}],\n"annotations":[');
}

const video = z.object({ id: datasetId, file_names: z.array(z.string()), width: pictureSide, height: pictureSide });
const category = z.object({ id: datasetId, name: z.string() });
const annotation = z.object({
  id: datasetId.nullish(),
  video_id: datasetId,
  category_id: datasetId.nullish(),
  segmentations: z.array(segmentationSchema),
  bboxes: z.array(boxSchema).optional(),
});

async function* read({ files, size, wants, skipped }: ReadSource): AsyncGenerator<ReadItem, void, undefined> {
  const name = instanceFile(files);
  if (name === null) return;
  const labels = new Map<string, string>();
  let only: z.output<typeof video> | null = null;
  for await (const { path, value } of readJson(files.at(name), ['videos[]', 'categories[]'])) {
    const asVideo = path === 'videos[]' ? video.safeParse(value) : null;
    if (asVideo?.success && only === null) only = asVideo.data;
    else if (asVideo !== null) {
      skipped.add(asVideo.success ? 'another video than the first' : unknownForm(value, 'a video', ['id']));
    }
    const asCategory = path === 'categories[]' ? category.safeParse(value) : null;
    if (asCategory?.success) labels.set(asCategory.data.id, asCategory.data.name);
  }
  let unnamed = 0;
  for await (const { value } of readJson(files.at(name), ['annotations[]'])) {
    const parsed = annotation.safeParse(value);
    if (!parsed.success || (only !== null && parsed.data.video_id !== only.id)) {
      skipped.add(
        parsed.success
          ? 'an object of another video'
          : unknownForm(value, 'an annotation', ['id', 'video_id', 'category_id']),
      );
      continue;
    }
    const { id, category_id, segmentations, bboxes } = parsed.data;
    const track = id ?? `annotation ${++unnamed}`;
    const label = labels.get(category_id ?? '') ?? null;
    for (let at = 0; at < segmentations.length; at++) {
      if (segmentations[at] == null && bboxes?.[at] == null) continue;
      const frame = only === null ? at : (frameFromName(only.file_names[at] ?? '') ?? at);
      const item = { frame, track, label };
      const shape = wants(frame, true)
        ? await readOrSkip(skipped, () => shapeFromCoco(segmentations[at], bboxes?.[at], size, only ?? size))
        : null;
      if (shape !== null || !wants(frame, true)) yield { ...item, shape };
    }
  }
}

function instanceFile(files: DatasetFiles): string | null {
  const found = files.names('', /\.json$/i).find((name) => {
    const head = files.head(name);
    return /"videos"\s*:/.test(head) || /"segmentations"\s*:/.test(head);
  });
  return found ?? null;
}

function imageName(plan: DatasetPlan, frame: DatasetPlan['frames'][number]): string {
  return `${plan.videoName}/${paddedFrame(frame, plan.digits)}.${plan.images === 'png' ? 'png' : 'jpg'}`;
}
