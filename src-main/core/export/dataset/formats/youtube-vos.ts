import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ObjectId } from '../../../../../src-shared/domain/ids.ts';
import { type DatasetFormat, type DatasetFrame, type DatasetPlan, paddedFrame } from '../dataset-format.ts';
import type { DatasetFiles } from '../reading/dataset-files.ts';
import { parseJson } from '../reading/parse-json.ts';
import { readOrSkip } from '../reading/read-or-skip.ts';
import { palettePicture, readIdPictures, requirePaletteIds } from './id-pictures.ts';

const PICTURE = /^\d+\.png$/i;
const meta = z.object({
  videos: z.record(
    z.string(),
    z.object({ objects: z.record(z.string(), z.object({ category: z.string().default('') })) }),
  ),
});

/**
 * `Annotations/VIDEO/00000.png` palette pictures with `meta.json` (classes, and the frames each object is seen on) and, when
 * asked for, `JPEGImages/VIDEO/00000.jpg`.
 */
export const youtubeVosFormat: DatasetFormat = {
  name: 'youtube-vos',
  summary: 'palette pictures with meta.json in YouTube-VOS folders',
  shapes: ['mask'],
  onePerPixel: true,
  splits: false,
  pictures: {
    usual: 'none',
    path: (plan, frame) => join('JPEGImages', plan.videoName, `${paddedFrame(frame, plan.digits)}.${plan.images}`),
  },
  framesStandAlone: false,
  checksEveryFrame: false,
  losses: () => ['pictures-no-names'],
  async open(plan) {
    requirePaletteIds('youtube-vos', plan);
    const folder = join(plan.folder, 'Annotations', plan.videoName);
    await mkdir(folder, { recursive: true });
    const seen = new Map<ObjectId, string[]>();
    return {
      async writeFrame(frame) {
        const name = paddedFrame(frame.frameIndex, plan.digits);
        await writeFile(join(folder, `${name}.png`), await palettePicture(frame, plan));
        noteSeen(seen, frame, name);
        return 1;
      },
      async finish() {
        await writeFile(join(plan.folder, 'meta.json'), `${JSON.stringify(metaOf(plan, seen), null, 1)}\n`);
        return 1;
      },
      async [Symbol.asyncDispose]() {},
    };
  },
  recognises: (files) => videoOf(files) !== null,
  async *read(source) {
    const video = videoOf(source.files);
    if (video === null) return;
    const categories = await readCategories(source, video);
    const base = join('Annotations', video);
    const pictures = source.files.names(base, PICTURE).map((name) => join(base, name));
    yield* readIdPictures(source, pictures, (value) => ({
      track: String(value),
      label: categories.get(String(value)) ?? null,
    }));
  },
};

function noteSeen(seen: Map<ObjectId, string[]>, frame: DatasetFrame, name: string): void {
  for (const { objectId, mask } of frame.masks) {
    if (mask === null) continue;
    const frames = seen.get(objectId);
    if (frames === undefined) seen.set(objectId, [name]);
    else frames.push(name);
  }
}

function metaOf(plan: DatasetPlan, seen: ReadonlyMap<ObjectId, readonly string[]>) {
  const objects = plan.objects.flatMap(({ objectId, className }) => {
    const frames = seen.get(objectId);
    return frames === undefined ? [] : [[String(objectId), { category: className, frames }] as const];
  });
  return { videos: { [plan.videoName]: { objects: Object.fromEntries(objects) } } };
}

/** The one video of an `Annotations` folder; null: none, or several. */
function videoOf(files: DatasetFiles): string | null {
  const videos = files.folders('Annotations', /^[^.]/);
  return videos.length === 1 && files.names(join('Annotations', videos[0]), PICTURE).length > 0 ? videos[0] : null;
}

async function readCategories(
  { files, skipped }: Parameters<DatasetFormat['read']>[0],
  video: string,
): Promise<ReadonlyMap<string, string>> {
  if (!files.has('meta.json')) return new Map();
  const found = await readOrSkip(skipped, async () => parseJson(meta, await files.text('meta.json'), 'meta.json'));
  const objects = found?.videos[video]?.objects ?? {};
  return new Map(Object.entries(objects).flatMap(([id, { category }]) => (category === '' ? [] : [[id, category]])));
}
