import { describe, expect, test } from 'vitest';
import { ActionHistory } from '../../src-main/core/tracking/action-history.ts';
import { chooseMask } from '../../src-main/core/tracking/choose-mask.ts';
import { MemoryBank, type MemoryEntry } from '../../src-main/core/tracking/memory-bank.ts';
import { closestConditioning, type RecallRules, recall } from '../../src-main/core/tracking/recall.ts';
import type { MemoryRule } from '../../src-main/core/tracking/track-settings.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { fakeSpec } from './tracking-fake-model.ts';

const constants = fakeSpec.tracker!;
const rules = (rule: MemoryRule, maxConditioning = -1, frameCount = 18): RecallRules => ({
  ...{ constants, frameCount, maxConditioning, rule },
});

function entry(frame: number, more: Partial<MemoryEntry> = {}): MemoryEntry {
  return {
    ...{ frameIndex: frame, tokens: Float32Array.of(frame), pointer: Float32Array.of(frame), area: 1 },
    ...{ logits: new Float32Array(1), ious: new Float32Array(4), fromUser: false, motionScore: null },
    ...{ scoreLogit: 1, iou: 0.8, memScore: 0.5 },
    ...more,
  };
}

function bank(conditioning: readonly number[], tracked: readonly MemoryEntry[]): MemoryBank {
  const made = new MemoryBank();
  for (const frame of conditioning) made.condition(entry(frame, { fromUser: true }));
  for (const each of tracked) made.follow(each);
  return made;
}

const span = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => entry(first + at));
const indices = (made: ReturnType<typeof recall>) => made.memories.map(({ temporalIndex }) => temporalIndex);
const offsets = (made: ReturnType<typeof recall>, longest = 15) =>
  made.pointers.map(({ temporalPosition }) => Math.round(temporalPosition * longest));

describe('recall', () => {
  test('a corrected frame leaves its gap in the recent frames (trajectory e, frame 9)', () => {
    const made = recall(bank([0, 8], [...span(1, 7), ...span(9, 10)]), 9, 1, rules({ kind: 'standard' }));
    expect([...indices(made)].sort()).toEqual([1, 2, 3, 4, 5, 6, 6]);
    expect(offsets(made)).toEqual([9, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('backward, an earlier forward pass lends its frames (trajectory g, frame 7)', () => {
    const made = recall(bank([9], [...span(10, 17), entry(8)]), 7, -1, rules({ kind: 'standard' }));
    expect(indices(made)).toEqual([6, 0, 2, 3, 4, 5]);
    expect(offsets(made)).toEqual([2, 1, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('conditioning frames in the future of the pass lend memory but no pointer', () => {
    const made = recall(bank([5], []), 2, 1, rules({ kind: 'standard' }));
    expect([indices(made), offsets(made)]).toEqual([[6], []]);
  });

  test('of many conditioning frames the closest before, at or after, then the nearest; the rest are ordinary', () => {
    const many = bank([0, 2, 4, 6, 9, 12], [entry(1), entry(3)]);
    expect([...closestConditioning(many, 5, 4).keys()]).toEqual([4, 6, 2, 9]);
    const made = recall(many, 5, 1, rules({ kind: 'standard' }, 4));
    expect(indices(made)).toEqual([6, 6, 6, 6, 1, 3, 4]);
    expect(offsets(made)).toEqual([1, 3, 2, 4, 5]);
  });

  test('selective: worthless frames are skipped, the neighbour never, and pointers count ranks', () => {
    const tracked = [entry(1), ...[2, 3].map((frame) => entry(frame, { memScore: 0 }))];
    const made = recall(bank([0], tracked), 4, 1, rules({ kind: 'selective', scoreAbove: 0.01 }));
    expect(made.memories.map(({ tokens }) => tokens[0])).toEqual([0, 3, 1]);
    expect(indices(made)).toEqual([6, 0, 1]);
    expect(offsets(made)).toEqual([4, 1]);
  });

  test('kalman: frames off the expected way are skipped, pointers stay', () => {
    const tracked = [entry(1), entry(2, { motionScore: 0 }), entry(3)];
    const made = recall(bank([0], tracked), 4, 1, rules({ kind: 'kalman', iouAbove: 0.5 }));
    expect(made.memories.map(({ tokens }) => tokens[0])).toEqual([0, 3, 1]);
    expect(offsets(made)).toEqual([4, 1, 2, 3]);
  });

  test('kalman: a frame on which it was not visible is skipped, but for the neighbour', () => {
    const tracked = [entry(1), entry(2, { scoreLogit: -1 }), entry(3, { scoreLogit: -1 })];
    const made = recall(bank([0], tracked), 4, 1, rules({ kind: 'kalman', iouAbove: 0.5 }));
    expect(made.memories.map(({ tokens }) => tokens[0])).toEqual([0, 3, 1]);
  });

  test('a selective walk forward stops before frame 0, backward it does not', () => {
    const tracked = [entry(0), entry(1), entry(2)];
    const walked = (t: number, heading: 1 | -1) =>
      recall(bank([5], tracked), t, heading, rules({ kind: 'visible', iouAbove: 0.5 })).memories.map(
        ({ tokens }) => tokens[0],
      );
    expect(walked(3, 1)).toEqual([5, 2, 1]);
    expect(recall(bank([5], [entry(0)]), 1, 1, rules({ kind: 'visible', iouAbove: 0.5 })).memories).toHaveLength(2);
    const made = recall(bank([5], [entry(3), entry(4)]), 2, -1, rules({ kind: 'visible', iouAbove: 0.5 }));
    expect(made.memories.map(({ tokens }) => tokens[0])).toEqual([5, 3, 4]);
  });

  test('a conditioning frame that is corrected lends itself its pointer', () => {
    expect(offsets(recall(bank([3], []), 3, 1, rules({ kind: 'standard' })))).toEqual([0]);
  });

  test('a frame that is not to be remembered lends nothing', () => {
    const made = recall(bank([0], [entry(1), entry(2, { tokens: null })]), 3, 1, rules({ kind: 'standard' }));
    expect([indices(made), offsets(made)]).toEqual([
      [6, 1],
      [3, 2],
    ]);
  });
});

describe('memory around a correction', () => {
  test('loses the frames that detections made, never one of a person', () => {
    const made = bank([2, 4], [entry(3)]);
    for (const frame of [6, 7, 12]) made.condition(entry(frame));
    made.clearDetectedAround(6, 4);
    expect([...made.conditioning.keys()]).toEqual([2, 4, 6, 12]);
  });
});

describe('choice of mask', () => {
  const decoded = (token0: readonly number[]) => ({
    masks: Float32Array.from([...token0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
    ious: Float32Array.of(0.9, 0.3, 0.8, 0.5),
    objectScoreLogit: 1,
    pointers: new Float32Array(4),
  });

  test.each([
    ['one click: the best alternative', 1, [5, 5, 5, 5], 2, 2],
    ['no click: the best alternative', 0, [5, 5, 5, 5], 2, 2],
    ['two clicks: the single mask', 2, [5, 5, 5, 5], 0, 0],
    ['two clicks, soft edge: the best alternative with the single pointer', 2, [5, 0.01, 0.01, 0.01], 2, 0],
    ['two clicks, empty mask: stable', 2, [-5, -5, -5, -5], 0, 0],
  ] as const)('%s', (_, points, token0, maskIndex, pointerIndex) => {
    expect(chooseMask(decoded(token0), points, constants)).toMatchObject({ maskIndex, pointerIndex });
  });
});

describe('action history', () => {
  const ids = (...numbers: number[]) => numbers.map((each) => objectId(each));
  const full = (start: number) => ({ kind: 'full' as const, start: frameIndex(start) });
  const refine = (id: number) => ({ kind: 'refine' as const, objectId: objectId(id) });
  const cases = [
    ['nothing yet', [], { kind: 'full' }],
    ['a new concept', [full(0), { kind: 'concept' as const }], { kind: 'full' }],
    ['after a run over everything', [full(0)], { kind: 'fetch' }],
    ['after half of both', [full(5)], { kind: 'full' }],
    ['after both halves', [full(5), full(5)], { kind: 'fetch' }],
    ['corrections', [full(0), refine(2), refine(1), refine(2)], { kind: 'partial', objectIds: ids(2, 1) }],
    [
      'a correction, then removed',
      [full(0), refine(2), { kind: 'remove' as const, objectId: objectId(2) }],
      { kind: 'fetch' },
    ],
  ] as const;
  test.each(cases)('%s', (_, actions, expected) => {
    const history = new ActionHistory();
    for (const action of actions) history.add(action);
    expect(history.next(18)).toEqual(expected);
  });
});
