import { afterEach, describe, expect, it, vi } from 'vitest';
import { editCommands } from '../../../src-renderer/commands/edit-commands.ts';
import { brushOf } from '../../../src-renderer/state/brush.ts';
import { Concepts } from '../../../src-renderer/state/concepts.ts';
import type { Desk } from '../../../src-renderer/state/desk.ts';
import { Notices } from '../../../src-renderer/state/notices.ts';
import { Preview } from '../../../src-renderer/state/preview.ts';
import { Prompting } from '../../../src-renderer/state/prompting.ts';
import { Store } from '../../../src-renderer/state/store.ts';
import { initialSettings, initialState, type StudioState } from '../../../src-renderer/state/studio-state.ts';
import type { ObjectState, PromptState, SessionState } from '../../../src-shared/contract/results.ts';
import type { PromptInput } from '../../../src-shared/contract/schemas.ts';
import { objectId, type PromptId, promptId } from '../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { type RleMask, rleFromBitmap } from '../../../src-shared/mask/rle.ts';
import { sessionsDesk } from './sessions-desk.ts';

const at = { x: 1, y: 1 };
const dot = rleFromBitmap(Uint8Array.of(1), 1, 1);
const none = rleFromBitmap(Uint8Array.of(0), 1, 1);

/** A desk whose engine keeps prompts as the real one does, and answers when it is let. */
function deskOf() {
  const log: string[] = [];
  let lastPrompt = 0;
  let prompts: PromptState[] = [];
  const objects: ObjectState[] = [];
  const made: number[] = [];
  const state = () => {
    const rest = {
      concepts: [],
      comparisons: [],
      runs: [],
      reviews: [],
      history: { undo: null, redo: null },
      video: { frameCount: 9 },
    };
    const nextObjectId = objectId(Math.max(0, ...made) + 1);
    return { objects: [...objects], prompts: [...prompts], nextObjectId, ...rest } as unknown as SessionState;
  };
  let gate = Promise.withResolvers<void>();
  const client = {
    addPrompts: async ({ prompts: [prompt] }: { prompts: readonly PromptInput[] }) => {
      if (!('objectId' in prompt)) throw new Error('no object');
      const { objectId: id, frameIndex, kind } = prompt;
      log.push(`${kind} ${id} @${frameIndex}`);
      prompts.push({ promptId: promptId(++lastPrompt), prompt } as PromptState);
      if (!made.includes(id)) made.push(id);
      if (!objects.some((object) => object.objectId === id)) {
        objects.push({ objectId: id, name: 'o', stale: [], tracking: 'new', locked: false } as unknown as ObjectState);
      }
      return state();
    },
    removePrompts: async ({ promptIds }: { promptIds: readonly PromptId[] }) => {
      log.push(`remove ${promptIds}`);
      if (promptIds.some((id) => !prompts.some((each) => each.promptId === id))) {
        throw new StudioError('prompt-invalid', 'user', 'There is no such prompt.');
      }
      prompts = prompts.filter((each) => !promptIds.includes(each.promptId));
      return state();
    },
    changePrompt: async ({ promptId: id }: { promptId: PromptId }) => {
      log.push(`change ${id}`);
      return state();
    },
    undo: async ({ sessionId }: { sessionId: string }) => {
      log.push(`undo on ${sessionId}`);
      return state();
    },
    segment: async ({ objectIds, frameIndex }: { objectIds: readonly number[]; frameIndex: number }) => {
      log.push(`ask ${objectIds} @${frameIndex}`);
      await gate.promise;
      return { frameIndex, masks: [], wallMillis: 1 };
    },
    sessionState: async () => state(),
  };
  const nothing = () => {};
  let shown: readonly { objectId: number; mask: RleMask | null }[] = [];
  const media = {
    sessionId: 's',
    masks: { get: () => shown, merge: nothing, refresh: nothing },
    lanes: { commit: nothing, markChanged: nothing, beginReading: () => () => false },
    earlier: { refresh: nothing },
  };
  const session = { sessionId: 's', state: state(), times: {} as never };
  const store = new Store<StudioState>({ ...initialState(initialSettings), session });
  const desk = { store, notices: new Notices(store), host: {}, client: () => client, media: () => media };
  const prompting = new Prompting(desk as unknown as Desk);
  return {
    store,
    prompting,
    log,
    goTo: (frameIndex: number) => store.patch({ playhead: { frameIndex, rate: 0 } }),
    show: (...masks: typeof shown) => {
      shown = masks;
    },
    /** Until the engine waits to be let. */
    rest: () => new Promise((done) => setTimeout(done)),
    /** Lets the engine answer until nothing is left to do. */
    done: async () => {
      gate.resolve();
      while (store.value.answering) await new Promise((next) => setTimeout(next));
      gate = Promise.withResolvers<void>();
    },
    failures: () => store.value.notices.filter(({ tone }) => tone === 'error'),
  };
}

describe('a person who is faster than the answers', () => {
  it('may undo the first click and redo that before the engine knows of either', async () => {
    const { store, prompting, log, done } = deskOf();
    const isOffered = (id: string) => editCommands.find((command) => command.id === id)?.when(store.value);
    expect(['undo', 'redo'].map(isOffered)).toEqual([false, false]);
    prompting.addPoint(at, true);
    expect(['undo', 'redo'].map(isOffered)).toEqual([true, false]);
    prompting.undo();
    expect(['undo', 'redo'].map(isOffered)).toEqual([true, true]);
    prompting.addPoint(at, true);
    expect(['undo', 'redo'].map(isOffered)).toEqual([true, false]);
    await done();
    expect(log.filter((line) => !line.startsWith('ask'))).toEqual(['point 1 @0', 'undo on s', 'point 1 @0']);
    // The engine's own word counts again.
    expect(['undo', 'redo'].map(isOffered)).toEqual([false, false]);
  });

  it('makes a new object with each click after N', async () => {
    const { prompting, log, done } = deskOf();
    prompting.addPoint(at, true);
    prompting.newObject();
    prompting.addPoint(at, true);
    prompting.newObject();
    prompting.addBox({ x: 0, y: 0, width: 1, height: 1 });
    await done();
    expect(log).toEqual(['point 1 @0', 'ask 1 @0', 'point 2 @0', 'ask 2 @0', 'box 3 @0', 'ask 3 @0']);
  });

  it('goes on with an object that is still to be made', async () => {
    const { store, prompting, log, rest, done } = deskOf();
    prompting.addPoint(at, true);
    prompting.newObject();
    prompting.addPoint(at, true);
    await rest();
    // The first object is known by now, the second is not.
    expect(store.value.session?.state.objects).toHaveLength(1);
    expect(store.value.selectedObject).toBe(2);
    prompting.addPoint({ x: 2, y: 2 }, false);
    expect(brushOf(store.value).objectId).toBe(2);
    prompting.addMask(brushOf(store.value).objectId, 0, dot);
    await done();
    expect(log.filter((line) => !line.startsWith('ask'))).toEqual([
      'point 1 @0',
      'point 2 @0',
      'point 2 @0',
      'mask 2 @0',
    ]);
    expect(store.value.selectedObject).toBe(2);
    expect(brushOf(store.value).objectId).toBe(2);
  });

  it('keeps what was selected since, when an earlier click is worked off', async () => {
    const { store, prompting, log, rest, done } = deskOf();
    prompting.addPoint(at, true);
    await rest();
    prompting.addPoint(at, true);
    prompting.newObject();
    await done();
    expect(store.value.selectedObject).toBeNull();
    prompting.addPoint(at, true);
    await done();
    expect(log.at(-1)).toBe('ask 2 @0');
  });

  it('is answered on every frame, once for what was said on it last', async () => {
    const { prompting, log, goTo, done } = deskOf();
    prompting.addPoint(at, true);
    for (const frame of [1, 2]) {
      goTo(frame);
      prompting.addPoint(at, true);
      prompting.addPoint({ x: 2, y: 2 }, true);
    }
    await done();
    expect(log.filter((line) => line.startsWith('ask'))).toEqual(['ask 1 @0', 'ask 1 @1', 'ask 1 @2']);
  });

  it('paints on with one prompt', async () => {
    const { store, prompting, log, done } = deskOf();
    for (let stroke = 0; stroke < 2; stroke++) prompting.addMask(brushOf(store.value).objectId, 0, dot);
    await done();
    expect(log).toEqual(['mask 1 @0', 'change 1', 'ask 1 @0']);
  });

  it.each([
    ['beside a mask', dot, dot],
    ['where the object is absent', null, none],
    ['where the mask is empty', none, none],
  ])('says nothing by a stroke that changes nothing, %s', async (_, mask, painted) => {
    const { store, prompting, log, show, done } = deskOf();
    show({ objectId: 1, mask });
    const before = store.value;
    prompting.addMask(objectId(1), 0, painted);
    await done();
    expect([log, store.value]).toEqual([[], before]);
    // Another object has that mask.
    show({ objectId: 2, mask });
    prompting.addMask(objectId(1), 0, dot);
    await done();
    expect(log).toEqual(['mask 1 @0', 'ask 1 @0']);
  });

  it('undoes in the session in which undo was pressed', async () => {
    const { store, prompting, log, rest, done } = deskOf();
    prompting.addPoint(at, true);
    await rest();
    prompting.undo();
    const { session } = store.value;
    store.patch({ session: { ...session!, sessionId: 'other' } });
    await done();
    expect(log).toContain('undo on s');
  });

  it('removes a prompt once', async () => {
    const { store, prompting, log, goTo, rest, done, failures } = deskOf();
    prompting.addPoint(at, true);
    prompting.addPoint(at, true);
    await done();
    goTo(1);
    prompting.addPoint(at, true);
    await rest();
    goTo(0);
    for (let press = 0; press < 2; press++) prompting.removePrompts([promptId(2)]);
    prompting.movePrompt(promptId(2), { point: at });
    await done();
    expect(failures()).toEqual([]);
    expect(log.filter((line) => /remove|change/.test(line))).toEqual(['remove 2']);
    expect(log.at(-1)).toBe('ask 1 @0');
    expect(store.value.session?.state.prompts).toHaveLength(2);
  });

  it('can be waited for', async () => {
    const { prompting, log, rest, done } = deskOf();
    let isSettled = false;
    prompting.addPoint(at, true);
    await rest();
    const settled = prompting.settled('s').then(() => {
      isSettled = true;
    });
    // Said while somebody waits: that is waited for as well.
    prompting.addPoint(at, true);
    await rest();
    expect(isSettled).toBe(false);
    await done();
    await settled;
    expect(log).toEqual(['point 1 @0', 'ask 1 @0', 'point 1 @0', 'ask 1 @0']);
  });
});

describe('a click, a box and a brush', () => {
  it('belong to the frame that they were begun on, wherever the clip is by now', async () => {
    const { prompting, log, goTo, done } = deskOf();
    goTo(5);
    prompting.addPoint(at, true, 3);
    prompting.addBox({ x: 0, y: 0, width: 1, height: 1 }, 4);
    await done();
    expect(log.filter((line) => !line.startsWith('ask'))).toEqual(['point 1 @3', 'box 1 @4']);
  });
});

describe('a person who only looks on', () => {
  afterEach(() => vi.unstubAllGlobals());

  const viewer: StudioState['presence'] = { role: 'viewer', free: false, revision: 0, mediaChanged: false };

  it('says nothing and selects nothing by clicking', async () => {
    const { store, prompting, log, done, failures } = deskOf();
    store.patch({ presence: viewer });
    prompting.addPoint(at, true);
    prompting.addBox({ x: 0, y: 0, width: 1, height: 1 });
    prompting.addMask(null, 0, dot);
    prompting.movePrompt(promptId(1), { point: at });
    await done();
    expect([log, store.value.selectedObject, store.value.comingObjects, failures()]).toEqual([[], null, [], []]);
  });

  it('shows no example', async () => {
    const addPrompts = vi.fn();
    const { desk, store, sessions, told } = sessionsDesk({ addPrompts });
    await sessions.open({ videoPath: null, sessionPath: 'a' });
    store.patch({ presence: viewer });
    await new Concepts(desk).addExample({ x: 0, y: 0, width: 5, height: 5 }, true, 0);
    expect([addPrompts.mock.calls, told()]).toEqual([[], []]);
  });

  it.each([
    ['is not shown the mask of a click that does nothing', viewer, 0],
    ['is, once he edits, shown what a click would give', { ...viewer, role: 'editor' as const }, 1],
  ])('%s', async (_, presence, asked) => {
    const preview = vi.fn(async () => ({ masks: [] }));
    const { desk, store, sessions } = sessionsDesk({ preview });
    const shown = new Preview(desk);
    await sessions.open({ videoPath: null, sessionPath: 'a' });
    store.patch({ presence, shownFrame: 0 });
    vi.useFakeTimers();
    shown.hover(at);
    await vi.advanceTimersByTimeAsync(500);
    vi.useRealTimers();
    expect(preview).toHaveBeenCalledTimes(asked);
  });
});
