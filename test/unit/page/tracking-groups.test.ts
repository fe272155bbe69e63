import { describe, expect, it } from 'vitest';
import type { Desk } from '../../../src-renderer/state/desk.ts';
import { Store } from '../../../src-renderer/state/store.ts';
import { initialSettings, initialState, type StudioState } from '../../../src-renderer/state/studio-state.ts';
import { Tracking } from '../../../src-renderer/state/tracking.ts';
import type { SessionState } from '../../../src-shared/contract/results.ts';
import { objectId } from '../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';

const SESSION = { objects: [], prompts: [], concepts: [], comparisons: [], runs: [] } as unknown as SessionState;
const five = [1, 2, 3, 4, 5].map(objectId);

/** A desk whose machine holds some objects at a time; notes what each run was asked for. */
function deskOf(most: number): { desk: Desk; runs: (readonly number[])[]; failures: string[] } {
  const runs: (readonly number[])[] = [];
  const failures: string[] = [];
  const session = { sessionId: 's', state: SESSION, times: {} as never };
  const store = new Store<StudioState>({ ...initialState(initialSettings), session });
  async function* track({ objectIds }: { readonly objectIds: readonly number[] }) {
    runs.push(objectIds);
    yield { kind: 'started', frameCount: 9, provider: 'gpu', objectIds, phrases: [], resumedFrames: 0, notes: [] };
    if (objectIds.length > most) throw new StudioError('out-of-memory', 'resource', 'Not enough memory.');
  }
  const client = { track, sessionState: async () => SESSION };
  const notices = {
    show: () => {},
    fail: (error: unknown) => failures.push(StudioError.from(error).code),
    guard: (work: () => Promise<void>) => work(),
  };
  const desk = { store, notices, host: {}, client: () => client, media: () => null } as unknown as Desk;
  return { desk, runs, failures };
}

describe('a run that did not fit into memory', () => {
  it('is tracked in two groups, each whole object once', async () => {
    const { desk, runs, failures } = deskOf(3);
    desk.store.patch({ failedObjects: five });
    await new Tracking(desk).startInGroups();
    expect(runs).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    expect(failures).toEqual([]);
    expect(desk.store.value.failedObjects).toEqual([]);
  });

  it('stops at a group that does not fit either, and offers to halve that', async () => {
    const { desk, runs, failures } = deskOf(2);
    desk.store.patch({ failedObjects: five });
    const tracking = new Tracking(desk);
    await tracking.startInGroups();
    expect({ runs, failures }).toEqual({ runs: [[1, 2, 3]], failures: ['out-of-memory'] });
    expect(desk.store.value.failedObjects).toEqual([1, 2, 3]);
    await tracking.startInGroups();
    expect(runs.slice(1)).toEqual([[1, 2], [3]]);
  });
});
