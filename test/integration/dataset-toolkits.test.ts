import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { datasetFormats, exportDataset } from '../../src-main/core/export/index.ts';
import { type DatasetFormatName, defaultDatasetOptions } from '../../src-shared/contract/dataset-schemas.ts';
import { bitmapFromRle } from '../../src-shared/mask/rle.ts';
import { hardHeight, hardMasks, hardObjects, hardWidth } from '../support/dataset-masks.ts';
import { datasetJob, fakeMasks } from '../support/export-fakes.ts';
import { toolkitPython } from '../support/toolkit-python.ts';

const FRAMES = 6;
const { python, reason } = toolkitPython();
if (python === null) console.log(`skipped: exports in reference toolkits: ${reason}`);

type Result = Readonly<Record<string, { readonly count: number; readonly lowestIou: number }>>;
let root = '';
let result: Result = {};

function read(): Result {
  const script = resolve(import.meta.dirname, '../support/read_with_toolkits.py');
  const text = execFileSync(python ?? '', [script, root], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return JSON.parse(text);
}

async function writeTruth(more: number): Promise<void> {
  const masks = Array.from({ length: FRAMES }, (_, frame) => frame).flatMap((frame) =>
    hardMasks(frame).flatMap(({ objectId, mask }) => {
      if (mask === null) return [];
      const bits = Buffer.from(bitmapFromRle(mask).map((value, at) => (at < more ? 1 - value : value)));
      return [{ frame, track: objectId, bits: bits.toString('hex') }];
    }),
  );
  await writeFile(join(root, 'truth.json'), JSON.stringify({ width: hardWidth, height: hardHeight, masks }));
}

describe.skipIf(python === null)('exports in reference toolkits', () => {
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'masklet-toolkits-'));
    for (const format of Object.values(datasetFormats)) {
      for (const shape of format.shapes) {
        const options = { ...defaultDatasetOptions, shape, tolerance: 0, images: 'none' as const };
        const folder = join(root, `${format.name}-${shape}`);
        const masks = fakeMasks(hardObjects, hardMasks);
        const job = { format: format.name, masks, width: hardWidth, height: hardHeight, folder, options };
        await exportDataset(datasetJob(job, FRAMES));
      }
    }
    await writeTruth(0);
    result = read();
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const exact: readonly `${DatasetFormatName}-${string}`[] = [
    'coco-mask',
    'sam3-train-mask',
    'youtube-vis-mask',
    'sa-v-mask',
    'mots-txt-mask',
    'mots-png-mask',
    'davis-mask',
    'youtube-vos-mask',
    'png-mask',
    'mot-box',
    'yolo-box-box',
  ];
  it.each(exact)('%s is the same there, pixel for pixel', (name) => {
    expect(result[name]).toEqual({ count: 16, lowestIou: 1 });
  });

  // pycocotools puts outlines on a grid of its own (a fifth of a pixel), so edges of single pixels may differ.
  it.each(['coco-polygon', 'sam3-train-polygon', 'yolo-seg-polygon'])('%s gives the same shapes there', (name) => {
    expect(result[name].count).toBe(16);
    expect(result[name].lowestIou).toBeGreaterThan(0.97);
  });

  it('notices when one pixel is another', async () => {
    await writeTruth(1);
    for (const [name, { lowestIou }] of Object.entries(read())) {
      if (name.endsWith('-mask')) expect(lowestIou, name).toBeLessThan(1);
    }
  });
});
