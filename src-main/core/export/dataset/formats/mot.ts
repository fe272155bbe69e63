import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseMotRow } from '../../../../../src-shared/datasets/mot-row.ts';
import { maskBox } from '../../../../../src-shared/mask/rle.ts';
import type { DatasetFormat, DatasetPlan, ReadItem, ReadSource } from '../dataset-format.ts';
import type { DatasetFiles } from '../reading/dataset-files.ts';
import { itemsByFrame } from '../reading/frame-order.ts';
import { type PictureSize, pictureScale, scaledBox } from '../reading/picture-scale.ts';
import { readLines } from '../reading/read-lines.ts';
import { readOrSkip } from '../reading/read-or-skip.ts';
import { TextFile } from '../writing/text-file.ts';
import { labelLines, parseLabels } from './mots-ids.ts';

const PLACES = ['', 'gt', 'det'];
const LABELS = 'gt/labels.txt';

/**
 * MOTChallenge: `gt/gt.txt` with frame, id, left, top, width, height, 1, class, visibility; `gt/labels.txt`; `seqinfo.ini`;
 * `img1/000001.jpg` when asked for. Frames, and the top-left corner of the picture, count from 1 there.
 */
export const motFormat: DatasetFormat = {
  name: 'mot',
  summary: 'MOTChallenge ground truth: boxes with identities',
  shapes: ['box'],
  onePerPixel: false,
  splits: false,
  pictures: {
    usual: 'none',
    path: (plan, frame) => join('img1', `${String(frame + 1).padStart(6, '0')}.${plan.images}`),
  },
  framesStandAlone: false,
  checksEveryFrame: true,
  losses: () => ['boxes-only', 'names-lost'],
  async open(plan) {
    await mkdir(join(plan.folder, 'gt'));
    await writeFile(join(plan.folder, LABELS), labelLines(plan));
    await writeFile(join(plan.folder, 'seqinfo.ini'), sequenceInfo(plan));
    const file = await TextFile.create(join(plan.folder, 'gt', 'gt.txt'));
    const classIds = new Map(plan.objects.map(({ objectId, classId }) => [objectId, classId]));
    return {
      async writeFrame(frame) {
        for (const { objectId, mask } of frame.masks) {
          const box = mask === null ? null : maskBox(mask);
          if (box === null) continue;
          const place = [box.x + 1, box.y + 1, box.width, box.height];
          await file.write(`${[frame.frameIndex + 1, objectId, ...place, 1, classIds.get(objectId), 1].join(',')}\n`);
        }
        return 0;
      },
      async finish() {
        await file.finish();
        return 3;
      },
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
    };
  },
  recognises: (files) => boxFile(files) !== null,
  read: (source) => itemsByFrame(read(source)),
};

async function* read({ files, size, skipped }: ReadSource): AsyncGenerator<ReadItem, void, undefined> {
  const path = boxFile(files);
  if (path === null) return;
  const labels = files.has(LABELS) ? parseLabels(await files.text(LABELS)) : [];
  const picture = await pictureOf(files);
  for await (const line of readLines(files.at(path))) {
    if (line.trim() === '') continue;
    const row = parseMotRow(line);
    if (row === null || row.width <= 0 || row.height <= 0) {
      skipped.add('a row that is no box');
      continue;
    }
    if (row.ignored) {
      skipped.add('a row that its ground truth marks with 0, which is not to be scored');
      continue;
    }
    const box = await readOrSkip(skipped, () =>
      scaledBox({ x: row.left - 1, y: row.top - 1, width: row.width, height: row.height }, pictureScale(picture, size)),
    );
    if (box === null) continue;
    const track = row.id < 0 ? null : String(row.id);
    const label = row.classId === null ? null : (labels[row.classId - 1] ?? null);
    yield { frame: row.frame - 1, track, label, shape: { kind: 'box', box } };
  }
}

function boxFile(files: DatasetFiles): string | null {
  for (const place of PLACES) {
    for (const name of files.names(place, /\.txt$/i)) {
      const [first] = files.head(join(place, name)).trimStart().split('\n');
      if (parseMotRow(first) !== null) return join(place, name);
    }
  }
  return null;
}

/** As `seqinfo.ini` gives it. */
async function pictureOf(files: DatasetFiles): Promise<PictureSize> {
  const text = files.has('seqinfo.ini') ? await files.text('seqinfo.ini') : '';
  const side = (key: string) =>
    Number(new RegExp(`^${key}\\s*=\\s*([1-9]\\d{0,5})\\s*$`, 'm').exec(text)?.[1] ?? 0) || null;
  return { width: side('imWidth'), height: side('imHeight') };
}

function sequenceInfo(plan: DatasetPlan): string {
  const extension = plan.images === 'png' ? '.png' : '.jpg';
  const lines = {
    name: plan.videoName,
    imDir: 'img1',
    frameRate: Math.max(1, Math.round(plan.framesPerSec)),
    seqLength: plan.times.frameCount,
    imWidth: plan.width,
    imHeight: plan.height,
    imExt: extension,
  };
  return `[Sequence]\n${Object.entries(lines)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')}`;
}
