import { afterEach, describe, expect, it, vi } from 'vitest';
import { previewOf, RunOutlooks } from '../../../src-renderer/state/run-preview.ts';
import { expectedTime, noteSpeed } from '../../../src-renderer/state/run-speeds.ts';
import { initialSettings, initialState, type StudioState } from '../../../src-renderer/state/studio-state.ts';
import type { TrackingPlan } from '../../../src-shared/contract/tracking-contract.ts';
import { MOST_MEMORY_BYTES, runMemoryBytes } from '../../../src-shared/domain/run-memory.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { sessionsDesk, stateOf } from './sessions-desk.ts';

const plan = {
  objectIds: [1, 2],
  conceptIds: [],
  range: { first: 0, last: 9 },
  frameCount: 14,
} as unknown as TrackingPlan;
const state = { ...initialState(initialSettings), model: { packId: 'p', memoryBytes: 1e5 } } as unknown as StudioState;

/** A browser's storage. */
function storageOf(stored = new Map<string, string>()): Storage {
  const setItem = (key: string, text: string) => stored.set(key, text);
  return { getItem: (key: string) => stored.get(key) ?? null, setItem } as unknown as Storage;
}

describe('what Track promises', () => {
  it('are the frames that it visits, and room for each of the range once and for what the objects remember', () => {
    const { frames, objects, bytes } = previewOf(plan, state, null, storageOf());
    expect([frames, objects]).toEqual([14, 2]);
    expect(bytes).toBe(10 * 2 * (1500 + 160) + 10 * 2 * 1e5);
    expect(runMemoryBytes(10, 2, 1e5)).toBe(2e6);
    // A long run stores no more than its next frames need.
    expect(runMemoryBytes(100_000, 2, 1e6)).toBe(16e6);
    expect(runMemoryBytes(100_000, 2, 1e6)).toBeLessThan(MOST_MEMORY_BYTES);
  });
});

describe('the time of a run', () => {
  afterEach(() => vi.unstubAllGlobals());
  const measured = (...speeds: [things: number, millis: number][]) => {
    const storage = storageOf();
    vi.stubGlobal('localStorage', storage);
    for (const [things, millis] of speeds) noteSpeed(state, things, millis);
    return (things: number) => {
      const time = expectedTime(state, 100, things, storage);
      return time === null ? null : [time.least, time.most];
    };
  };

  it('is not known before anything was measured, or from what cannot be read', () => {
    expect(measured()(1)).toBeNull();
    expect(expectedTime(state, 100, 1, storageOf(new Map([['masklet-speeds:p:auto', '{']])))).toBeNull();
  });

  it('is that of the last run with as many objects', () => {
    expect(measured([1, 20], [1, 10])(1)).toEqual([1, 1]);
  });

  it('lies between as long and as many times as long for another number of them', () => {
    expect(measured([1, 10])(4)).toEqual([1, 4]);
    expect(measured([4, 40])(1)).toEqual([1, 4]);
  });

  it('goes with what two numbers of them have taken', () => {
    expect(measured([1, 10], [3, 20])(5)).toEqual([3, 3]);
    // The machine was busy with something else.
    expect(measured([1, 30], [3, 20])(5)).toEqual([2, 2]);
  });
});

describe('the planner', () => {
  const open = async (planTracking: () => Promise<unknown>) => {
    const parts = sessionsDesk({ planTracking });
    new RunOutlooks(parts.desk);
    await parts.sessions.open({ videoPath: null, sessionPath: 'a' });
    return parts;
  };

  it('asks again when marks or prompts have changed, and forgets while something runs', async () => {
    const asked = vi.fn(async () => plan);
    const { store } = await open(asked);
    await vi.waitFor(() => expect(store.value.outlook).toEqual({ kind: 'plan', plan }));
    const before = asked.mock.calls.length;
    store.patch({ marks: { first: 2, last: 4 } });
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(before + 1));
    expect(asked).toHaveBeenLastCalledWith(
      expect.objectContaining({ range: { first: 2, last: 4 }, direction: 'both' }),
    );
    store.patch({ playhead: { frameIndex: 3, rate: 0 } });
    store.patch({ session: { ...store.value.session!, state: stateOf('a') } });
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(before + 2));
    store.patch({ job: {} as StudioState['job'] });
    expect(store.value.outlook).toBeNull();
    store.patch({ job: null });
    await vi.waitFor(() => expect(store.value.outlook).not.toBeNull());
  });

  it.each([
    ['range-invalid', { kind: 'outside' }],
    ['no-prompts', null],
  ] as const)('says what %s means', async (code, outlook) => {
    const asked = vi.fn(async () => {
      throw new StudioError(code, 'user', 'No.');
    });
    const { store, told } = await open(asked);
    await vi.waitFor(() => expect(asked).toHaveBeenCalled());
    await vi.waitFor(() => expect(store.value.outlook).toEqual(outlook));
    expect(told()).toEqual([]);
  });
});
