import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CsvWriter, csvRecord } from '../../src-main/core/export/dataset/writing/csv-writer.ts';
import { type DatasetJob, exportDataset, type StoredMask } from '../../src-main/core/export/index.ts';
import { maskFromPng } from '../../src-main/core/export/png/read-mask-png.ts';
import { defaultDatasetOptions } from '../../src-shared/contract/dataset-schemas.ts';
import { frameIndex } from '../../src-shared/domain/ids.ts';
import { bitmapFromRle, emptyMask, maskIou } from '../../src-shared/mask/rle.ts';
import {
  datasetJob,
  discMask,
  exportObject,
  fakeMasks,
  fakeTimes,
  speckledMask,
  storedMask,
} from '../support/export-fakes.ts';

const [width, height] = [37, 21];
const left = discMask(width, height, 12, 10, 8);
const right = discMask(width, height, 20, 10, 8);
const scores = (predictedIou: number) => ({ predictedIou, objectScoreLogit: null, presence: null, detection: null });
const objects = [exportObject(1, 'Ball, "red"'), exportObject(2, 'cup')];

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'masklet-dataset-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

function rows(frame: number): readonly StoredMask[] {
  if (frame === 2) return [storedMask(1, null), storedMask(2, emptyMask(width, height))];
  return [
    storedMask(1, frame === 0 ? speckledMask(width, height, 5) : left, { scores: scores(0.9) }),
    storedMask(2, right, { scores: scores(0.8) }),
  ];
}

function job(more: Partial<DatasetJob>): DatasetJob {
  const base = { format: 'png', masks: fakeMasks(objects, rows), width, height, folder: join(root, 'out') } as const;
  return datasetJob({ ...base, sourcePath: join(root, 'source.mp4'), ...more });
}

const read = async (...path: string[]) =>
  maskFromPng(await readFile(join(root, 'out', ...path)), path.join('/'), { width, height });

describe('exportDataset png', () => {
  it('writes one binary picture per object and frame; overlaps survive', async () => {
    const progress: number[] = [];
    const summary = await exportDataset(
      job({ onProgress: (phase, done) => phase === 'writing' && progress.push(done) }),
    );
    expect(summary).toMatchObject({ frames: 4, masks: 6, files: 11, checked: { masks: 6, lowestIou: 1 } });
    expect(progress).toEqual([1, 2, 3, 4]);
    expect((await readdir(join(root, 'out'), { recursive: true })).filter((name) => name.includes('.')).length).toBe(
      11,
    );
    for (let frame = 0; frame < 4; frame++) {
      for (const { objectId, mask } of rows(frame)) {
        const back = await read(String(objectId), `0000${frame}.png`);
        expect(maskIou(back, mask ?? emptyMask(width, height))).toBe(1);
      }
    }
    expect(await readFile(join(root, 'out', 'frames.csv'), 'utf8')).toBe(
      'index,pts,seconds\r\n0,1024,0.066666667\r\n1,1536,0.1\r\n2,2048,0.133333333\r\n3,2560,0.166666667\r\n',
    );
  });

  it('pads to what the video needs', async () => {
    await exportDataset(job({ times: fakeTimes(100_001), range: { first: frameIndex(3), last: frameIndex(3) } }));
    expect(await readdir(join(root, 'out', '1'))).toEqual(['000003.png']);
  });
});

describe('exportDataset davis', () => {
  it('keeps one object a pixel: the better score wins, a prompt beats any', async () => {
    await exportDataset(job({ format: 'davis' }));
    expect(await readdir(join(root, 'out'))).toEqual(
      ['00000.png', '00001.png', '00002.png', '00003.png', 'export.json', 'frames.csv', 'provenance.json'].sort(),
    );
    const pixel = async (x: number, y: number, value: number) => {
      const bytes = await readFile(join(root, 'out', '00001.png'));
      const mask = maskFromPng(bytes, 'x', { width, height }, { value });
      return maskIou(mask, emptyMask(width, height)) !== 1 && covers(mask, x, y);
    };
    expect(await pixel(16, 10, 1)).toBe(true);
    expect(await pixel(26, 10, 2)).toBe(true);
    await rm(join(root, 'out'), { recursive: true });
    const prompted = (frame: number) =>
      rows(frame).map((row) => (row.objectId === 2 ? { ...row, source: 'prompt' as const } : row));
    await exportDataset(job({ format: 'davis', masks: fakeMasks(objects, prompted) }));
    expect(await pixel(16, 10, 2)).toBe(true);
    await rm(join(root, 'out'), { recursive: true });
    await exportDataset(job({ format: 'davis', options: { ...defaultDatasetOptions, overlap: 'topmost' } }));
    expect(await pixel(16, 10, 2)).toBe(true);
  });

  it('refuses ids that an index picture cannot hold, and leaves nothing', async () => {
    const many = fakeMasks([exportObject(256, 'x')], () => []);
    await expect(exportDataset(job({ format: 'davis', masks: many }))).rejects.toMatchObject({ code: 'usage' });
    expect(await readdir(root)).toEqual([]);
  });
});

describe('exportDataset csv', () => {
  it('has a row per object and frame with box, area, centroid and scores', async () => {
    await exportDataset(job({ format: 'csv' }));
    const lines = (await readFile(join(root, 'out', 'masks.csv'), 'utf8')).split('\r\n');
    expect(lines).toHaveLength(1 + 8 + 1);
    const start = centre(speckledMask(width, height, 5));
    const speed = Math.round(Math.hypot(12.5 - start.x, 10.5 - start.y) * 30 * 1000) / 1000;
    expect(lines[3]).toBe(`1,1536,0.1,1,"Ball, ""red""",tracked,4,2,17,17,197,12.5,10.5,0.9,,,,${speed},object`);
    expect(lines[5]).toBe('2,2048,0.133333333,1,"Ball, ""red""",tracked,,,,,0,,,,,,,,object');
  });

  it('quotes as RFC 4180 says', async () => {
    expect(csvRecord(['a"b', 'x,y', 'two\nlines', ' lead', '', null, 0, 1e-7])).toBe(
      '"a""b","x,y","two\nlines"," lead",,,0,1e-7\r\n',
    );
    await using writer = await CsvWriter.create(join(root, 'x.csv'), ['a']);
    await writer.finish();
    expect(await readFile(join(root, 'x.csv'), 'utf8')).toBe('a\r\n');
  });
});

describe('exportDataset reads back', () => {
  const frames = 600;
  const long = (more: Partial<DatasetJob>) =>
    job({
      masks: fakeMasks([exportObject(1, 'one')], (frame) => [storedMask(1, frame % 2 === 0 ? left : right)]),
      times: fakeTimes(frames),
      range: { first: frameIndex(0), last: frameIndex(frames - 1) },
      ...more,
    });

  // One value of youtube-vis holds all masks of an object: nothing waits for the disk on the way through it.
  it.each(['youtube-vis', 'coco', 'sa-v'] as const)(
    '%s says how far it is and ends when cancelled there',
    async (format) => {
      const checked: (readonly [number, number])[] = [];
      const note: DatasetJob['onProgress'] = (phase, done, total) => {
        if (phase === 'checking') checked.push([done, total]);
      };
      await exportDataset(long({ format, onProgress: note }));
      expect(checked.length).toBeGreaterThan(5);
      expect(checked.every(([done, total]) => done <= total && total === frames)).toBe(true);
      const stop = new AbortController();
      let steps = 0;
      const cancelled = exportDataset(
        long({
          format,
          folder: join(root, 'cancelled'),
          signal: stop.signal,
          // As a message of another thread: it arrives with a turn of the event loop.
          onProgress: (phase) => {
            if (phase === 'checking' && ++steps === 1) setImmediate(() => stop.abort());
          },
        }),
      );
      await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
      expect(steps).toBeLessThan(checked.length);
      expect(await readdir(root)).toEqual(['out']);
    },
  );
});

describe('exportDataset folder', () => {
  it('appears whole or not at all when cancelled or failed', async () => {
    const stop = new AbortController();
    const cancelled = exportDataset(
      job({ signal: stop.signal, onProgress: (_phase, done) => done === 2 && stop.abort() }),
    );
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    const full = fakeMasks(objects, () => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    });
    await expect(exportDataset(job({ masks: full }))).rejects.toMatchObject({ code: 'disk-full' });
    const foreign = fakeMasks(objects, () => [storedMask(1, emptyMask(5, 5))]);
    await expect(exportDataset(job({ masks: foreign }))).rejects.toMatchObject({ code: 'session-mismatch' });
    expect(await readdir(root)).toEqual([]);
  });

  it('leaves a folder with files alone, takes an empty one, replaces only an export', async () => {
    const out = join(root, 'out');
    await mkdir(out);
    await exportDataset(job({}));
    await expect(exportDataset(job({ format: 'csv' }))).rejects.toMatchObject({ code: 'output-exists' });
    expect(await readdir(out)).toContain('1');
    await exportDataset(job({ format: 'csv', overwrite: true }));
    expect((await readdir(out)).sort()).toEqual(['export.json', 'frames.csv', 'masks.csv', 'provenance.json']);
    await writeFile(join(out, 'notes.txt'), 'mine');
    await expect(exportDataset(job({ overwrite: true }))).rejects.toMatchObject({ code: 'output-exists' });
    expect(await readFile(join(out, 'notes.txt'), 'utf8')).toBe('mine');
    expect(await readdir(root)).toEqual(['out']);
  });

  it('clears what a killed export left, and only that', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    await mkdir(join(root, `.out.part-${dead}-0badcafe`));
    await mkdir(join(root, `.out.part-${process.pid}-0badcafe`));
    await mkdir(join(root, '.out.part-mine'));
    await exportDataset(job({ format: 'csv' }));
    expect((await readdir(root)).sort()).toEqual([`.out.part-${process.pid}-0badcafe`, '.out.part-mine', 'out']);
  });

  it('never replaces the source folder', async () => {
    const out = join(root, 'out');
    await mkdir(out);
    const same = job({ sourcePath: `${root}/./out`, overwrite: true });
    await expect(exportDataset(same)).rejects.toMatchObject({ code: 'output-is-source' });
  });
});

function covers(mask: ReturnType<typeof maskFromPng>, x: number, y: number): boolean {
  return maskIou(mask, discMask(width, height, x, y, 0)) > 0;
}

/** Mean of the pixel centres, to a thousandth. */
function centre(mask: ReturnType<typeof discMask>) {
  const bitmap = bitmapFromRle(mask);
  const inside = [...bitmap.keys()].filter((at) => bitmap[at] === 1);
  const mean = (value: (at: number) => number) =>
    Math.round((inside.reduce((sum, at) => sum + value(at) + 0.5, 0) / inside.length) * 1000) / 1000;
  return { x: mean((at) => at % width), y: mean((at) => Math.floor(at / width)) };
}
