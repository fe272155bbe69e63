import { describe, expect, it } from 'vitest';
import { createSession, type SessionWriter } from '../../../src-main/core/store/index.ts';
import {
  applyPrompts,
  changeObjects,
  commitFrames,
  finishRun,
  planRun,
  removeConcept,
  removeObjects,
  sessionStateOf,
} from '../../../src-main/core/studio/session/index.ts';
import { conceptId, frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import type { Direction } from '../../../src-shared/domain/prompt.ts';
import { noScores } from '../../../src-shared/domain/scores.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { mediaAt, runWish, TempFolder } from './fixture.ts';

const SIDE = 16;
const FRAMES = 40;
const red = conceptId(1);

describe('what a phrase finds while it is searched', () => {
  it('stays removed when a person removes it, with all its masks for when that is undone', async () => {
    using at = await searching();
    at.commit(20, [1, 2]);
    removeObjects(at.session, [objectId(1)]);
    const [{ masks }] = at.commit(21, [1, 2]).frames;
    expect(masks.map(({ objectId: id }) => id)).toEqual([2]);
    expect(at.objects()).toEqual([2]);
    at.session.journal.undo();
    at.commit(22, [1, 2]);
    expect(at.masks(1)).toEqual([20, 21, 22]);
  });

  it('comes back when it was retracted and a resumed run repeats the frames before', async () => {
    using at = await searching();
    at.commit(20, [1], { young: true });
    at.commit(21, [], { retracted: [1] });
    expect(at.objects()).toEqual([]);
    at.commit(20, [1]);
    expect(at.objects()).toEqual([1]);
  });

  it('is no object any more once the phrase is removed, and is looked for anew when that is undone', async () => {
    using at = await searching();
    at.commit(20, [1]);
    removeConcept(at.session, red);
    at.commit(21, [1, 2]);
    at.finish();
    expect(at.objects()).toEqual([]);
    at.session.journal.undo();
    expect(at.objects()).toEqual([1]);
    expect(sessionStateOf(at.session).concepts).toMatchObject([{ tracking: 'new' }]);
  });

  it('is not retracted any more once it is locked', async () => {
    using at = await searching();
    at.commit(20, [1], { young: true });
    changeObjects(at.session, [objectId(1)], { locked: true });
    at.commit(21, [], { retracted: [1] });
    expect([at.objects(), at.masks(1)]).toEqual([[1], [20]]);
  });

  it('is confirmed or retracted on the way back, together with what was found on the way there', async () => {
    using at = await searching();
    at.commit(20, [1, 2], { young: true });
    at.finish();
    at.begin('backward');
    at.commit(19, [1]);
    at.commit(18, [1], { retracted: [2] });
    expect([at.objects(), at.young(1)]).toEqual([[1], []]);
  });
});

describe('a disk that is full', () => {
  const full = () => {
    throw new StudioError('disk-full', 'resource', 'The disk is full.');
  };

  it('ends no run by half: it can be resumed', async () => {
    using at = await searching();
    at.commit(20, [1]);
    const settings = { get: (key: string) => at.session.settings.get(key), set: full };
    expect(() => at.finish({ ...at.session, settings } as unknown as SessionWriter)).toThrow('full');
    expect(at.session.runs.latest()?.state).toBe('running');
  });

  it('takes nothing away that a new search would replace', async () => {
    using at = await searching();
    at.commit(20, [1]);
    at.finish();
    const runs = Object.assign(Object.create(at.session.runs), { begin: full });
    expect(() => planned({ ...at.session, runs }, 'both')).toThrow('full');
    expect(at.objects()).toEqual([1]);
  });
});

/** A session whose phrase is being searched forward from frame 20. */
async function searching() {
  const folder = new TempFolder();
  const session = createSession(folder.file(), mediaAt(folder.file('clip.mp4'), { frameCount: FRAMES }), {});
  await applyPrompts(session, [{ kind: 'text', phrase: 'red', frameIndex: frameIndex(20) }]);
  let [runId, direction] = [planned(session, 'forward'), 'forward' as 'forward' | 'backward'];
  const masksOf = (id: number) => session.masks.of(objectId(id), null);
  return {
    session,
    begin: (way: 'forward' | 'backward') => {
      [runId, direction] = [planned(session, way), way];
    },
    commit: (
      frame: number,
      ids: readonly number[],
      { young = false, retracted = [] }: { young?: boolean; retracted?: readonly number[] } = {},
    ) => {
      const objects = ids.map((id) => ({ ...seen(id), provisional: young }));
      const frames = [{ frameIndex: frameIndex(frame), objects, retracted: retracted.map((id) => objectId(id)) }];
      return commitFrames(session, { runId, direction, frames, lowres: SIDE, snapshot: null, keepUserMasks: true });
    },
    finish: (writer: SessionWriter = session) => {
      const memory = { bytes: new Uint8Array([1]), frameIndex: frameIndex(FRAMES - 1), direction };
      finishRun(writer, runId, { state: 'done', memory });
    },
    objects: () => session.objects.all().map(({ id }) => id as number),
    masks: (id: number) => masksOf(id).map(({ frameIndex: at }) => at as number),
    young: (id: number) => masksOf(id).flatMap(({ provisional, frameIndex: at }) => (provisional ? [at] : [])),
    [Symbol.dispose]: () => {
      session[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

function planned(session: SessionWriter, direction: Direction) {
  const plan = planRun(session, runWish({ direction }));
  if (plan.kind !== 'run') throw new Error('nothing to track');
  return plan.runId;
}

/** Odd ones are on the left, even ones on the right. */
function seen(id: number) {
  const isOn = (at: number) => at % SIDE < SIDE / 2 === (id % 2 === 1);
  const logits = Float32Array.from({ length: SIDE * SIDE }, (_, at) => (isOn(at) ? 5 : -5));
  return { objectId: objectId(id), conceptId: red, source: 'tracked' as const, logits, scores: noScores };
}
