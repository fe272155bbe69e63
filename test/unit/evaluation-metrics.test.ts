import { describe, expect, it } from 'vitest';
import { assign } from '../../src-main/core/base/assignment.ts';
import {
  combineClearMot,
  combineHota,
  combineIdentity,
  type DetectedInstance,
  phrasePairFromTubes,
  phrasePairsFromInstances,
  scoreCgf1,
  scoreClearMot,
  scoreCoco,
  scoreHota,
  scoreIdentity,
  scorePhota,
  type TrackingFrame,
  type TruthInstance,
  trackingFramesFromBoxes,
} from '../../src-main/core/evaluation/index.ts';
import { type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';

/** One row of pixels. */
function draw(row: string): RleMask {
  return rleFromBitmap(
    Uint8Array.from(row, (cell) => (cell === '#' ? 1 : 0)),
    row.length,
    1,
  );
}

const frame = (truthIds: number[], predictionIds: number[], similarity: number[][]): TrackingFrame => ({
  truthIds,
  predictionIds,
  similarity,
});

describe('assignment', () => {
  it('is optimal where greedy is not, rectangular both ways', () => {
    const scores = [
      [9, 8],
      [8, 1],
    ];
    expect(assign(2, 2, (row, column) => scores[row][column], 'max')).toEqual({ rows: [0, 1], columns: [1, 0] });
    expect(assign(2, 2, (row, column) => scores[row][column])).toEqual({ rows: [0, 1], columns: [0, 1] });
    expect(assign(3, 1, (row) => [5, 2, 7][row])).toEqual({ rows: [1], columns: [0] });
    expect(assign(1, 3, (_row, column) => [5, 2, 7][column], 'max')).toEqual({ rows: [0], columns: [2] });
    expect(assign(0, 3, () => 0)).toEqual({ rows: [], columns: [] });
    expect(assign(3, 3, () => 1)).toEqual({ rows: [0, 1, 2], columns: [0, 1, 2] });
  });
});

describe('HOTA', () => {
  it('halves association when the identity swaps half way', () => {
    const frames = [1, 1, 2, 2].map((id) => frame([0], [id], [[1]]));
    const { mean } = scoreHota(frames);
    // each of 4 hits: TPA 2, FNA 2, FPA 0 -> 1/2
    expect(mean).toMatchObject({ detA: 1, assA: 0.5, locA: 1 });
    expect(mean.hota).toBeCloseTo(Math.sqrt(0.5), 12);
  });

  it('prefers the track that fits over the whole sequence to the better box of one frame', () => {
    // Track 5 is with object 0 for three frames; in the last, 6 overlaps a little more.
    const frames = [...Array(3).fill(frame([0], [5], [[0.9]])), frame([0], [5, 6], [[0.6, 0.7]])];
    const { perAlpha } = scoreHota(frames);
    // at 0.5: all four with 5 -> TPA 4, gt 4, pr 4 -> A = 1; FP 1
    expect(perAlpha.assA[9]).toBe(1);
    expect(perAlpha.tp[9]).toBe(4);
    expect(perAlpha.fp[9]).toBe(1);
    // above 0.6 the last frame is no match
    expect(perAlpha.tp[12]).toBe(3);
  });

  it('pools sequences by counts', () => {
    const perfect = scoreHota([frame([0], [1], [[1]])]);
    const missed = scoreHota([frame([0], [], [[]])]);
    const pooled = combineHota([perfect, missed]);
    expect(pooled.mean).toMatchObject({ detA: 0.5, assA: 1, detRe: 0.5, detPr: 1, locA: 1 });
    expect(scoreHota([]).mean).toMatchObject({ hota: 0, locA: 1 });
  });

  it('pHOTA counts tracks above 0.5 and drops empty masks', () => {
    const truth = [new Map([[1, draw('##..')]]), new Map([[1, draw('....')]])];
    const prediction = [
      new Map([
        [4, draw('##..')],
        [5, draw('..##')],
      ]),
      new Map([[4, draw('....')]]),
    ];
    const tracks = [
      { trackId: 4, score: 0.9 },
      { trackId: 5, score: 0.5 },
    ];
    const pair = { videoId: 'a', phrase: 'dog', truth, prediction, tracks };
    const nothing = { videoId: 'a', phrase: 'cat', truth: [], prediction: [], tracks: [] };
    const score = scorePhota([pair, nothing]);
    expect(score.pooled.mean.hota).toBe(1);
    expect(score.perPair.map(({ phrase }) => phrase)).toEqual(['dog']);
  });
});

describe('identity and CLEAR', () => {
  const swapped = [1, 1, 1, 2].map((id) => frame([0], [id], [[0.8]]));

  it('IDF1 assigns one track for the whole sequence', () => {
    // track 1 for 3 of 4 frames: IDTP 3, IDFN 1, IDFP 1
    expect(scoreIdentity(swapped)).toEqual({ idtp: 3, idfn: 1, idfp: 1, idf1: 0.75, idp: 0.75, idr: 0.75 });
    expect(scoreIdentity([frame([0], [1], [[0.5]])]).idtp).toBe(1);
    expect(combineIdentity([scoreIdentity(swapped), scoreIdentity([])]).idf1).toBe(0.75);
  });

  it('MOTA counts a switch, and a lost frame as a fragment', () => {
    expect(scoreClearMot(swapped)).toMatchObject({ tp: 4, idSwitches: 1, mota: 0.75, mostlyTracked: 1 });
    const gap = [frame([0], [1], [[0.8]]), frame([0], [1], [[0.1]]), frame([0], [1], [[0.8]])];
    expect(scoreClearMot(gap)).toMatchObject({
      tp: 2,
      fn: 1,
      fp: 1,
      idSwitches: 0,
      fragmentations: 1,
      partlyTracked: 1,
    });
    expect(combineClearMot([scoreClearMot(swapped), scoreClearMot(gap)]).mota).toBeCloseTo(1 - 3 / 7, 12);
  });

  it('keeps the match of the frame before while it is still true', () => {
    const frames = [frame([0], [1], [[0.9]]), frame([0], [1, 2], [[0.5, 0.9]])];
    expect(scoreClearMot(frames)).toMatchObject({ idSwitches: 0, motp: 0.7 });
  });

  it('a frame without predictions leaves the match of the frame before', () => {
    const frames = [frame([0], [1], [[0.9]]), frame([0], [], [[]]), frame([0], [1, 2], [[0.5, 0.9]])];
    expect(scoreClearMot(frames)).toMatchObject({ idSwitches: 0, fragmentations: 0, motp: 0.7 });
  });

  it('compares boxes too', () => {
    const [only] = trackingFramesFromBoxes(
      [new Map([[3, [0, 0, 2, 2]]])],
      [
        new Map([
          [8, [1, 0, 2, 2]],
          [9, [0, 0, 0, 0]],
        ]),
      ],
    );
    expect(only).toEqual({ truthIds: [3], predictionIds: [8], similarity: [[1 / 3]] });
  });
});

const truth = (row: string, over: Partial<TruthInstance> = {}): TruthInstance => {
  const mask = draw(row);
  const start = row.indexOf('#');
  const length = row.lastIndexOf('#') - start + 1;
  return { imageId: 1, categoryId: 1, mask, box: [start, 0, length, 1], area: length, crowd: false, ...over };
};
const detection = (row: string, score: number, over: Partial<DetectedInstance> = {}): DetectedInstance => ({
  imageId: 1,
  categoryId: 1,
  mask: draw(row),
  score,
  box: null,
  ...over,
});
const coco = (truths: TruthInstance[], detections: DetectedInstance[]) =>
  scoreCoco({ imageIds: [1], categoryIds: [1], truths, detections }, 'mask');

describe('COCO AP', () => {
  it('one hit after one miss: precision 1/2 at every recall', () => {
    const score = coco([truth('##..')], [detection('..##', 0.9), detection('##..', 0.8)]);
    expect(score.ap).toBeCloseTo(0.5, 12);
    expect(score).toMatchObject({ ar1: 0, ar10: 1, ar100: 1, apLarge: null });
  });

  it('half the objects found: precision 1 up to recall 0.5 (51 of 101 points)', () => {
    const score = coco([truth('##..'), truth('..##')], [detection('##..', 0.9)]);
    expect(score.ap).toBeCloseTo(51 / 101, 12);
  });

  it('a crowd takes many detections and none of them counts', () => {
    const crowd = truth('####....', { crowd: true });
    const found = [detection('##......', 0.9), detection('..##....', 0.8), detection('....##..', 0.7)];
    expect(coco([crowd, truth('....##..')], found).ap).toBeCloseTo(1, 12);
    expect(coco([crowd], found).ap).toBeNull();
  });

  it('an object that counts is taken before a better overlap that is ignored', () => {
    // The detection lies wholly in the crowd (IoU 1 there) and covers 2/3 of the object.
    const crowd = truth('####', { crowd: true });
    expect(coco([crowd, truth('###.')], [detection('##..', 0.9)]).ap50).toBeCloseTo(1, 12);
  });

  it('ties keep their order across images', () => {
    const miss = detection('..##', 0.5);
    const hit = detection('##..', 0.5);
    expect(coco([truth('##..')], [hit, miss]).ap).toBeCloseTo(1, 12);
    expect(coco([truth('##..')], [miss, hit]).ap).toBeCloseTo(0.5, 12);
  });

  it('looks at 100 detections an image and no further', () => {
    const misses = Array.from({ length: 100 }, () => detection('..##', 0.9));
    expect(coco([truth('##..')], [...misses, detection('##..', 0.8)])).toMatchObject({ ap: 0, ar100: 0 });
    expect(coco([truth('##..')], [...misses.slice(1), detection('##..', 0.8)])).toMatchObject({ ar100: 1 });
  });
});

describe('cgF1', () => {
  const hit = { predictionCount: 1, annotators: [{ truthCount: 1, iou: [[1]] }] };
  const nothing = { predictionCount: 0, annotators: [{ truthCount: 0, iou: [] }] };
  const invented = { predictionCount: 1, annotators: [{ truthCount: 0, iou: [[]] }] };
  const missed = { predictionCount: 0, annotators: [{ truthCount: 1, iou: [] }] };

  it('is pmF1 times the image-level correlation', () => {
    const score = scoreCgf1([hit, hit, hit, nothing, nothing, invented, missed]);
    expect(score.imageLevel).toMatchObject({ tp: 3, tn: 2, fp: 1, fn: 1 });
    // (3*2 - 1*1) / sqrt(4*4*3*3)
    expect(score.imageLevel.mcc).toBeCloseTo(5 / 12, 6);
    // positives: TP 3, FN 1, no FP
    expect(score.mean.positiveMicroF1).toBeCloseTo(6 / 7, 3);
    expect(score.mean.cgF1).toBeCloseTo(((6 / 7) * 5) / 12, 3);
    expect(score.at50.precision).toBeCloseTo(3 / 4, 3);
  });

  it('takes the annotator the predictions agree with; an agreed absence wins', () => {
    const oracle = {
      predictionCount: 1,
      annotators: [
        { truthCount: 2, iou: [[0.2, 0.1]] },
        { truthCount: 1, iou: [[1]] },
      ],
    };
    expect(scoreCgf1([oracle]).at75).toMatchObject({ tp: 1, fp: 0, fn: 0 });
    const absent = {
      predictionCount: 0,
      annotators: [
        { truthCount: 1, iou: [] },
        { truthCount: 0, iou: [] },
      ],
    };
    expect(scoreCgf1([absent]).imageLevel).toMatchObject({ tn: 1, fn: 0 });
  });

  it('keeps predictions at the threshold and skips what is not exhaustive', () => {
    const annotator = { imageIds: [1, 2], exhaustiveIds: [1], categoryIds: [1], truths: [truth('##..')] };
    const pairs = phrasePairsFromInstances([annotator], [detection('##..', 0.5), detection('..##', 0.49)], 'mask');
    expect(pairs).toEqual([{ predictionCount: 1, annotators: [{ truthCount: 1, iou: [[1]] }] }]);
  });

  it('compares tubes over all their frames', () => {
    const tube = (...rows: string[]) => new Map(rows.map((row, index) => [index, draw(row)]));
    const pair = phrasePairFromTubes([tube('##..', '##..')], [[tube('##..', '.##.', '####')]]);
    // shared 2 + 1 + 0, union 2 + 3 + 4
    expect(pair.annotators[0].iou).toEqual([[3 / 9]]);
    expect(phrasePairFromTubes([tube()], [[tube(), tube('#...')]]).annotators[0].iou).toEqual([[1, 0]]);
  });
});
