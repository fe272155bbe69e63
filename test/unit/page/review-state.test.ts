import { describe, expect, it } from 'vitest';
import { identityGhosts } from '../../../src-renderer/state/identity-ghosts.ts';
import { freshReview } from '../../../src-renderer/state/review-state.ts';
import { secsLeft } from '../../../src-renderer/state/reviewing.ts';
import type { IdentityChange, IdentityLane, IdentityPlan } from '../../../src-shared/contract/identity.ts';
import { frameIndex, objectId } from '../../../src-shared/domain/ids.ts';

const at = frameIndex;
type Span = readonly [first: number, last: number, state?: 'present' | 'absent'];

function lane(id: number, fate: IdentityLane['fate'], before: readonly Span[], after: readonly Span[]): IdentityLane {
  const spans = (list: readonly Span[]) =>
    list.map(([first, last, state = 'present']) => ({ first: at(first), last: at(last), state }));
  return {
    objectId: objectId(id),
    name: `O${id}`,
    colour: `#00000${id}`,
    fate,
    before: spans(before),
    after: spans(after),
  };
}

const planOf = (...lanes: IdentityLane[]): IdentityPlan => ({
  label: '',
  lanes,
  masks: 0,
  promptsMoved: 0,
  promptsDropped: 0,
});
const ghosts = (change: IdentityChange, plan: IdentityPlan) =>
  identityGhosts(change, plan).map(({ objectId: id, first, last, colour }) => [id, first, last, colour]);
const one = objectId(1);
const two = objectId(2);

describe('ghost lanes', () => {
  it('of a split show the right part in the new colour', () => {
    const plan = planOf(lane(1, 'kept', [[0, 99]], [[0, 39]]), lane(3, 'made', [], [[40, 99]]));
    expect(ghosts({ kind: 'split', objectId: one, frameIndex: at(40) }, plan)).toEqual([[1, 40, 99, '#000003']]);
  });

  it('of a swap show each stretch in the other colour, inside the range only', () => {
    const plan = planOf(
      lane(
        1,
        'kept',
        [[0, 99]],
        [
          [0, 49],
          [60, 99],
        ],
      ),
      lane(
        2,
        'kept',
        [
          [0, 49],
          [60, 99],
        ],
        [[0, 99]],
      ),
    );
    expect(ghosts({ kind: 'swap', objectId: one, otherId: two, first: at(40), last: at(79) }, plan)).toEqual([
      [1, 40, 49, '#000002'],
      [1, 60, 79, '#000002'],
      [2, 40, 79, '#000001'],
    ]);
  });

  it('of a join show what is gained, and the other lane going', () => {
    const plan = planOf(lane(2, 'gone', [[30, 99]], []), lane(1, 'kept', [[0, 49]], [[0, 99]]));
    expect(ghosts({ kind: 'join', objectId: one, otherId: two }, plan)).toEqual([
      [1, 50, 99, '#000002'],
      [2, 30, 99, null],
    ]);
  });

  it('of absence show an empty stretch', () => {
    const plan = planOf(
      lane(
        1,
        'kept',
        [[0, 99]],
        [
          [0, 9],
          [10, 19, 'absent'],
          [20, 99],
        ],
      ),
    );
    expect(ghosts({ kind: 'absent', objectId: one, first: at(10), last: at(19) }, plan)).toEqual([[1, 10, 19, null]]);
  });
});

describe('the time that is left', () => {
  it('starts from a guess and follows the pace of the sitting', () => {
    expect(secsLeft(freshReview, 10)).toBe(80);
    const slow = secsLeft({ ...freshReview, decided: 20, decidingMillis: 20 * 30_000 }, 10);
    expect(slow).toBeGreaterThan(250);
    expect(slow).toBeLessThan(300);
  });
});
