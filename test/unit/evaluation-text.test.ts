import { describe, expect, it } from 'vitest';
import { cocoRleFromMask, evaluate, type MaskSequence, scoreVideo } from '../../src-main/core/evaluation/index.ts';
import { readMotText } from '../../src-main/core/evaluation/sources/mot-text.ts';
import { maskFromRings } from '../../src-shared/mask/mask-from-rings.ts';
import type { RleMask } from '../../src-shared/mask/rle.ts';

/** A session of 12 frames of 120x60 against text that says the same, or nearly. */
const [width, height, frameCount] = [120, 60, 12];
const signal = new AbortController().signal;

function square(x: number, y = 10, side = 20): RleMask {
  return maskFromRings([[x, y, x + side, y, x + side, y + side, x, y + side]], width, height);
}

const left = (frame: number) => 2 + 5 * frame;
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

/** Object 1 from frame `first` to `last`, as a session holds it. */
function session(first: number, last: number): MaskSequence {
  return {
    kind: 'masks',
    name: 'clip',
    width,
    height,
    frames: range(0, frameCount - 1).map((frame) => String(frame).padStart(5, '0')),
    masksAt: (frame) => (frame >= first && frame <= last ? new Map([[1, square(left(frame))]]) : new Map()),
  };
}

const motText = (first: number, last: number) =>
  range(first, last)
    .map((frame) => `${frame + 1},1,${left(frame) + 1},11,20,20,1,1,1`)
    .join('\n');
const motsRow = (frame: number, id: number, mask: RleMask) =>
  `${frame} ${id} ${Math.floor(id / 1000)} ${height} ${width} ${cocoRleFromMask(mask).counts}`;
const motsText = (first: number, last: number) =>
  range(first, last)
    .map((frame) => motsRow(frame, 1001, square(left(frame))))
    .join('\n');

const score = (truth: Parameters<typeof scoreVideo>[0], prediction: Parameters<typeof scoreVideo>[1]) =>
  scoreVideo(truth, prediction, { skipFirstAndLast: false, signal, onFrame: () => {} });

async function report(truth: MaskSequence | string, prediction: MaskSequence | string) {
  const named = (side: MaskSequence | string, name: string) => ({
    name,
    notes: [],
    source: {
      kind: 'videos' as const,
      sequences: [typeof side === 'string' ? readMotText(side, `${name}.txt`) : side],
    },
  });
  let [done, total] = [0, 1];
  const { headline, notes } = await evaluate({
    truth: named(truth, 'truth'),
    predictions: [named(prediction, 'found')],
    skipFirstAndLast: false,
    signal,
    onProgress: (now, all) => {
      done = now;
      total = all;
    },
  });
  expect(done).toBe(total);
  return { headline: Object.fromEntries(headline ?? []), notes };
}

describe('a session against text that says the same', () => {
  it.each([
    ['MOT', 0, frameCount - 1, motText],
    ['MOT, the object leaves early', 0, 7, motText],
    ['MOT, the object comes late', 3, frameCount - 1, motText],
    ['MOTS', 0, frameCount - 1, motsText],
    ['MOTS, the object leaves early', 0, 7, motsText],
    ['MOTS, the object comes late', 3, 9, motsText],
  ])('%s: 100 whichever side is the truth', async (_, first, last, text) => {
    const written = readMotText(text(first, last), 'clip.txt');
    const tracked = session(first, last);
    for (const [truth, prediction] of [
      [written, tracked],
      [tracked, written],
    ]) {
      const { hota, clear, identity } = await score(truth, prediction);
      expect([hota.mean.hota, clear.mota, identity.idf1]).toEqual([expect.closeTo(1, 12), 1, 1]);
    }
  });

  it('what is found after the last row of the truth is false', async () => {
    const { clear, caveats, frameCount: count } = await score(readMotText(motText(0, 7), 'clip.txt'), session(0, 9));
    expect([clear.tp, clear.fp, caveats.beyondTruth, count]).toEqual([8, 2, 2, frameCount]);
    const { notes } = await report(motText(0, 7), session(0, 9));
    expect(notes).toContainEqual(expect.stringMatching(/after the last row.*\(2\)/));
  });

  it('MOTS text with as many frames as the video counts from 1; a note says where that is not known', async () => {
    const fromOne = (last: number) =>
      range(0, last)
        .map((frame) => motsRow(frame + 1, 1001, square(left(frame))))
        .join('\n');
    const whole = await report(fromOne(frameCount - 1), session(0, frameCount - 1));
    expect(whole.headline).toMatchObject({ HOTA: '100.0', MOTA: '100.0' });
    const asked = expect.stringMatching(/names no frame 0.*--first-frame 1/);
    expect(whole.notes).not.toContainEqual(asked);
    expect((await report(fromOne(7), session(0, 7))).notes).toContainEqual(asked);
    expect((await report(motsText(0, 7), session(0, 7))).notes).not.toContainEqual(asked);
  });
});

describe('numbers of objects', () => {
  const differ = expect.stringMatching(/one side numbers objects as MOTS does/);

  it('of MOTS and of a session are not compared, and a note says so', async () => {
    const { headline, notes } = await report(motsText(0, 7), session(0, 7));
    expect(headline).toMatchObject({ HOTA: '100.0' });
    expect(headline).not.toHaveProperty('J&F');
    expect(notes).toContainEqual(differ);
    expect(notes).not.toContainEqual(expect.stringMatching(/^J and F need masks/));
  });

  it('of one kind are compared, also where nothing was found', async () => {
    const same = await report(motsText(0, 7), motsText(0, 7));
    expect(same.headline).toMatchObject({ 'J&F': '100.0' });
    expect(same.notes).not.toContainEqual(differ);
    const nothing = await report(session(0, frameCount - 1), session(1, 0));
    expect(nothing.headline).toMatchObject({ 'J&F': '0.0' });
    expect(nothing.notes).toEqual([]);
  });
});

describe('what the truth says to ignore', () => {
  /** The truth has an object at 0 and a region from 60 to 80; the prediction has the object and what is given. */
  const mots = (...found: readonly RleMask[]) => {
    const truth = [motsRow(0, 2001, square(0)), motsRow(0, 10_000, square(60))].join('\n');
    const rows = [motsRow(0, 2001, square(0)), ...found.map((mask, at) => motsRow(0, 2002 + at, mask))].join('\n');
    return score(readMotText(truth, 'a.txt'), readMotText(rows, 'b.txt'));
  };

  it('MOTS: a prediction counts unless more than half of itself lies there', async () => {
    for (const [mask, falses] of [
      [square(60), 0],
      [square(69), 0],
      [square(70), 1],
      [square(62, 12, 4), 0],
      [square(20, 0, 60), 1],
    ] as const) {
      const { clear, caveats } = await mots(mask);
      expect([clear.fp, caveats.inIgnoredRegion]).toEqual([falses, 1 - falses]);
    }
  });

  it('MOTS: a prediction that matches an object stays', async () => {
    const truth = [motsRow(0, 2001, square(60)), motsRow(0, 10_000, square(50, 0, 40))].join('\n');
    const { clear } = await score(readMotText(truth, 'a.txt'), readMotText(motsRow(0, 2001, square(62)), 'b.txt'));
    expect([clear.tp, clear.fp]).toEqual([1, 0]);
  });

  /** The truth has an object at 0 and a marked row of a class at 60; the prediction has the object and a box. */
  const mot = (row: string, x: number) =>
    score(readMotText(`1,1,1,11,20,20,1,1,1\n${row}`, 'a.txt'), readMotText(found(x), 'b.txt'));
  const found = (x: number) => `1,1,1,11,20,20,0.9,-1,-1,-1\n1,2,${x},11,20,20,0,-1,-1,-1`;

  it.each([
    ['on a distractor', '1,2,61,11,20,20,0,8,1', 61, 0],
    ['on one by IoU 0.5 or more', '1,2,61,11,20,20,0,7,1', 67, 0],
    ['too far from one', '1,2,61,11,20,20,0,7,1', 69, 1],
    ['on a car', '1,2,61,11,20,20,0,3,1', 61, 1],
    ['on a class 8 that counts', '1,2,61,11,20,20,1,8,1', 61, 0],
  ])('MOT: a prediction %s', async (_, row, x, falses) => {
    const { clear } = await mot(row, x);
    expect([clear.fp, clear.fn]).toEqual([falses, 0]);
  });

  it('MOT: rows with 0 are not ground truth, with a class or without, and predictions with 0 are predictions', async () => {
    const { clear, caveats } = await mot('1,2,61,11,20,20,0,-1,-1,-1', 61);
    expect([clear.tp, clear.fp, clear.fn, caveats.markedRows]).toEqual([1, 1, 0, 1]);
  });

  it('MOT: a prediction that an object claims stays, whatever else is there', async () => {
    // The better pairing gives the prediction to the object.
    const truth = '1,1,61,11,20,20,1,1,1\n1,2,64,11,20,20,0,8,1';
    const { clear } = await score(readMotText(truth, 'a.txt'), readMotText('1,5,62,11,20,20,1,-1,-1,-1', 'b.txt'));
    expect([clear.tp, clear.fp, clear.fn]).toEqual([1, 0, 0]);
  });

  it('a note says what counted', async () => {
    const { notes } = await report('1,1,1,11,20,20,1,1,1\n1,2,61,11,20,20,0,8,1', found(61));
    expect(notes).toContainEqual(expect.stringMatching(/marked with 0.*\(1\).*do not count \(1\).*Class 6/));
    const regions = await report(
      [motsRow(0, 2001, square(0)), motsRow(0, 10_000, square(60))].join('\n'),
      [motsRow(0, 2001, square(0)), motsRow(0, 2002, square(60))].join('\n'),
    );
    expect(regions.notes).toContainEqual(expect.stringMatching(/in a region to ignore.*\(1\)/));
  });
});
