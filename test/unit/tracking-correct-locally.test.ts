import { describe, expect, it } from 'vitest';
import { impliedPoint, keepLocalChange } from '../../src-main/core/tracking/correct-locally.ts';
import { answerPoints } from '../../src-main/core/tracking/object-step.ts';
import type { ModelPoint } from '../../src-main/core/tracking/ports.ts';
import { FakeModel, fakeSpec } from './tracking-fake-model.ts';

const SIDE = 12;
/** Model pixels of a cell. */
const CELL = 2;
const IMAGE = SIDE * CELL;

const logitsOf = (rows: readonly string[]) =>
  Float32Array.from({ length: SIDE * SIDE }, (_, at) => {
    const sign = rows[Math.floor(at / SIDE)]?.[at % SIDE] ?? '.';
    return sign === '#' ? 3 : -2;
  });
const rowsOf = (logits: Float32Array) =>
  Array.from({ length: SIDE }, (_, row) =>
    Array.from({ length: SIDE }, (__, column) => (logits[row * SIDE + column] > 0 ? '#' : '.')).join(''),
  );
const at = (column: number, row: number, label: ModelPoint['label']): ModelPoint => ({
  x: (column + 0.5) * CELL,
  y: (row + 0.5) * CELL,
  label,
});
const padded = (rows: readonly string[]) => Array.from({ length: SIDE }, (_, row) => rows[row] ?? '.'.repeat(SIDE));

/** A body at the left, a bridge, and a spill at the right. */
const BEFORE = padded(['............', '####...###..', '##########..', '####...###..', '####........']);

describe('keepLocalChange', () => {
  /** The answer leaves out the spill, and the foot of the body; it adds a speck at the bottom. */
  const ANSWER = padded([
    '............',
    '####........',
    '######......',
    '####........',
    '............',
    '............',
    '............',
    '............',
    '............',
    '............',
    '.........##.',
  ]);
  const left = (...points: readonly ModelPoint[]) => {
    const logits = logitsOf(ANSWER);
    keepLocalChange(logits, logitsOf(BEFORE), SIDE, points, IMAGE);
    return rowsOf(logits);
  };

  it('takes away what an excluding click lies on, and nothing else', () => {
    expect(left(at(8, 2, 0))).toEqual(
      padded([...BEFORE.slice(0, 1), '####........', '######......', '####........', '####........']),
    );
  });

  it('adds what an including click lies on or right beside, and takes nothing away for it', () => {
    const added = [...BEFORE.slice(0, 10), '.........##.', BEFORE[11]];
    expect(left(at(9, 10, 1))).toEqual(added);
    expect(left(at(7, 10, 1))).toEqual(added);
    expect(left(at(6, 10, 1))).toEqual(BEFORE);
  });

  it('does both for clicks of both kinds, and nothing for a click on what did not change', () => {
    expect(left(at(8, 2, 0), at(1, 4, 0), at(9, 10, 1))).toEqual(padded(ANSWER));
    expect(left(at(1, 1, 1), at(5, 6, 0))).toEqual(BEFORE);
  });

  it('leaves logits of what it takes back as they were before', () => {
    const logits = logitsOf(ANSWER);
    const previous = logitsOf(BEFORE).map((logit) => logit * 5);
    keepLocalChange(logits, previous, SIDE, [at(11, 11, 0)], IMAGE);
    expect([logits[4 * SIDE], logits[10 * SIDE + 9]]).toEqual([15, -10]);
    // Where both agree the answer speaks.
    expect([logits[SIDE], logits[11 * SIDE]]).toEqual([3, -2]);
  });
});

describe('impliedPoint', () => {
  const implied = (...points: readonly ModelPoint[]) => impliedPoint(logitsOf(BEFORE), SIDE, points, IMAGE);

  it('is deep inside what a first excluding click leaves of the mask', () => {
    expect(implied(at(8, 2, 0))).toEqual(at(1, 2, 1));
    // Far enough from the click, even if that lies in the body.
    const other = implied(at(1, 2, 0));
    expect(other).toMatchObject({ label: 1 });
    expect(other!.x / CELL).toBeGreaterThan(6);
  });

  it('is none when a person said what belongs to the object, when the newest click includes, and without a mask', () => {
    expect(implied(at(1, 2, 1), at(8, 2, 0))).toBeNull();
    expect(implied(at(8, 2, 0), at(1, 2, 1))).toBeNull();
    expect(implied(at(8, 2, 0), at(1, 2, 1), at(8, 1, 0))).not.toBeNull();
    expect(impliedPoint(logitsOf([]), SIDE, [at(8, 2, 0)], IMAGE)).toBeNull();
  });
});

describe('an object whose mask is corrected', () => {
  /** Answers with an empty mask. */
  class Blind extends FakeModel {
    says = -5;
    override async decode(...question: Parameters<FakeModel['decode']>) {
      const answers = await super.decode(...question);
      return answers.map((answer) => ({ ...answer, masks: answer.masks.fill(-1024), objectScoreLogit: this.says }));
    }
  }
  const { lowres, imageSize } = fakeSpec;
  async function corrected(blobs: readonly number[], says: number) {
    const model = new Blind({ spec: { tracker: { ...fakeSpec.tracker!, corrections: 'local' } } });
    model.says = says;
    const previous = Float32Array.from({ length: lowres * lowres }, (_, place) => (blobs.includes(place) ? 10 : -10));
    const points = [{ x: (0.5 * imageSize) / lowres, y: (0.5 * imageSize) / lowres, label: 0 as const }];
    const features = await model.encodeImage(new Uint8Array(2));
    return answerPoints(model, features, 0, { points, previous, condition: null });
  }

  it('is there as long as something of it is left, whatever the decoder says of its own answer', async () => {
    const [here, there] = [0, lowres * lowres - 1];
    const { area, scoreLogit, logits } = await corrected([here, there], -5);
    expect([area, logits[here] > 0, logits[there] > 0]).toEqual([1, false, true]);
    expect(scoreLogit).toBeGreaterThan(0);
  });

  it('is gone when all of it was taken away', async () => {
    const { area, scoreLogit } = await corrected([0], 5);
    expect(area).toBe(0);
    expect(scoreLogit).toBeLessThan(0);
  });
});
