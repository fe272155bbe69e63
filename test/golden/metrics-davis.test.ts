import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, describe, expect, it } from 'vitest';
import { bitmapFromRle, type RleMask } from '../../src-shared/mask/rle.ts';
import {
  davisTable,
  folderPrediction,
  listSequences,
  readMask,
  scoreDavisSequence,
  stillPrediction,
} from '../bench/davis-score.ts';

const davisRoot = path.resolve(import.meta.dirname, '../../../shared/media/davis2016');
const haveDavis = existsSync(davisRoot);
if (!haveDavis) console.log('skipped: DAVIS scoring needs ../shared/media/davis2016');

describe.skipIf(!haveDavis)('DAVIS scoring', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'masklet-davis-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const sequence = haveDavis ? listSequences(davisRoot).find(({ name }) => name === 'car-shadow') : undefined;

  it('the first mask, never moved, scores what an independent numpy/scipy evaluation gives', () => {
    const score = scoreDavisSequence(sequence!, stillPrediction(sequence!));
    expect(score.objects[0].j.perFrame).toHaveLength(38);
    expect(score.mean?.j).toBeCloseTo(0.40770143, 7);
    expect(score.mean?.f).toBeCloseTo(0.25233386, 7);
  });

  it('masks are read from an export; a frame that is missing is named', () => {
    const few = { ...sequence!, annotations: sequence!.annotations.slice(0, 5) };
    mkdirSync(path.join(folder, '1'));
    for (const annotation of few.annotations) {
      writeFileSync(path.join(folder, '1', path.basename(annotation)), greyPng(readMask(annotation)));
    }
    const score = scoreDavisSequence(few, folderPrediction(folder));
    expect(score.mean).toEqual({ j: 1, f: 1, jf: 1 });
    expect(davisTable([{ name: 'car-shadow', frames: 5, score, trackSecs: 10 }])).toContain(
      '| car-shadow | 5 | 100.0 | 100.0 | 100.0 | 100.0 | 0.0 | 100.0 | 0.0 | 0.50 |',
    );
    rmSync(path.join(folder, '1', '00003.png'));
    expect(() => scoreDavisSequence(few, folderPrediction(folder))).toThrow('frame 3');
  });
});

function greyPng(mask: RleMask): Buffer {
  const png = new PNG({ width: mask.width, height: mask.height });
  bitmapFromRle(mask).forEach((value, at) => {
    png.data.fill(value * 255, at * 4, at * 4 + 3);
    png.data[at * 4 + 3] = 255;
  });
  return PNG.sync.write(png);
}
