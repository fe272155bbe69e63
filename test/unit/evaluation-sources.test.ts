import { constants } from 'node:buffer';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cocoRleFromMask,
  type EvaluationSource,
  evaluate,
  type MaskSequence,
  type NamedFrames,
  openEvaluationSource,
  pairFrames,
} from '../../src-main/core/evaluation/index.ts';
import { bitmapFromRle, rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { encodeIndexedPng } from '../support/indexed-png.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'masklet-sources-'));
});
afterAll(() => rmSync(root, { recursive: true }));

function put(path: string, content: Buffer | string): string {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  return target;
}

/** An 8-bit grey or RGB picture of these values. */
function png(values: readonly number[], width: number, colours: readonly [number, number, number][] = []): Buffer {
  const picture = new PNG({ width, height: values.length / width });
  for (const [at, value] of values.entries()) {
    const [red, green, blue] = colours[value] ?? [value, value, value];
    picture.data.set([red, green, blue, 255], at * 4);
  }
  return PNG.sync.write(picture, { colorType: colours.length > 0 ? 2 : 0 });
}

const sequencesOf = (source: EvaluationSource) => {
  if (source.kind !== 'videos') throw new Error(source.kind);
  return source.sequences as readonly MaskSequence[];
};

async function idsAt(sequence: MaskSequence, position: number): Promise<Record<number, number[]>> {
  const masks = await sequence.masksAt(position);
  return Object.fromEntries([...masks].map(([id, mask]) => [id, [...bitmapFromRle(mask)]]));
}

describe('folders of PNG masks', () => {
  it('palette indices, grey values, DAVIS colours and black-and-white pictures give the same ids', async () => {
    const davis: [number, number, number][] = [
      [0, 0, 0],
      [128, 0, 0],
      [0, 128, 0],
    ];
    put('palette/00000.png', encodeIndexedPng([0, 1, 2, 0], 2));
    put('grey/00000.png', png([0, 1, 2, 0], 2));
    put('colour/00000.png', png([0, 1, 2, 0], 2, davis));
    for (const name of ['palette', 'grey', 'colour']) {
      const [sequence] = sequencesOf(await openEvaluationSource(join(root, name)));
      expect(await idsAt(sequence, 0)).toEqual({ 1: [0, 1, 0, 0], 2: [0, 0, 1, 0] });
    }
    put('binary/00000.png', png([0, 255, 255, 0], 2));
    const [binary] = sequencesOf(await openEvaluationSource(join(root, 'binary')));
    expect(await idsAt(binary, 0)).toEqual({ 1: [0, 1, 1, 0] });
  });

  it('16-bit pictures of MOTS: a region to ignore is no object', async () => {
    const picture = new PNG({ width: 2, height: 2, bitDepth: 16, colorType: 0 });
    const values = [0, 2001, 10_000, 10_000];
    const data = new Uint16Array(16);
    for (const [at, value] of values.entries())
      data.fill(value, at * 4, at * 4 + 3).fill(65_535, at * 4 + 3, at * 4 + 4);
    picture.data = Buffer.from(data.buffer);
    const png16 = { bitDepth: 16, inputColorType: 6, colorType: 0, inputHasAlpha: true } as const;
    put('mots/000000.png', PNG.sync.write(picture, png16));
    const [sequence] = sequencesOf(await openEvaluationSource(join(root, 'mots')));
    expect(await idsAt(sequence, 0)).toEqual({ 2001: [0, 1, 0, 0] });
    const [region] = (await sequence.ignoredAt?.(0)) ?? [];
    expect([...bitmapFromRle(region)]).toEqual([0, 0, 1, 1]);
  });

  it('one folder an object: overlapping masks survive, a missing picture is an absent object', async () => {
    put('objects/1/00000.png', png([0, 255, 255, 0], 2));
    put('objects/1/00001.png', png([0, 0, 0, 0], 2));
    put('objects/2/00000.png', png([255, 255, 0, 0], 2));
    const [sequence] = sequencesOf(await openEvaluationSource(join(root, 'objects')));
    expect(sequence.frames).toEqual(['00000', '00001']);
    expect(await idsAt(sequence, 0)).toEqual({ 1: [0, 1, 1, 0], 2: [1, 1, 0, 0] });
    expect(await idsAt(sequence, 1)).toEqual({ 1: [0, 0, 0, 0] });
  });

  it('one folder a video, in both layouts', async () => {
    put('set/first/00000.png', encodeIndexedPng([0, 1], 2));
    put('set/second/3/00000.png', png([255, 0], 2));
    const sequences = sequencesOf(await openEvaluationSource(join(root, 'set')));
    expect(sequences.map(({ name }) => name)).toEqual(['first', 'second']);
    expect(await idsAt(sequences[1], 0)).toEqual({ 3: [1, 0] });
  });

  it('videos that are called by numbers are no objects', async () => {
    put('kitti/0000/000000.png', encodeIndexedPng([0, 0], 2));
    put('kitti/0000/000001.png', encodeIndexedPng([1, 2], 2));
    put('kitti/0001/000000.png', encodeIndexedPng([0, 1], 2));
    const sequences = sequencesOf(await openEvaluationSource(join(root, 'kitti')));
    expect(sequences.map(({ name }) => name)).toEqual(['0000', '0001']);
    expect(await idsAt(sequences[0], 1)).toEqual({ 1: [1, 0], 2: [0, 1] });
  });

  it('frames beside Annotations are no masks', async () => {
    put('vos/Annotations/clip/00000.png', encodeIndexedPng([0, 1], 2));
    put('vos/JPEGImages/clip/00000.png', png([7, 9], 2));
    const sequences = sequencesOf(await openEvaluationSource(join(root, 'vos')));
    expect(sequences).toHaveLength(1);
    expect(await idsAt(sequences[0], 0)).toEqual({ 1: [0, 1] });
  });

  it.each([
    [
      'a colour that is no object',
      'odd/00000.png',
      () =>
        png([0, 1], 2, [
          [0, 0, 0],
          [1, 2, 3],
        ]),
      'no object of the DAVIS palette',
    ],
    ['a broken picture', 'broken/00000.png', () => encodeIndexedPng([0, 1], 2).subarray(0, 50), 'is damaged'],
    ['no picture', 'none/00000.png', () => Buffer.from('hello hello hello hello hello hello'), 'is not a PNG picture'],
  ])('%s: one sentence', async (_, path, bytes, words) => {
    put(path, bytes());
    const read = async () => {
      const [sequence] = sequencesOf(await openEvaluationSource(join(root, dirname(path))));
      return sequence.masksAt(0);
    };
    await expect(read()).rejects.toThrow(words);
    await expect(read()).rejects.toThrow(/; nothing was scored\.$/);
  });
});

describe('text and JSON', () => {
  it('MOT: boxes, rows that do not count, frames without a row', async () => {
    const path = put('gt.txt', '1,7,10,20,30,40,1,1,1\n3,7,12,20,30,40,1,1,1\n3,8,0,0,5,5,0,1,1\n');
    const source = await openEvaluationSource(path);
    if (source.kind !== 'videos' || source.sequences[0].kind !== 'boxes') throw new Error('no boxes');
    const [sequence] = source.sequences;
    expect(sequence.frames).toEqual(['000001', '000002', '000003']);
    expect([...(await sequence.boxesAt(0))]).toEqual([[7, [9, 19, 30, 40]]]);
    expect((await sequence.boxesAt(1)).size).toBe(0);
    expect([...(await sequence.boxesAt(2)).keys()]).toEqual([7]);
  });

  it('MOTS: masks, without the region that is not scored', async () => {
    const mask = rleFromBitmap(Uint8Array.of(0, 1, 1, 0, 0, 0), 3, 2);
    const { counts } = cocoRleFromMask(mask);
    const path = put('mots.txt', `1 2001 2 2 3 ${counts}\n1 10000 10 2 3 ${counts}\n`);
    const [sequence] = sequencesOf(await openEvaluationSource(path));
    expect(await idsAt(sequence, 0)).toEqual({ 2001: [0, 1, 1, 0, 0, 0] });
    expect(await sequence.ignoredAt?.(0)).toEqual([mask]);
  });

  it.each([
    ['mot', '1,2,3\n', 'line 1 is "1,2,3"'],
    ['mots', '1 2 3\n', 'line 1 is "1 2 3"'],
    ['empty', '', 'is empty'],
  ])('%s text that is none names the line', async (name, text, words) => {
    await expect(openEvaluationSource(put(`bad-${name}.txt`, text))).rejects.toThrow(words);
  });

  it('a byte order mark is no part of them', async () => {
    const mot = await openEvaluationSource(put('mark.txt', '\ufeff1,7,10,20,30,40,1,1,1\n'));
    expect(mot.kind === 'videos' && mot.sequences[0].frames).toEqual(['000001']);
    const coco = await openEvaluationSource(put('mark.json', '\ufeff{"images":[]}'));
    expect(coco.kind).toBe('coco');
  });

  it('text that is no JSON is told in one line', async () => {
    const opened = openEvaluationSource(put('none.json', 'not json\nat all\n'));
    await expect(opened).rejects.toThrow(/^[^\n]*is not JSON[^\n]*; nothing was scored\.$/);
  });

  it('a file that is larger than a text can be is refused before it is read', async () => {
    const path = put('huge.json', '{"videos": []');
    truncateSync(path, constants.MAX_STRING_LENGTH + 1);
    await expect(openEvaluationSource(path)).rejects.toMatchObject({
      code: 'file-unreadable',
      message: expect.stringMatching(/huge\.json has \d+ MB, and a text of more than \d+ MB cannot be read; split it/),
    });
    rmSync(path);
  });

  describe('YouTube-VIS', () => {
    const mask = (...pixels: number[]) => cocoRleFromMask(rleFromBitmap(Uint8Array.from(pixels), 2, 2));
    const opened = async (annotations: readonly object[]) => {
      const video = { id: 5, width: 2, height: 2, length: 2, file_names: ['v/00000.jpg', 'v/00001.jpg'] };
      const found = annotations.map((annotation) => ({ video_id: 5, category_id: 1, ...annotation }));
      const file = { videos: [video], categories: [{ id: 1, name: 'dog' }], annotations: found };
      return openEvaluationSource(put('crowd.json', JSON.stringify(file)));
    };
    const two = { id: 9, segmentations: [mask(1, 0, 0, 0), null] };

    it('iscrowd is a region to ignore and no object', async () => {
      const truth = await opened([two, { id: 10, iscrowd: 1, segmentations: [mask(0, 0, 1, 1), mask(0, 0, 1, 0)] }]);
      const prediction = await opened([two, { id: 3, segmentations: [mask(0, 0, 1, 1), mask(0, 0, 1, 0)] }]);
      const report = await evaluate({
        truth: { name: 'truth', notes: [], source: truth },
        predictions: [{ name: 'found', notes: [], source: prediction }],
        skipFirstAndLast: false,
        signal: new AbortController().signal,
        onProgress: () => {},
      });
      expect(report.headline).toEqual(
        expect.arrayContaining([
          ['HOTA', '100.0'],
          ['MOTA', '100.0'],
        ]),
      );
      expect(report.notes.join(' ')).toContain('in a region to ignore do not count, as in TrackEval (2)');
    });

    it('a damaged mask is told of by its annotation and frame', async () => {
      const damaged = { size: [2, 2], counts: [9, 9] };
      const source = await opened([two, { id: 12, segmentations: [mask(0, 1, 0, 0), damaged] }]);
      const [sequence] = source.kind === 'ytvis' ? source.file.sequences : [];
      expect(Object.keys(await idsAt(sequence!, 0))).toEqual(['9', '12']);
      expect(() => sequence!.masksAt(1)).toThrow(/^Annotation 12 of video 5, frame 00001, cannot be used\. /);
    });
  });

  it('YouTube-VIS: tracks of two classes are scored per phrase, with the pairs where nothing is', async () => {
    const mask = (...pixels: number[]) => cocoRleFromMask(rleFromBitmap(Uint8Array.from(pixels), 2, 2));
    const video = { id: 5, width: 2, height: 2, length: 2, file_names: ['v/00000.jpg', 'v/00001.jpg'] };
    const categories = [
      { id: 1, name: 'dog' },
      { id: 2, name: 'cat' },
    ];
    const truth = {
      videos: [video],
      categories,
      annotations: [{ id: 9, video_id: 5, category_id: 1, segmentations: [mask(1, 0, 0, 0), mask(0, 1, 0, 0)] }],
      video_np_pairs: [
        { video_id: 5, noun_phrase: 'dog' },
        { video_id: 5, noun_phrase: 'cat' },
      ],
    };
    const result = (category_id: number, score: number) => ({
      video_id: 5,
      category_id,
      score,
      segmentations: [mask(1, 0, 0, 0), mask(0, 1, 0, 0)],
    });
    const score = async (results: unknown) => {
      const report = await evaluate({
        truth: { name: 'truth', notes: [], source: await openEvaluationSource(put('vis.json', JSON.stringify(truth))) },
        predictions: [
          { name: 'found', notes: [], source: await openEvaluationSource(put('found.json', JSON.stringify(results))) },
        ],
        skipFirstAndLast: false,
        signal: new AbortController().signal,
        onProgress: () => {},
      });
      const data = report.data as { phota: { pooled: { mean: { hota: number } } }; cgf1: { mean: { cgF1: number } } };
      return { hota: data.phota.pooled.mean.hota, cgF1: data.cgf1.mean.cgF1 };
    };
    const right = await score([result(1, 0.9)]);
    expect(right.hota).toBeCloseTo(1, 9);
    expect(right.cgF1).toBeGreaterThan(0.99);
    // The same masks under the other name: a wrong answer for both phrases.
    const wrong = await score([result(2, 0.9)]);
    expect(wrong.hota).toBe(0);
    // A track without a pixel is a prediction of cgF1, here of a phrase that is not there, and none of pHOTA.
    const alarm = await score([result(1, 0.9), { ...result(2, 0.9), segmentations: [null, mask(0, 0, 0, 0)] }]);
    expect(alarm.cgF1).toBe(0);
    expect(alarm.hota).toBeCloseTo(1, 9);
    expect(wrong.cgF1).toBeLessThan(0.01);
    // Below the threshold nothing was said.
    expect((await score([result(1, 0.4)])).hota).toBe(0);
    // A tracker that found nothing writes an empty list.
    expect((await score([])).hota).toBe(0);
  });
});

it('two predictions of one video are refused, whatever the number of videos', async () => {
  const source = await openEvaluationSource(put('twice/clip/00000.png', encodeIndexedPng([0, 1], 2)).slice(0, -10));
  const named = { name: 'clip', notes: [], source };
  const scored = evaluate({
    truth: named,
    predictions: [named, named],
    skipFirstAndLast: false,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  await expect(scored).rejects.toThrow('More than one prediction is of the video "clip"');
});

describe('pairing frames', () => {
  const pair = (truth: NamedFrames, prediction: NamedFrames) =>
    pairFrames(truth, prediction).map((each) => [each.truth, each.prediction]);
  const named = (first: number, last: number, digits = 5) => ({
    frames: Array.from({ length: last - first + 1 }, (_, at) => String(first + at).padStart(digits, '0')),
  });

  it.each([
    ['by name', ['00000', '00004'], ['00000', '00001', '00004'], [0, 2]],
    ['1-based against 0-based', ['000001', '000002'], ['00000', '00001'], [0, 1]],
    ['by number', ['0', '4'], ['frame_000000', 'frame_000001', 'frame_000002', 'frame_000003', 'frame_000004'], [0, 4]],
    ['a frame that is not predicted', ['00000', '00001'], ['00000'], [0, null]],
  ])('%s', (_, truth, prediction, expected) => {
    expect(pair({ frames: truth }, { frames: prediction })).toEqual(expected.map((position, at) => [at, position]));
  });

  it('as many frames with other numbers are not taken for the same', () => {
    const many = Array.from({ length: 200_000 }, (_, frame) => String(frame));
    expect(pair({ frames: many }, { frames: many.slice(1) })).toHaveLength(200_000);
    const pairs = pair({ frames: ['0', '4', '8'] }, { frames: ['00', '01', '02'] });
    expect(pairs.map(([, position]) => position)).toEqual([0, null, null]);
    expect(() => pair({ frames: ['10', '14'] }, { frames: ['00', '01'] })).toThrow('No frame of the prediction');
  });

  it('text that counts from 1 goes with frames from 0 whatever its length, and with equal names', () => {
    const text = { ...named(1, 3, 6), firstNumber: 1, sparse: true };
    const beyond = [
      [null, 3],
      [null, 4],
    ];
    for (const digits of [5, 6]) {
      expect(pair(text, named(0, 4, digits))).toEqual([[0, 0], [1, 1], [2, 2], ...beyond]);
      expect(pair(named(0, 4, digits), text)).toEqual([
        [0, 0],
        [1, 1],
        [2, 2],
        [3, null],
        [4, null],
      ]);
    }
    // Two texts go by number; a text with a frame 0 counts from there.
    expect(pair(text, { ...named(1, 4, 6), firstNumber: 1, sparse: true })).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
      [null, 3],
    ]);
    expect(pair({ ...named(0, 2, 6), firstNumber: 1, sparse: true }, named(0, 2))).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
  });

  it('text that counts from 0 loses no frame before its first row', () => {
    const text = { ...named(1, 2, 6), firstNumber: 0, sparse: true };
    expect(pair(text, named(0, 3))).toEqual([
      [null, 0],
      [0, 1],
      [1, 2],
      [null, 3],
    ]);
  });
});
