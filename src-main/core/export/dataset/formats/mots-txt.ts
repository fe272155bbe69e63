import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseMotsRow } from '../../../../../src-shared/datasets/mots-row.ts';
import { cocoRleFromMask } from '../../../../../src-shared/mask/coco-rle.ts';
import { maskArea } from '../../../../../src-shared/mask/rle.ts';
import type { DatasetFormat, ReadItem, ReadSource } from '../dataset-format.ts';
import type { DatasetFiles } from '../reading/dataset-files.ts';
import { readLines } from '../reading/read-lines.ts';
import { readOrSkip } from '../reading/read-or-skip.ts';
import { maskOfSize } from '../reading/segmentation.ts';
import { TextFile } from '../writing/text-file.ts';
import { labelLines, meaningOfMots, motsIds, parseLabels } from './mots-ids.ts';

/** A row may be longer than the head of a file. */
const ROW = /^\s*(?:\d+[ \t]+){5}\S+[ \t]*(?:\r?\n|$)/;
const PLACES = ['instances_txt', '', 'gt'];
const LABELS = 'labels.txt';

/**
 * MOTS as text: `instances_txt/VIDEO.txt` with frame (from 0), class * 1000 + object, class, height, width and COCO run
 * lengths a row. Masks of one frame share no pixel.
 */
export const motsTxtFormat: DatasetFormat = {
  name: 'mots-txt',
  summary: 'MOTS as text: run lengths with identities',
  shapes: ['mask'],
  onePerPixel: true,
  splits: false,
  pictures: null,
  framesStandAlone: false,
  checksEveryFrame: true,
  losses: () => ['names-lost'],
  async open(plan) {
    const ids = motsIds('mots-txt', plan);
    await mkdir(join(plan.folder, 'instances_txt'));
    await writeFile(join(plan.folder, LABELS), labelLines(plan));
    const file = await TextFile.create(join(plan.folder, 'instances_txt', `${plan.videoName}.txt`));
    return {
      async writeFrame(frame) {
        for (const { objectId, mask } of frame.masks) {
          if (mask === null || maskArea(mask) === 0) continue;
          const { counts } = cocoRleFromMask(mask);
          const row = [frame.frameIndex, ids.idOf(objectId), ids.classOf(objectId), plan.height, plan.width, counts];
          await file.write(`${row.join(' ')}\n`);
        }
        return 0;
      },
      async finish() {
        await file.finish();
        return 2;
      },
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
    };
  },
  recognises: (files) => rowFile(files) !== null,
  read,
};

async function* read({ files, size, wants, skipped }: ReadSource): AsyncGenerator<ReadItem, void, undefined> {
  const path = rowFile(files);
  if (path === null) return;
  const labels = files.has(LABELS) ? parseLabels(await files.text(LABELS)) : [];
  for await (const line of readLines(files.at(path))) {
    const row = parseMotsRow(line);
    if (row === null) {
      if (line.trim() !== '') skipped.add('a row that is no mask');
      continue;
    }
    const meaning = meaningOfMots(row.id, labels);
    if (meaning === null) continue;
    const item = { frame: row.frame, ...meaning };
    const mask = wants(item.frame, true) ? await readOrSkip(skipped, () => maskOfSize(row.rle, size)) : null;
    yield { ...item, shape: mask === null ? null : { kind: 'mask', mask } };
  }
}

function rowFile(files: DatasetFiles): string | null {
  for (const place of PLACES) {
    for (const name of files.names(place, /\.txt$/i)) {
      if (ROW.test(files.head(join(place, name)))) return join(place, name);
    }
  }
  return null;
}
