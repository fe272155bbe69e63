import { describe, expect, test } from 'vitest';
import { runLength } from '../../src-main/core/studio/session/run-length.ts';
import { type Pass, planPasses, type RangeRequest } from '../../src-main/core/tracking/passes.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import type { Direction } from '../../src-shared/domain/prompt.ts';

const COUNT = 20;
const request = (first: number, last: number, direction: Direction, start?: number): RangeRequest => ({
  ...{ first: frameIndex(first), last: frameIndex(last), direction },
  start: start === undefined ? undefined : frameIndex(start),
});
const ranges = (passes: readonly Pass[]) =>
  passes.map(({ heading, range }) => (heading === 1 ? [range.first, range.last] : [range.last, range.first]));
/** Frames of a pass on which an object with these conditioning frames takes part. */
const covered = (pass: Pass, conditioning: readonly number[]) =>
  Array.from({ length: COUNT }, (_, frame) => frame).filter(
    (frame) => frame >= pass.range.first && frame <= pass.range.last && pass.covers(conditioning, frame),
  );

describe('the passes of a run', () => {
  test.each([
    ['forward from the earliest prompt', 'forward', true, [[[5], [9]]], [[5, 15]]],
    ['backward from the latest, of the reference from the earliest', 'backward', true, [[[5], [9]]], [[9, 2]]],
    ['backward of the reference', 'backward', false, [[[5], [9]]], [[5, 2]]],
    [
      'both: forward, then what lies before each',
      'both',
      true,
      [[[5], [9]]],
      [
        [5, 15],
        [8, 2],
      ],
    ],
    [
      'both of the reference: nothing twice',
      'both',
      false,
      [[[5], [9]]],
      [
        [5, 15],
        [4, 2],
      ],
    ],
    ['prompted before the range: from its first frame', 'forward', true, [[[0]]], [[2, 15]]],
    ['prompted after the range, backward: from its last frame', 'backward', true, [[[19]]], [[15, 2]]],
    [
      'prompted after the range, both: all of it on the way back',
      'both',
      true,
      [[[19]]],
      [
        [15, 15],
        [15, 2],
      ],
    ],
  ] as const)('%s', (_, direction, ownStarts, [prompted], expected) => {
    expect(ranges(planPasses(request(2, 15, direction), prompted, COUNT, ownStarts))).toEqual(expected);
  });

  test('an object takes part from its own prompt on; with the reference everywhere', () => {
    const [forward, back] = planPasses(request(2, 15, 'both'), [[5], [9, 12]], COUNT, true);
    expect(covered(forward, [9, 12])).toEqual([9, 10, 11, 12, 13, 14, 15]);
    expect(covered(back, [9, 12])).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(covered(back, [5])).toEqual([2, 3, 4]);
    const [backward] = planPasses(request(2, 15, 'backward'), [[5], [9, 12]], COUNT, true);
    expect(covered(backward, [5])).toEqual([2, 3, 4, 5]);
    const [reference] = planPasses(request(2, 15, 'forward'), [[5], [9, 12]], COUNT, false);
    expect(covered(reference, [9, 12])).toHaveLength(11);
  });

  test('are as long as a run says beforehand that it will be', () => {
    let state = 1;
    const below = (most: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 16) % most;
    };
    for (let round = 0; round < 500; round++) {
      const first = below(COUNT);
      const last = first + below(COUNT - first);
      const direction = (['forward', 'backward', 'both'] as const)[below(3)];
      const policy = (['studio', 'reference'] as const)[below(2)];
      const prompted = Array.from({ length: 1 + below(3) }, () =>
        Array.from({ length: 1 + below(3) }, () => below(COUNT)),
      );
      const start =
        direction !== 'both' && policy === 'reference' && below(2) === 0 ? first + below(last - first + 1) : null;
      const asked = request(first, last, direction, start ?? undefined);
      const passes = planPasses(asked, prompted, COUNT, policy === 'studio');
      const frames = (heading: 1 | -1) =>
        passes
          .filter((pass) => pass.heading === heading)
          .reduce((sum, { range }) => sum + range.last - range.first + 1, 0);
      const prompts = prompted.flatMap((own, index) =>
        own.map((frame) => ({
          ...({ kind: 'point', objectId: objectId(index + 1), frameIndex: frameIndex(frame) } as const),
          ...{ point: { x: 0, y: 0 }, include: true },
        })),
      );
      const range = { first: asked.first, last: asked.last };
      const said = runLength({ range, direction, prompts, policy, start: start === null ? null : frameIndex(start) });
      expect([said.forward, said.backward], JSON.stringify({ asked, prompted, policy })).toEqual([
        frames(1),
        frames(-1),
      ]);
    }
  });
});
