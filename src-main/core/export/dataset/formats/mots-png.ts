import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetFormat } from '../dataset-format.ts';
import type { DatasetFiles } from '../reading/dataset-files.ts';
import { readIdPictures, wideIdPicture } from './id-pictures.ts';
import { labelLines, meaningOfMots, motsIds, parseLabels } from './mots-ids.ts';

const PICTURE = /^\d+\.png$/i;
const LABELS = 'labels.txt';
const DIGITS = 6;

/** MOTS as pictures: `instances/VIDEO/000000.png`, 16-bit grey, class * 1000 + object. */
export const motsPngFormat: DatasetFormat = {
  name: 'mots-png',
  summary: 'MOTS as 16-bit pictures: class and identity in each pixel',
  shapes: ['mask'],
  onePerPixel: true,
  splits: false,
  pictures: null,
  framesStandAlone: false,
  checksEveryFrame: false,
  losses: () => ['names-lost'],
  async open(plan) {
    const ids = motsIds('mots-png', plan);
    const folder = join(plan.folder, 'instances', plan.videoName);
    await mkdir(folder, { recursive: true });
    await writeFile(join(plan.folder, LABELS), labelLines(plan));
    return {
      async writeFrame(frame) {
        const path = join(folder, `${String(frame.frameIndex).padStart(DIGITS, '0')}.png`);
        await writeFile(path, await wideIdPicture(frame, plan, ({ objectId }) => ids.idOf(objectId)));
        return 1;
      },
      finish: async () => 1,
      async [Symbol.asyncDispose]() {},
    };
  },
  recognises: (files) => picturesOf(files).length > 0,
  async *read(source) {
    const { files } = source;
    const labels = files.has(LABELS) ? parseLabels(await files.text(LABELS)) : [];
    yield* readIdPictures(source, picturesOf(files), (value) => meaningOfMots(value, labels));
  },
};

function picturesOf(files: DatasetFiles): readonly string[] {
  const videos = files.folders('instances', /^[^.]/);
  if (videos.length !== 1) return [];
  const base = join('instances', videos[0]);
  return files.names(base, PICTURE).map((name) => join(base, name));
}
