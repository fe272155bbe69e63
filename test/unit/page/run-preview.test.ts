import { describe, expect, it } from 'vitest';
import { previewOf } from '../../../src-renderer/state/run-preview.ts';
import type { StudioState } from '../../../src-renderer/state/studio-state.ts';
import { MOST_MEMORY_BYTES, runMemoryBytes } from '../../../src-shared/domain/run-memory.ts';
import { stateOf } from './sessions-desk.ts';

const nothing = { getItem: () => null } as unknown as Storage;
const whole = [{ first: 0, last: 9 }];

interface Said {
  readonly covered?: readonly object[];
  readonly locked?: boolean;
  readonly conceptId?: number;
}

/** A clip of ten frames with prompted objects, and the planner line of what Track would do. */
function plan(said: readonly Said[], more: object = {}, change: Partial<StudioState> = {}) {
  const objects = said.map((each, at) => ({ objectId: at + 1, locked: false, conceptId: null, covered: [], ...each }));
  const prompts = objects.map(({ objectId }) => ({ prompt: { kind: 'point', objectId } }));
  const state = { ...stateOf('a'), objects, prompts, ...more };
  const desk = { marks: { first: null, last: null }, settings: {}, model: { packId: 'p', memoryBytes: 1e5 } };
  return previewOf({ ...desk, session: { state }, ...change } as unknown as StudioState, null, nothing);
}

describe('what Track promises', () => {
  it('are the objects that were not gone over, whatever masks they have', () => {
    // A half that was split off has masks on a part of the clip only, and nothing is to be done.
    expect(plan([{ covered: whole }, {}, { covered: [{ first: 0, last: 4 }] }])).toMatchObject({ objects: 2 });
    expect(plan([{ covered: whole }])).toMatchObject({ objects: 0, concepts: 0 });
  });

  it('is only about the frames between the marks', () => {
    const marks = { first: 2, last: 4 };
    expect(plan([{ covered: [{ first: 0, last: 4 }] }], {}, { marks })).toMatchObject({ objects: 0, frames: 3 });
  });

  it('leaves out what is locked, and counts a phrase that was not looked for everywhere', () => {
    const concepts = [
      { conceptId: 1, covered: [{ first: 0, last: 4 }] },
      { conceptId: 2, covered: whole },
    ];
    expect(plan([{ locked: true }], { concepts })).toMatchObject({ objects: 0, concepts: 1 });
  });

  it('is everything with another pack', () => {
    expect(plan([{ covered: whole }], { runs: [{ packId: 'other' }] })).toMatchObject({ objects: 1 });
  });

  it('has room for what the objects remember', () => {
    expect(plan([{}, {}])?.bytes).toBe(10 * 2 * (1500 + 160) + 10 * 2 * 1e5);
    expect(runMemoryBytes(10, 2, 1e5)).toBe(2e6);
    // A long run stores no more than its next frames need.
    expect(runMemoryBytes(100_000, 2, 1e6)).toBe(16e6);
    expect(runMemoryBytes(100_000, 2, 1e6)).toBeLessThan(MOST_MEMORY_BYTES);
  });
});
