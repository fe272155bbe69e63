import { describe, expect, it, vi } from 'vitest';
import { appCommands } from '../../../src-renderer/commands/app-commands.ts';
import { applyState } from '../../../src-renderer/state/desk.ts';
import { searchedConcepts } from '../../../src-renderer/state/run-preview.ts';
import type { StudioState } from '../../../src-renderer/state/studio-state.ts';
import { Tracking } from '../../../src-renderer/state/tracking.ts';
import type { SessionState } from '../../../src-shared/contract/results.ts';
import type { PromptInput } from '../../../src-shared/contract/schemas.ts';
import { objectId, promptId } from '../../../src-shared/domain/ids.ts';
import { cancelled } from '../../../src-shared/errors/studio-error.ts';
import { sessionsDesk, stateOf } from './sessions-desk.ts';

/** A studio whose engine takes prompts at once and answers them when it is let; `runs`: prompts that were stored when a run began, and what it asked. */
async function clickingDesk() {
  const answer = Promise.withResolvers<void>();
  const prompts: unknown[] = [];
  const runs: unknown[] = [];
  const state = () =>
    ({ ...stateOf('a'), prompts: [...prompts], nextObjectId: objectId(prompts.length + 1) }) as SessionState;
  const parts = sessionsDesk({
    addPrompts: async ({ prompts: [prompt] }: { readonly prompts: readonly PromptInput[] }) => {
      prompts.push({ promptId: promptId(prompts.length + 1), prompt });
      return state();
    },
    segment: async ({ frameIndex }: { readonly frameIndex: number }) => {
      await answer.promise;
      return { frameIndex, masks: [], wallMillis: 1 };
    },
    sessionState: async () => state(),
    cancelTracking: async () => ({ cancelled: false }),
    track: async function* ({ range }: { readonly range: unknown }) {
      runs.push({ stored: prompts.length, range });
      yield { kind: 'up-to-date' };
    },
  });
  await parts.sessions.open({ videoPath: null, sessionPath: 'a' });
  const { prompting } = parts;
  const tracking = new Tracking(parts.desk, (sessionId) => prompting.settled(sessionId));
  const clickObject = (x: number, frame?: number) => {
    prompting.newObject();
    prompting.addPoint({ x, y: 1 }, true, frame);
  };
  return { ...parts, tracking, clickObject, runs, answer: answer.resolve };
}

describe('a run that is started while clicks wait', () => {
  it('tracks what every one of them was about', async () => {
    const { tracking, clickObject, runs, answer } = await clickingDesk();
    for (const x of [1, 4, 8]) clickObject(x);
    const ended = tracking.start('both');
    answer();
    await ended;
    expect(runs).toEqual([{ stored: 3, range: { first: null, last: null } }]);
  });

  it('is offered for the first click, however fast the key comes', async () => {
    const { store, clickObject } = await clickingDesk();
    const both = appCommands.find(({ id }) => id === 'track-both');
    expect(both?.when(store.value)).toBe(false);
    clickObject(1);
    expect(both?.when(store.value)).toBe(true);
  });

  it('mends from the correction that was clicked last, wherever the person has gone meanwhile', async () => {
    const { store, prompting, tracking, clickObject, runs, answer } = await clickingDesk();
    clickObject(1, 0);
    store.patch({ playhead: { frameIndex: 6, rate: 0 } });
    // It waits for the answer to the first.
    prompting.addPoint({ x: 2, y: 2 }, true);
    const ended = tracking.retrack('forward');
    store.patch({ playhead: { frameIndex: 2, rate: 0 } });
    answer();
    await ended;
    expect(runs).toEqual([{ stored: 2, range: { first: 6, last: null } }]);
  });

  it('does not begin when it is cancelled before', async () => {
    const { store, tracking, clickObject, runs, answer, told } = await clickingDesk();
    clickObject(1);
    const ended = tracking.start('both');
    await vi.waitFor(() => expect(store.value.job?.state).toBe('starting'));
    await tracking.cancel();
    answer();
    await ended;
    expect(runs).toEqual([]);
    expect(store.value).toMatchObject({ job: null, paused: null });
    expect(told()).toEqual(['info notice.cancelled']);
  });
});

describe('a step of one frame', () => {
  it('leaves phrases alone that have found something: a search begins anew', () => {
    const concepts = [{ conceptId: 1 }, { conceptId: 2 }];
    const objects = [{ objectId: 1, conceptId: 1 }];
    const state = { session: { state: { ...stateOf('a'), concepts, objects } } } as unknown as StudioState;
    expect(searchedConcepts(state, 'forward-one')).toEqual([2]);
    expect(searchedConcepts(state, 'forward')).toEqual([1, 2]);
  });
});

describe('a run that was taken up again', () => {
  it('is told of, and measured, by what was left of it', async () => {
    const parts = sessionsDesk({
      track: async function* () {
        const rest = { provider: 'cpu', objectIds: [1], phrases: ['dog'], notes: [] };
        yield { kind: 'started', frameCount: 90, resumedFrames: 80, ...rest };
        yield { kind: 'finished', framesDone: 90, objectCount: 1, wallMillis: 1000, notes: [] };
      },
    });
    await parts.sessions.open({ videoPath: null, sessionPath: 'a' });
    parts.written.length = 0;
    await new Tracking(parts.desk).resume();
    expect(parts.written).toEqual(['{"2":100}']);
    expect(parts.store.value.notices[0].values).toMatchObject({ frames: 10 });
  });
});

describe('a run that has ended', () => {
  const finished = { kind: 'finished', framesDone: 9, objectCount: 1, wallMillis: 900, notes: [] };
  it.each([finished, { kind: 'up-to-date' }])('is told of once it can be gone on with: $kind', async (ending) => {
    const run = { state: 'done', framesDone: 9, frameCount: 9, resumable: false, objectIds: [1] };
    let hasRun = false;
    const parts = sessionsDesk({
      sessionState: async () => ({ ...stateOf('a'), runs: hasRun ? [run] : [] }),
      track: async function* () {
        hasRun = true;
        yield ending;
      },
    });
    await parts.sessions.open({ videoPath: null, sessionPath: 'a' });
    const { store } = parts;
    const exporting = appCommands.find(({ id }) => id === 'export');
    const seen: unknown[] = [];
    store.subscribe(() => {
      const { notices, session } = store.value;
      if (notices.length > 0)
        seen.push([notices[0].title, exporting?.when(store.value), session?.state.runs.at(-1)?.state]);
    });
    await new Tracking(parts.desk).start('both');
    const title = ending === finished ? 'notice.tracked' : 'notice.upToDate';
    expect(seen[0]).toEqual([title, true, 'done']);
  });
});

describe('what a run that is stopped has kept', () => {
  it.each(['pause', 'cancel'] as const)('is what is stored at its end, not what was told before: %s', async (how) => {
    const running = Promise.withResolvers<void>();
    const run = { state: 'cancelled', framesDone: 12, frameCount: 90, resumable: true, objectIds: [] };
    const parts = sessionsDesk({
      sessionState: async () => ({ ...stateOf('a'), runs: [run] }),
      cancelTracking: async () => running.resolve(),
      track: async function* () {
        yield {
          kind: 'started',
          frameCount: 90,
          resumedFrames: 0,
          provider: 'cpu',
          objectIds: [],
          phrases: [],
          notes: [],
        };
        await running.promise;
        throw cancelled();
      },
    });
    await parts.sessions.open({ videoPath: null, sessionPath: 'a' });
    const tracking = new Tracking(parts.desk);
    const ended = tracking.start('both');
    await vi.waitFor(() => expect(parts.store.value.job?.state).toBe('running'));
    await tracking[how]();
    await ended;
    const { paused, notices } = parts.store.value;
    if (how === 'pause') expect([paused?.framesDone, notices]).toEqual([12, []]);
    else expect([paused, notices[0].values]).toEqual([null, { frames: 12 }]);
  });
});

describe('a tab that looks on', () => {
  it('shows which objects are tracked', async () => {
    const run = { state: 'running', framesDone: 3, frameCount: 90, resumable: false, objectIds: [2] };
    let reads = 0;
    const parts = sessionsDesk({
      sessionState: async () => ({ ...stateOf('a'), runs: [reads++ === 0 ? run : { ...run, state: 'done' }] }),
    });
    await parts.sessions.open({ videoPath: null, sessionPath: 'a' });
    const followed = new Tracking(parts.desk).follow();
    await vi.waitFor(() => expect(parts.store.value.job).toMatchObject({ objectIds: [2], framesDone: 3 }));
    await followed;
  });
});

describe('a run that the home screen offers to go on with', () => {
  it.each([true, false])('goes on, or it is said that it cannot: %s', async (resumable) => {
    const resumed: unknown[] = [];
    const runs = [{ state: 'interrupted', framesDone: 20, frameCount: 50, resumable }];
    const state = { ...stateOf('a'), runs };
    const { desk, sessions, told } = sessionsDesk({
      openSession: async function* () {
        yield { kind: 'opened', sessionId: 'a', state, isNew: false, role: 'editor', mediaChanged: false };
      },
      sessionState: async () => state,
      track: async function* ({ resume }: { readonly resume: boolean }) {
        resumed.push(resume);
        yield { kind: 'up-to-date' };
      },
    });
    await sessions.open({ videoPath: null, sessionPath: 'a' });
    const tracking = new Tracking(desk);
    // Another one came onto the desk meanwhile.
    await tracking.resumeOpened('b');
    expect([resumed, told()]).toEqual([[], []]);
    await tracking.resumeOpened('a');
    expect(resumed).toEqual(resumable ? [true] : []);
    expect(told()).toEqual([resumable ? 'info notice.upToDate' : 'warning notice.notResumed']);
  });
});

describe('a run that was stopped', () => {
  const stopped = (resumable: boolean) =>
    ({ ...stateOf('a'), runs: [{ state: 'cancelled', framesDone: 20, frameCount: 50, resumable }] }) as never;

  it.each([true, false])('is offered again after a reload where it can go on: %s', async (resumable) => {
    const parts = sessionsDesk({
      openSession: async function* () {
        yield {
          kind: 'opened',
          sessionId: 'a',
          state: stopped(resumable),
          isNew: false,
          role: 'editor',
          mediaChanged: false,
        };
      },
    });
    await parts.sessions.open({ videoPath: null, sessionPath: 'a' });
    const paused = resumable ? { framesDone: 20, frameCount: 50, reason: 'paused' } : null;
    expect(parts.store.value.paused).toEqual(paused);
    // Something is said that it does not know.
    applyState(parts.desk, 'a', stopped(false));
    expect(parts.store.value.paused).toBeNull();
  });
});
