import { z } from 'zod';
import type { ReadItem, ReadSource } from '../dataset-format.ts';
import { frameFromName } from '../reading/dataset-files.ts';
import { readJson } from '../reading/json-stream.ts';
import { readOrSkip } from '../reading/read-or-skip.ts';
import { boxSchema, segmentationSchema, shapeFromCoco } from '../reading/segmentation.ts';

const identity = z.union([z.number(), z.string()]).nullable().optional();
const image = z.object({ id: z.number(), file_name: z.string().default(''), frame_index: z.number().int().optional() });
const category = z.object({ id: z.number(), name: z.string() });
const annotation = z.object({
  image_id: z.number(),
  category_id: z.number().optional(),
  segmentation: segmentationSchema,
  bbox: boxSchema,
  track_id: identity,
  instance_id: identity,
});
const ANNOTATION_PATHS = new Set(['annotations[]', '[]']);

/**
 * Instances and results files, also from others. A frame is what `frame_index` or the digits of the picture's name say. Images
 * may stand after annotations, so the file is read twice: names first.
 */
export async function* readCocoFile(name: string, source: ReadSource): AsyncGenerator<ReadItem, void, undefined> {
  const { files, skipped, size } = source;
  const { frames, labels } = await readNames(name, source);
  for await (const { value } of readJson(files.at(name), [...ANNOTATION_PATHS])) {
    const parsed = annotation.safeParse(value);
    if (!parsed.success) {
      skipped.add('an annotation of an unknown form');
      continue;
    }
    const { image_id, category_id, segmentation, bbox, track_id, instance_id } = parsed.data;
    const frame = frames.get(image_id) ?? (frames.size === 0 ? image_id : null);
    if (frame === null) {
      skipped.add('an annotation of an image that is not listed');
      continue;
    }
    const track = track_id ?? instance_id;
    const item = {
      frame,
      track: track === null || track === undefined ? null : String(track),
      label: category_id === undefined ? null : (labels.get(category_id) ?? null),
    };
    if (!source.wants(frame)) {
      yield { ...item, shape: null };
      continue;
    }
    const shape = await readOrSkip(skipped, () => shapeFromCoco(segmentation, bbox, size));
    if (shape !== null) yield { ...item, shape };
  }
}

async function readNames(name: string, { files, skipped }: ReadSource) {
  const frames = new Map<number, number>();
  const labels = new Map<number, string>();
  for await (const { path, value } of readJson(files.at(name), ['images[]', 'categories[]'])) {
    if (path === 'categories[]') {
      const parsed = category.safeParse(value);
      if (parsed.success) labels.set(parsed.data.id, parsed.data.name);
      continue;
    }
    const parsed = image.safeParse(value);
    const frame = parsed.success ? (parsed.data.frame_index ?? frameFromName(parsed.data.file_name)) : null;
    if (!parsed.success || frame === null) skipped.add('an image whose name has no frame number');
    else frames.set(parsed.data.id, frame);
  }
  return { frames, labels };
}
