import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type DatasetJob,
  datasetFormats,
  exportDataset,
  type ReadItem,
  readDataset,
} from '../../src-main/core/export/index.ts';
import {
  type DatasetFormatName,
  type DatasetOptions,
  type DatasetShape,
  defaultDatasetOptions,
} from '../../src-shared/contract/dataset-schemas.ts';
import { type EngineNote, engineNote } from '../../src-shared/domain/engine-note.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { bitmapFromRle, maskBox, maskIou, type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';
import {
  hardHeight as height,
  hardObjects as objects,
  hardMasks as rows,
  hardWidth as width,
} from '../support/dataset-masks.ts';
import { datasetJob, discMask, exportObject, fakeMasks, storedMask } from '../support/export-fakes.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'masklet-formats-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const options = (more: Partial<DatasetOptions> = {}): DatasetOptions => ({ ...defaultDatasetOptions, ...more });

function job(format: DatasetFormatName, more: Partial<DatasetJob> = {}): DatasetJob {
  const masks = fakeMasks(objects, rows);
  return datasetJob({ format, masks, width, height, folder: join(root, 'out'), ...more }, 6);
}

/** Collects what is told to be lost, in words. */
const told = (losses: string[]) => (notes: readonly EngineNote[]) => losses.push(...notes.map(({ text }) => text));

async function readBack(path: string, format: DatasetFormatName | null = null) {
  const facts = { size: { width, height }, frameCount: 6, framesPerSec: 30, wants: () => true, wholeTracks: false };
  const { items, skipped, ...rest } = await readDataset({ path, format, ...facts });
  const found: ReadItem[] = [];
  for await (const item of items) found.push(item);
  return { ...rest, found, skipped: skipped.list() };
}

const names = Object.keys(datasetFormats) as DatasetFormatName[];
const cases = names.flatMap((name) => datasetFormats[name].shapes.map((shape) => [name, shape] as const));

describe.each(cases)('%s with %s', (name, shape) => {
  it('writes, reads back, is recognised, and tells the same masks', async () => {
    const written: number[] = [];
    const onProgress = (phase: string, done: number) => phase === 'writing' && written.push(done);
    const summary = await exportDataset(job(name, { options: options({ shape, tolerance: 0 }), onProgress }));
    expect(summary?.masks).toBe(16);
    expect(written).toEqual([1, 2, 3, 4, 5, 6]);
    expect(
      (await readdir(join(root, 'out'), { recursive: true, withFileTypes: true })).filter((e) => e.isFile()),
    ).toHaveLength(summary?.files ?? 0);
    const { format, found, skipped } = await readBack(join(root, 'out'));
    expect(format).toBe(name);
    expect(skipped).toEqual([]);
    const present = found.filter(({ shape: each }) => each?.kind === 'box' || (each && maskBox(each.mask) !== null));
    expect(present).toHaveLength(16);
    for (let frame = 0; frame < 6; frame++) compareFrame(name, shape, frame, present);
  });

  it.each([3, 6])('leaves nothing when stopped after frame %i of 6', async (frame) => {
    const stop = new AbortController();
    const onProgress = (phase: string, done: number) => phase === 'writing' && done === frame && stop.abort();
    await expect(
      exportDataset(job(name, { options: options({ shape }), signal: stop.signal, onProgress })),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readdir(root)).toEqual([]);
  });

  it('fails when the reader gives another mask than was written', async () => {
    const format = datasetFormats[name];
    const { read } = format;
    const broken = { ...format, read: (source: Parameters<typeof read>[0]) => shifted(read(source)) };
    const writable = datasetFormats as Record<DatasetFormatName, typeof format>;
    writable[name] = broken;
    try {
      await expect(exportDataset(job(name, { options: options({ shape }) }))).rejects.toMatchObject({
        code: 'internal',
      });
    } finally {
      writable[name] = format;
    }
    expect(await readdir(root)).toEqual([]);
  });
});

/** What the format holds of a frame, against what was stored: masks exactly, outlines with holes filled, boxes to a hundredth. */
function compareFrame(name: DatasetFormatName, shape: DatasetShape, frame: number, found: readonly ReadItem[]): void {
  const items = found.filter((item) => item.frame === frame);
  rows(frame)
    .filter(({ mask }) => mask !== null)
    .forEach(({ objectId, mask }, at) => {
      const item = items.find(({ track }) => track === String(objectId)) ?? items[at];
      expect(item.track, name).toBe(name.startsWith('yolo') ? null : String(objectId));
      if (item.shape?.kind === 'box') {
        const box = maskBox(mask as RleMask) as Record<string, number>;
        for (const [key, value] of Object.entries(item.shape.box))
          expect(Math.abs(value - box[key])).toBeLessThan(0.02);
      } else if (item.shape) {
        const iou = maskIou(item.shape.mask, mask as RleMask);
        if (shape === 'mask') expect(iou).toBe(1);
        else expect(iou).toBeGreaterThan(objectId === 7 ? 0.7 : 0.85);
      }
    });
}

async function* shifted(items: AsyncGenerator<ReadItem, void, undefined>): AsyncGenerator<ReadItem, void, undefined> {
  for await (const item of items) {
    if (item.frame !== 1 || item.shape === null) yield item;
    else if (item.shape.kind === 'box')
      yield { ...item, shape: { kind: 'box', box: { ...item.shape.box, x: item.shape.box.x + 1 } } };
    else yield { ...item, shape: { kind: 'mask', mask: moved(item.shape.mask) } };
  }
}

describe('options', () => {
  it('chooses objects, classes, frames; splits off the end; writes pictures where they belong', async () => {
    const chosen = options({ classes: ['cup'], classOf: [], step: 2, valFraction: 0.4, images: 'jpg', shape: 'box' });
    const summary = await exportDataset(job('coco', { options: chosen }));
    expect(summary?.frames).toBe(3);
    const train = JSON.parse(await readFile(join(root, 'out/annotations/instances_train.json'), 'utf8'));
    const val = JSON.parse(await readFile(join(root, 'out/annotations/instances_val.json'), 'utf8'));
    expect(train.images.map((image: { file_name: string }) => image.file_name)).toEqual(['00000.jpg', '00002.jpg']);
    expect(val.images.map((image: { file_name: string }) => image.file_name)).toEqual(['00004.jpg']);
    expect(train.categories).toEqual([{ id: 1, name: 'cup', supercategory: 'object' }]);
    expect([...new Set(train.annotations.map((each: { track_id: number }) => each.track_id))]).toEqual([2, 7]);
    expect(await readdir(join(root, 'out/images'))).toEqual(['00000.jpg', '00002.jpg', '00004.jpg']);
    expect(await readFile(join(root, 'out/frames.csv'), 'utf8')).toContain('4,3072,0.2,val');
  });

  it('refuses what a format does not have, in one sentence, and writes nothing', async () => {
    const wrong: readonly (readonly [DatasetFormatName, Partial<DatasetOptions>, RegExp])[] = [
      ['davis', { overlap: 'keep' }, /one object a pixel/],
      ['mot', { shape: 'mask' }, /holds box/],
      ['youtube-vis', { valFraction: 0.2 }, /keeps a video whole/],
      ['csv', { images: 'jpg' }, /no place for frame pictures/],
      ['coco', { classes: ['dog'] }, /No object has the class "dog"; the session's classes are ball & co, cup/],
      ['coco', { objectIds: [9] as never }, /no object 9/],
      ['coco', { step: 10, valFraction: 0.5 }, /at least two frames/],
    ];
    for (const [format, more, message] of wrong) {
      await expect(exportDataset(job(format, { options: options(more) }))).rejects.toThrow(message);
    }
    expect(await readdir(root)).toEqual([]);
  });

  it('lists what will be lost before anything is written', async () => {
    const losses: string[] = [];
    const dry = job('yolo-seg', { dryRun: true, onLosses: told(losses) });
    expect(await exportDataset(dry)).toBeNull();
    expect(losses.join('\n')).toMatch(/cannot hold holes, so they are filled: \d+ holes of \d+ masks/);
    expect(losses.join('\n')).toMatch(/Masks in several parts/);
    expect(losses.join('\n')).toMatch(/up to 1 pixel;/);
    expect(await readdir(root)).toEqual([]);
  });

  it('leaves frames out that nobody tracked, where they would teach that nothing is there', async () => {
    const masks = fakeMasks(objects, (frame) => (frame === 1 ? [] : frame === 4 ? rows(frame).slice(1) : rows(frame)));
    const losses: string[] = [];
    const onLosses = told(losses);
    expect((await exportDataset(job('yolo-box', { masks, onLosses })))?.frames).toBe(5);
    expect(await readdir(join(root, 'out/labels/train'))).not.toContain('my_clip_00001.txt');
    expect(losses).toContain('Left out, because not tracked: 1 frame.');
    expect(losses).toContain('On 1 frame not every object was tracked; what is not, counts as background there.');
    expect((await exportDataset(job('mot', { masks, overwrite: true })))?.frames).toBe(6);
    const none = fakeMasks(objects, () => []);
    await expect(exportDataset(job('coco', { masks: none, overwrite: true }))).rejects.toThrow(/None of these frames/);
  });

  it('keeps only reviewed masks, and says how many stayed out', async () => {
    const masks = fakeMasks(objects, (frame) =>
      rows(frame).map((row) => ({ ...row, reviewed: row.objectId === 2 && frame < 2 })),
    );
    const losses: string[] = [];
    const wish = {
      masks,
      options: options({ onlyReviewed: true }),
      onLosses: told(losses),
    };
    expect((await exportDataset(job('youtube-vis', wish)))?.masks).toBe(2);
    expect(losses).toContain('Left out, because nobody has reviewed them: 14 masks.');
    await expect(exportDataset(job('coco', { ...wish, overwrite: true }))).rejects.toThrow(/reviewed completely/);
    const objectIds = [objectId(2)];
    const alone = { ...wish, options: options({ onlyReviewed: true, objectIds }), overwrite: true };
    expect((await exportDataset(job('coco', alone)))?.frames).toBe(2);
    expect(losses).toContain('Left out, because not reviewed completely: 4 frames.');
  });

  it('keeps the frames on which a person saw that nothing is there, as background', async () => {
    const [object] = objects;
    const masks = fakeMasks([object], (frame) =>
      rows(frame)
        .slice(0, 1)
        .map((row) => ({ ...row, mask: frame < 2 ? row.mask : null, reviewed: frame < 4 })),
    );
    const losses: string[] = [];
    const onLosses = told(losses);
    const wish = { masks, options: options({ onlyReviewed: true }), onLosses };
    expect((await exportDataset(job('yolo-box', wish)))?.frames).toBe(4);
    expect(await readFile(join(root, 'out/labels/train/my_clip_00003.txt'), 'utf8')).toBe('');
    expect(losses).toContain('Left out, because not reviewed completely: 2 frames.');
  });

  it('shares out overlapping pixels as the policy says', async () => {
    const masks = fakeMasks(objects.slice(0, 2), () => [
      storedMask(1, discMask(width, height, 20, 20, 10), {
        scores: { predictedIou: 0.9, objectScoreLogit: null, presence: null, detection: null },
      }),
      storedMask(2, discMask(width, height, 26, 20, 10), {
        scores: { predictedIou: 0.5, objectScoreLogit: null, presence: null, detection: null },
      }),
    ]);
    const areas = async (overlap: DatasetOptions['overlap']) => {
      await exportDataset(job('coco', { masks, options: options({ overlap }), overwrite: true }));
      const { annotations } = JSON.parse(await readFile(join(root, 'out/annotations/instances_default.json'), 'utf8'));
      return annotations.slice(0, 2).map(({ area }: { area: number }) => area);
    };
    const [first, second] = await areas('keep');
    expect(await areas('score')).toEqual([first, expect.toSatisfy((area: number) => area < second)]);
    expect(await areas('topmost')).toEqual([expect.toSatisfy((area: number) => area < first), second]);
  });

  it('names its origin in provenance.json', async () => {
    await exportDataset(job('mot'));
    const { app, dataset } = JSON.parse(await readFile(join(root, 'out/provenance.json'), 'utf8'));
    expect(app).toBe('test');
    expect(dataset.options).toMatchObject({ shape: 'box', step: 1, tolerance: null });
    expect(dataset.objects[0]).toEqual({ objectId: 1, name: 'Ball, "red"', className: 'ball & co' });
  });
});

describe('an object that is not in the range', () => {
  const disc = discMask(width, height, 20, 20, 9);
  const masks = fakeMasks([exportObject(1, 'a'), exportObject(2, 'b')], (frame) =>
    frame < 4 ? [storedMask(2, disc)] : [storedMask(1, disc), storedMask(2, null)],
  );
  const range = { first: frameIndex(1), last: frameIndex(3) };

  it('makes no region of Label Studio', async () => {
    await exportDataset(job('label-studio', { masks, range }));
    const [{ annotations }] = JSON.parse(await readFile(join(root, 'out/tasks.json'), 'utf8'));
    const { result } = annotations[0];
    expect(result.map(({ id }: { id: string }) => id)).toEqual(['object-2']);
    expect(result[0].value.sequence).toHaveLength(3);
  });
});

describe('cvat-video', () => {
  it.each(['box', 'polygon'] as const)('writes no %s track for an object that is not in the range', async (shape) => {
    const disc = discMask(width, height, 20, 20, 9);
    const masks = fakeMasks([exportObject(1, 'a'), exportObject(2, 'b')], (frame) =>
      frame < 4 ? [storedMask(1, disc)] : [storedMask(1, null), storedMask(2, disc)],
    );
    const range = { first: frameIndex(1), last: frameIndex(3) };
    const summary = await exportDataset(job('cvat-video', { masks, range, options: options({ shape }) }));
    expect(summary?.masks).toBe(3);
    const xml = await readFile(join(root, 'out/annotations.xml'), 'utf8');
    expect(xml.match(/<track id="\d+"/g)).toEqual(['<track id="1"']);
  });

  it('names the joining of parts where masks have several, and only there', async () => {
    const wish = { options: options({ shape: 'polygon', tolerance: 0 }) };
    const lossesOf = async (mask: RleMask) => {
      const masks = fakeMasks([exportObject(1, 'a')], () => [storedMask(1, mask)]);
      return (await exportDataset(job('cvat-video', { ...wish, masks, overwrite: true })))!.losses;
    };
    expect(await lossesOf(discMask(width, height, 20, 20, 9))).toEqual([engineNote('scores-lost')]);
    const parts = bitmapFromRle(discMask(width, height, 12, 20, 4));
    for (const [at, set] of bitmapFromRle(discMask(width, height, 30, 20, 4)).entries()) if (set === 1) parts[at] = 1;
    expect(await lossesOf(rleFromBitmap(parts, width, height))).toContainEqual(
      engineNote('masks-joined', { masks: 6 }),
    );
  });

  it('says that CVAT does not tie masks to their objects', async () => {
    const summary = await exportDataset(job('cvat-video'));
    expect(summary?.losses).toContainEqual(engineNote('cvat-no-tracks'));
  });
});

describe('numbers that a format cannot hold', () => {
  it('are refused before anything is written', async () => {
    const high = (id: number) => fakeMasks([exportObject(id, 'x')], () => []);
    for (const [format, id] of [
      ['davis', 256],
      ['youtube-vos', 256],
      ['mots-txt', 1000],
      ['mots-png', 1000],
    ] as const) {
      await expect(exportDataset(job(format, { masks: high(id) }))).rejects.toMatchObject({ code: 'usage' });
    }
    expect(await readdir(root)).toEqual([]);
  });
});

describe('an export of ours', () => {
  it('is replaced only while nothing else lies in it', async () => {
    await exportDataset(job('yolo-seg'));
    await exportDataset(job('yolo-seg', { overwrite: true }));
    await writeFile(join(root, 'out/images/train/mine.jpg'), 'x');
    let looked = false;
    const refused = job('yolo-seg', { overwrite: true, onProgress: () => (looked = true) });
    await expect(exportDataset(refused)).rejects.toMatchObject({ code: 'output-exists' });
    expect(looked).toBe(false);
    expect(await readFile(join(root, 'out/images/train/mine.jpg'), 'utf8')).toBe('x');
  });
});

const moved = (mask: RleMask) => {
  const bitmap = bitmapFromRle(mask);
  return rleFromBitmap(
    bitmap.map((_, at) => bitmap[at + 9 * mask.width] ?? 0),
    mask.width,
    mask.height,
  );
};
