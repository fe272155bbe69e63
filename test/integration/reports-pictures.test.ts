import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cocoRleFromMask } from '../../src-main/core/evaluation/index.ts';
import { findMediaTools } from '../../src-main/core/video/index.ts';
import { rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { orientedJpeg } from '../support/oriented-jpeg.ts';
import { picture, put as putInto, reportOf, tableOf } from '../support/report-files.ts';
import type { CliResult } from '../support/run-cli.ts';
import { ShellHere } from '../support/shell-here.ts';
import { writeTinyBackbone } from '../support/tiny-backbone.ts';
import { writeTinyPack } from '../support/tiny-pack.ts';

let work: ShellHere;
const put = (path: string, content: Buffer | string) => putInto(work, path, content);

beforeAll(() => {
  work = new ShellHere('reports-pictures');
  writeTinyPack(work.path('tiny'));
  writeTinyBackbone(work.path('backbone'));
});
afterAll(() => work[Symbol.asyncDispose]());

describe('models embed', () => {
  test('the vector of a picture is what the graph computes on the prepared picture', async () => {
    put('pictures/red.png', picture(16, 8, { x: 0, y: 0, side: 16 }, [255, 0, 0]));
    put('pictures/half.png', picture(8, 8, { x: 0, y: 0, side: 4 }, [0, 255, 0]));
    const result = await work.run(['models', 'embed', 'pictures', '--pack', 'backbone', '--json']);
    expect(result.status).toBe(0);
    const { vectors } = reportOf(result).data as { vectors: { input: string; vector: number[] }[] };
    expect(vectors.map(({ input }) => input.split('/').at(-1))).toEqual(['half.png', 'red.png']);
    expect(vectors[1].vector.map((value) => Number(value.toFixed(5)))).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    const dark = Number((20 / 255).toFixed(4));
    expect(vectors[0].vector.slice(4, 8).map((value) => Number(value.toFixed(4)))).toEqual([1, dark, dark, dark]);
  });

  test('objects of sessions: proposals over a gap, and finding one by its picture', async () => {
    const clip = 'clip';
    for (let frame = 0; frame < 24; frame++) {
      const there = frame < 8 || frame > 15;
      const colour = there ? [230, 40, 40] : [20, 20, 20];
      put(
        `${clip}/${String(frame).padStart(3, '0')}.png`,
        picture(96, 64, { x: frame < 12 ? 12 : 60, y: 20, side: 24 }, colour),
      );
    }
    const box = (object: number, frame: number, x: number) => ['--box', `${object}:${frame}:${x},20,24,24`];
    const session = ['--session', 'home/sessions/clip.masklet'];
    const first = await work.run([
      'track',
      clip,
      ...session,
      ...box(1, 0, 12),
      '--range',
      '0:7',
      '--direction',
      'forward',
    ]);
    expect(first.status, first.stderr).toBe(0);
    const second = await work.run([
      'track',
      clip,
      ...session,
      ...box(2, 16, 60),
      '--range',
      '16:23',
      '--direction',
      'forward',
    ]);
    expect(second.status, second.stderr).toBe(0);
    const same = await work.run([
      'models',
      'embed',
      'home/sessions/clip.masklet',
      '--same',
      '--pack',
      'backbone',
      '--json',
    ]);
    expect(same.status, same.stderr).toBe(0);
    const { proposals } = reportOf(same).data as {
      proposals: { kind: string; before: { objectId: number }; after: { objectId: number } }[];
    };
    expect(proposals.filter(({ kind }) => kind === 'join')).toMatchObject([
      { before: { objectId: 1 }, after: { objectId: 2 } },
    ]);
    put('query.png', picture(16, 16, { x: 0, y: 0, side: 16 }, [230, 40, 40]));
    const find = ['models', 'embed', '--find', 'query.png', '--pack', 'backbone', '--json'];
    const found = reportOf(await work.run(find)).data as { results: { objectId: number; similarity: number }[] };
    expect(found.results.length).toBeGreaterThanOrEqual(2);
    expect(found.results[0].similarity).toBeGreaterThan(0.9);
    // The second time the vectors come from the cache, and are the same.
    expect(reportOf(await work.run(find)).data).toEqual(found);
    const pooled = await work.run(['models', 'embed', 'home/sessions/clip.masklet', '--pack', 'pebble', '--json']);
    expect(
      (reportOf(pooled).data as { vectors: { object: { id: number } }[] }).vectors.map(({ object }) => object.id),
    ).toEqual([1, 2]);
  });
});

describe('models coco', () => {
  const jpeg = async () => {
    const { ffmpeg } = await findMediaTools();
    const input = ['-f', 'lavfi', '-i', 'color=red:size=24x16', '-frames:v', '1'];
    execFileSync(ffmpeg.path, ['-v', 'error', ...input, work.path('plain.jpg')]);
    return readFileSync(work.path('plain.jpg'));
  };
  const truth = () => {
    const images = [1, 2, 3, 4].map((id) => ({ id, file_name: `${id}.png`, width: 24, height: 16 }));
    const bitmap = new Uint8Array(24 * 16).fill(1, 0, 24 * 8);
    const segmentation = cocoRleFromMask(rleFromBitmap(bitmap, 24, 16));
    const annotations = images.map(({ id }) => ({
      image_id: id,
      category_id: 1,
      bbox: [0, 0, 24, 8],
      area: 192,
      iscrowd: 0,
      segmentation,
    }));
    return {
      images,
      annotations,
      categories: [
        { id: 1, name: 'red' },
        { id: 2, name: 'zebra' },
      ],
    };
  };
  test('detects, stops, goes on, scores, scores again', async () => {
    put('coco.json', JSON.stringify(truth()));
    for (const id of [1, 2, 3, 4]) put(`images/${id}.png`, picture(24, 16, { x: 0, y: 0, side: 24 }, [10, 10, 10]));
    const args = [
      'models',
      'coco',
      '--annotations',
      'coco.json',
      '--pack',
      'tiny',
      '--out',
      'coco-out',
      '--warm-up',
      '1',
      '--checkpoint-every',
      '1',
      '--json',
    ];
    // A report that cannot be written: what was detected is kept.
    put('coco-out/report.html/in-the-way', '');
    const stopped = await work.run([...args, '--images', 'images', '--overwrite']);
    expect([stopped.status, stopped.stderr]).toEqual([1, expect.stringContaining('cannot be written')]);
    const checkpoint = work.path('coco-out/checkpoint.jsonl');
    const lines = readFileSync(checkpoint, 'utf8').split('\n').slice(0, -1);
    expect(lines).toHaveLength(5);
    expect(JSON.parse(JSON.parse(lines[0]).signature)).toMatchObject({ device: 'cpu' });
    for (const name of ['report.html', 'report.json', 'report.md', 'predictions.json', 'predictions.images.json'])
      rmSync(work.path('coco-out', name), { recursive: true });
    // A kill in the middle of a line.
    writeFileSync(checkpoint, `${lines.slice(0, 3).join('\n')}\n{"imageId":3,"resul`);
    const resumed = await work.run([...args, '--images', 'images']);
    expect(resumed.status, resumed.stderr).toBe(0);
    const report = reportOf(resumed);
    expect(report.notes.join(' ')).toContain('2 pictures came from the checkpoint');
    expect(report.notes.join(' ')).toContain('no word for 1 classes, which count as not found: zebra');
    expect(existsSync(checkpoint)).toBe(false);
    const predictions = JSON.parse(readFileSync(work.path('coco-out/predictions.json'), 'utf8')) as {
      image_id: number;
      category_id: number;
    }[];
    expect([...new Set(predictions.map(({ image_id }) => image_id))].sort()).toEqual([1, 2, 3, 4]);
    // A run in one go gives the same.
    const wholeArgs = args.map((arg) => (arg === 'coco-out' ? 'coco-whole' : arg));
    const whole = await work.run([...wholeArgs, '--images', 'images']);
    expect(readFileSync(work.path('coco-whole/predictions.json'), 'utf8')).toBe(
      readFileSync(work.path('coco-out/predictions.json'), 'utf8'),
    );
    const phases = tableOf(reportOf(whole), 'Time of one picture').map(([name, count]) => [name, count]);
    expect(phases[0]).toEqual(['read and resize', 3]);
    expect(phases.map(([name]) => name)).toContain('encode and one phrase');
    // Scoring alone gives the same numbers as the run, and eval agrees.
    const ap = (result: CliResult) => tableOf(reportOf(result), 'COCO')[0];
    const only = await work.run([...wholeArgs, '--eval-only']);
    expect(only.status, only.stderr).toBe(0);
    expect(ap(only)).toEqual(ap(whole));
    // What the run said of itself stays in the report.
    expect(reportOf(only).facts).toEqual(reportOf(whole).facts);
    expect(tableOf(reportOf(only), 'Time of one picture')).toEqual(tableOf(reportOf(whole), 'Time of one picture'));
    const again = await work.run([...wholeArgs, '--images', 'images']);
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('already exists')]);
    const evaluated = await work.run(['eval', join('coco-out', 'predictions.json'), '--truth', 'coco.json', '--json']);
    expect(ap(evaluated)).toEqual(ap(resumed));
    // Another run's checkpoint is not mixed in.
    writeFileSync(checkpoint, `${JSON.stringify({ signature: 'other' })}\n`);
    for (const name of ['report.html', 'report.json', 'report.md']) rmSync(work.path('coco-out', name));
    const other = await work.run([...args, '--images', 'images', '--max-images', '1']);
    expect([other.status, other.stderr]).toEqual([1, expect.stringContaining('belongs to a run with another pack')]);
  });

  test('a picture that cannot be read or is another one is left out and named; one may lie as it is stored', async () => {
    const folder = 'mixed';
    const plain = await jpeg();
    // EXIF says a quarter turn; the annotation is of the picture as it is stored.
    put(`${folder}/1.png`, orientedJpeg(plain, 6, true));
    put(`${folder}/2.png`, 'no picture');
    put(`${folder}/3.png`, picture(12, 8, { x: 0, y: 0, side: 4 }, [10, 10, 10]));
    put('coco.json', JSON.stringify(truth()));
    const args = ['models', 'coco', '--annotations', 'coco.json', '--pack', 'tiny', '--json', '--out', 'coco-mixed'];
    const result = await work.run([...args, '--images', folder]);
    expect(result.status, result.stderr).toBe(0);
    const note =
      '3 pictures were left out and are not in the scores: 2.png (it is not a readable PNG or JPEG picture), ' +
      '3.png (it is 12x8, the annotated picture 24x16), 4.png (there is no such file).';
    expect(reportOf(result).notes).toContain(note);
    expect(reportOf(result).facts).toContainEqual(['pictures', '1 of 4']);
    expect(JSON.parse(readFileSync(work.path('coco-mixed/predictions.images.json'), 'utf8'))).toEqual([1]);
    const [first] = JSON.parse(readFileSync(work.path('coco-mixed/predictions.json'), 'utf8'));
    expect(first.segmentation.size).toEqual([16, 24]);
    expect(reportOf(await work.run([...args, '--eval-only'])).notes).toContain(note);
    writeFileSync(work.path('coco-mixed/predictions.json'), '{}');
    const notAList = await work.run([...args, '--eval-only']);
    expect([notAList.status, notAList.stderr]).toEqual([1, expect.stringContaining('not a usable COCO results file')]);
    rmSync(work.path(folder, '1.png'));
    const none = await work.run([...args, '--images', folder, '--overwrite']);
    expect([none.status, none.stderr]).toEqual([1, expect.stringContaining('None of the 4 pictures could be used')]);
  });

  test('the first pictures are those of the smallest ids', async () => {
    const all = truth();
    put('unsorted.json', JSON.stringify({ ...all, images: all.images.toReversed() }));
    for (const id of [1, 2, 3, 4]) put(`images/${id}.png`, picture(24, 16, { x: 0, y: 0, side: 24 }, [10, 10, 10]));
    const args = ['--annotations', 'unsorted.json', '--images', 'images', '--pack', 'tiny', '--out', 'coco-first'];
    const result = await work.run(['models', 'coco', ...args, '--max-images', '2']);
    expect(result.status, result.stderr).toBe(0);
    expect(JSON.parse(readFileSync(work.path('coco-first/predictions.images.json'), 'utf8'))).toEqual([1, 2]);
  });
});
