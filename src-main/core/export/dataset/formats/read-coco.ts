import { z } from 'zod';
import type { ReadItem, ReadSource } from '../dataset-format.ts';
import { frameFromName } from '../reading/dataset-files.ts';
import { datasetId, unknownForm } from '../reading/dataset-id.ts';
import { itemsByFrame } from '../reading/frame-order.ts';
import { readJson } from '../reading/json-stream.ts';
import { type PictureSize, pictureSide } from '../reading/picture-scale.ts';
import { readOrSkip } from '../reading/read-or-skip.ts';
import { boxSchema, segmentationSchema, shapeFromCoco } from '../reading/segmentation.ts';

const identity = datasetId.nullish();
const image = z.object({
  id: datasetId,
  file_name: z.string().default(''),
  frame_index: z.number().int().optional(),
  width: pictureSide,
  height: pictureSide,
});
const category = z.object({ id: datasetId, name: z.string() });
const annotation = z.object({
  image_id: datasetId,
  category_id: identity,
  segmentation: segmentationSchema,
  bbox: boxSchema,
  track_id: identity,
  instance_id: identity,
});
const ANNOTATION_PATHS = ['annotations[]', '[]'];

interface CocoImage extends PictureSize {
  readonly frame: number;
}

/** What the annotations of one file refer to. */
interface CocoNames {
  readonly file: string;
  /** By image id; null: an image that was left out. Empty: none is listed, and an image id is a frame. */
  readonly images: ReadonlyMap<string, CocoImage | null>;
  readonly labels: ReadonlyMap<string, string>;
  /** Image ids of the annotations in file order, neighbours that are equal once. */
  readonly order: readonly string[];
}

/**
 * Instances and results files, also from others. A frame is what `frame_index` or the digits of the picture's name say. Images
 * may stand after annotations, and annotations in any order, so the files are read twice: names first.
 */
export async function* readCocoFiles(
  files: readonly string[],
  source: ReadSource,
): AsyncGenerator<ReadItem, void, undefined> {
  const pictures = new Map<number, string>();
  const names: CocoNames[] = [];
  for (const file of files) names.push(await readNames(file, source, pictures));
  const frames = names.flatMap((each) => each.order.flatMap((id) => imageOf(each, id)?.frame ?? []));
  const ascending = frames.every((frame, at) => at === 0 || frame >= frames[at - 1]);
  const items = readAnnotations(names, source);
  yield* ascending ? items : itemsByFrame(items);
}

async function* readAnnotations(
  names: readonly CocoNames[],
  source: ReadSource,
): AsyncGenerator<ReadItem, void, undefined> {
  const { skipped, size } = source;
  for (const each of names) {
    for await (const { value } of readJson(source.files.at(each.file), ANNOTATION_PATHS)) {
      const parsed = annotation.safeParse(value);
      if (!parsed.success) {
        skipped.add(unknownForm(value, 'an annotation', ['image_id', 'category_id', 'track_id', 'instance_id']));
        continue;
      }
      const { image_id, category_id, segmentation, bbox, track_id, instance_id } = parsed.data;
      const picture = imageOf(each, image_id);
      if (picture === null) {
        skipped.add(`an annotation of an image that is ${each.images.has(image_id) ? 'left out' : 'not listed'}`);
        continue;
      }
      const { frame } = picture;
      const track = track_id ?? instance_id ?? null;
      const item = {
        frame,
        track,
        label: each.labels.get(category_id ?? '') ?? null,
      };
      if (!source.wants(frame, track !== null)) {
        yield { ...item, shape: null };
        continue;
      }
      const shape = await readOrSkip(skipped, () => shapeFromCoco(segmentation, bbox, size, picture));
      if (shape !== null) yield { ...item, shape };
    }
  }
}

function imageOf({ images }: CocoNames, imageId: string): CocoImage | null {
  if (images.size > 0) return images.get(imageId) ?? null;
  const frame = /^-?\d+$/.test(imageId) ? Number(imageId) : frameFromName(imageId);
  return frame === null ? null : { frame, width: null, height: null };
}

/** `pictures` is the name of the picture of each frame so far, over all files. */
async function readNames(file: string, source: ReadSource, pictures: Map<number, string>): Promise<CocoNames> {
  const { files, skipped } = source;
  const images = new Map<string, CocoImage | null>();
  const labels = new Map<string, string>();
  const order: string[] = [];
  const wanted = ['images[]', 'categories[]', ...ANNOTATION_PATHS.map((path) => `${path}.image_id`)];
  for await (const { path, value } of readJson(files.at(file), wanted)) {
    if (path === 'images[]') {
      const parsed = image.safeParse(value);
      if (parsed.success) images.set(parsed.data.id, cocoImage(parsed.data, pictures, source));
      else skipped.add(unknownForm(value, 'an image', ['id']));
    } else if (path === 'categories[]') {
      const parsed = category.safeParse(value);
      if (parsed.success) labels.set(parsed.data.id, parsed.data.name);
      else skipped.add(unknownForm(value, 'a category', ['id']));
    } else if (String(value) !== order[order.length - 1]) order.push(String(value));
  }
  return { file, images, labels, order };
}

/** Several pictures of one frame (augmented copies, or several videos) cannot all be right: the first is taken. */
function cocoImage(
  { file_name, frame_index, width, height }: z.output<typeof image>,
  pictures: Map<number, string>,
  { skipped }: ReadSource,
): CocoImage | null {
  const frame = frame_index ?? frameFromName(file_name);
  if (frame === null) {
    skipped.add('an image whose name has no frame number');
    return null;
  }
  const known = pictures.get(frame);
  if (known !== undefined && known !== file_name) {
    skipped.add('a second image of one frame');
    return null;
  }
  pictures.set(frame, file_name);
  return { frame, width, height };
}
