import { describe, expect, it } from 'vitest';
import type { Desk } from '../../../src-renderer/state/desk.ts';
import type { Player } from '../../../src-renderer/state/player.ts';
import { currentStop, Reviewing } from '../../../src-renderer/state/reviewing.ts';
import { Store } from '../../../src-renderer/state/store.ts';
import { initialSettings, initialState, type StudioState } from '../../../src-renderer/state/studio-state.ts';
import type { SessionState } from '../../../src-shared/contract/results.ts';
import { frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import type { ReviewStop } from '../../../src-shared/domain/review.ts';

const stopAt = (object: number, worst: number, first: number, last: number, severity = 0.5): ReviewStop => ({
  objectId: objectId(object),
  frameIndex: frameIndex(worst),
  first: frameIndex(first),
  last: frameIndex(last),
  severity,
  reasons: [],
  newestRun: 0,
  area: null,
  confidence: null,
  visible: null,
  iou: null,
  presence: null,
});

/** A desk whose engine finds the lists one after the other. */
function deskOf(...lists: ReviewStop[][]) {
  const session = {
    sessionId: 's',
    state: {
      sessionPath: 'a',
      objects: [{ objectId: 1, name: 'Box' }],
      prompts: [],
      runs: [],
      comparisons: [],
      reviews: [],
    } as unknown as SessionState,
    times: {} as never,
  };
  const store = new Store<StudioState>({ ...initialState(initialSettings), session });
  const answers: ((state: SessionState) => void)[] = [];
  const client = {
    async *reviewStops() {
      await Promise.resolve();
      yield { kind: 'frames', stops: lists.shift() ?? [], framesDone: 1, frameCount: 1 };
    },
    review: () => new Promise<SessionState>((resolve) => answers.push(resolve)),
  };
  const notices = { guard: (work: () => Promise<void>) => work() };
  const player = { pause: () => {}, seek: () => {} } as unknown as Player;
  const reviewing = new Reviewing(
    { store, notices, client: () => client, media: () => null } as unknown as Desk,
    player,
  );
  const at = () => currentStop(store.value);
  const changeMasks = () => store.patch({ masksVersion: store.value.masksVersion + 1 });
  /** The engine answers the oldest decision that it has not answered yet. */
  const answer = () => answers.shift()?.(session.state);
  return { reviewing, at, look: () => reviewing.look(), changeMasks, answer };
}

describe('the stop a person is at, when stops are looked for anew', () => {
  it('is the one of the same object around the same frames, whichever frame is its worst now', async () => {
    const was = stopAt(1, 50, 48, 56);
    const now = [stopAt(1, 20, 10, 30, 0.9), stopAt(2, 50, 48, 56, 0.9), stopAt(1, 54, 52, 60), stopAt(1, 49, 40, 49)];
    const { reviewing, at, look } = deskOf([was], now);
    await look();
    reviewing.visit(was);
    await look();
    expect(at()).toMatchObject({ objectId: 1, frameIndex: 49 });
  });

  it('stays the very same where its worst frame is still a stop', async () => {
    const was = stopAt(1, 50, 48, 56);
    const { reviewing, at, look } = deskOf([was], [stopAt(1, 53, 53, 60, 0.9), stopAt(1, 50, 50, 52)]);
    await look();
    reviewing.visit(was);
    await look();
    expect(at()?.frameIndex).toBe(50);
  });

  it('is none when nothing is wrong there any more', async () => {
    const was = stopAt(1, 50, 48, 56);
    const { reviewing, at, look } = deskOf([was], [stopAt(1, 80, 70, 90)]);
    await look();
    reviewing.visit(was);
    await look();
    expect(at()).toBeNull();
  });
});

describe('the next stop, asked for before anything was looked for', () => {
  it('is gone to although masks change during the search, which the panel then begins anew', async () => {
    const { reviewing, at, look, changeMasks } = deskOf([stopAt(1, 50, 48, 56)], [stopAt(1, 54, 52, 60)]);
    const stepping = reviewing.step(1);
    changeMasks();
    await Promise.all([look(), stepping]);
    expect(at()?.frameIndex).toBe(54);
  });
});

describe('a decision', () => {
  it('goes on at once, over stops that are being decided, and the answer takes nobody away from where they are', async () => {
    const stops = [stopAt(1, 10, 8, 16, 0.9), stopAt(1, 50, 48, 56, 0.7), stopAt(1, 80, 70, 90)];
    const { reviewing, at, look, answer } = deskOf([...stops]);
    await look();
    reviewing.visit(stops[0]);
    const first = reviewing.accept();
    expect(at()).toBe(stops[1]);
    const second = reviewing.accept();
    expect(at()).toBe(stops[2]);
    reviewing.visit(stops[0]);
    answer();
    await first;
    expect(at()).toBe(stops[0]);
    answer();
    await second;
    expect(at()).toBe(stops[0]);
  });
});
