import { describe, expect, it } from 'vitest';
import { createSession, type SessionWriter } from '../../../src-main/core/store/index.ts';
import {
  applyPrompts,
  changeObjects,
  commitFrames,
  finishRun,
  planRun,
} from '../../../src-main/core/studio/session/index.ts';
import { type ConceptId, frameIndex, objectId, type RunId } from '../../../src-shared/domain/ids.ts';
import { noScores } from '../../../src-shared/domain/scores.ts';
import type { TrackedFrame } from '../../../src-shared/domain/track.ts';
import { mediaAt, TempFolder } from './fixture.ts';

const SIDE = 16;
type Half = 'left' | 'right';
/** The tracker's number, what it covers, and the concept that found it; none: a person prompted it. */
type Seen = readonly [id: number, half: Half, found?: true];

describe('what a phrase finds that a person has already', () => {
  it('is left out where it shows the same on its first frame, in every later batch too', async () => {
    using at = await searching(1);
    expect(at.commit(0, [1, 'left'], [2, 'left', true], [3, 'right', true])).toEqual([1, 3]);
    // It may drift away later: it is the same thing still.
    expect(at.commit(1, [1, 'left'], [2, 'right', true], [3, 'right', true])).toEqual([1, 3]);
    expect(at.objects()).toEqual([1, 3]);
    expect(at.foundAgain()).toEqual(at.session.concepts.all().map(({ id }) => id));
  });

  it('is withdrawn when it meets the other on the frame that was prompted', async () => {
    using at = await searching(1, 2);
    expect(at.commit(0, [2, 'left', true])).toEqual([2]);
    expect(at.commit(1, [2, 'left', true])).toEqual([2]);
    expect(at.commit(2, [1, 'left'], [2, 'left', true])).toEqual([1]);
    expect(at.objects()).toEqual([1]);
    expect(at.session.masks.coverage(objectId(2))).toEqual([]);
  });

  it('is known by a stored mask of an object that does not run, a locked one too', async () => {
    using at = await searching(1);
    at.commit(0, [1, 'left'], [2, 'right', true]);
    finishRun(at.session, at.runId, { state: 'done', memory: null });
    changeObjects(at.session, [objectId(2)], { locked: true });
    at.again();
    expect(at.commit(0, [3, 'left', true], [4, 'right', true])).toEqual([]);
    expect(at.objects()).toEqual([1, 2]);
  });

  it('does not take a number with it: a person’s next object may have that, and the twin stays out', async () => {
    using at = await searching(1);
    expect(at.commit(0, [1, 'left'], [2, 'left', true])).toEqual([1]);
    const point = { x: 5, y: 5 };
    await applyPrompts(at.session, [
      { kind: 'point', objectId: objectId(2), frameIndex: frameIndex(1), point, include: true },
    ]);
    at.session.masks.save([{ ...place(1, 2), mask: at.session.masks.get(frameIndex(0), objectId(1))!.mask }]);
    expect(at.commit(1, [1, 'left'], [2, 'right', true])).toEqual([1]);
    expect([at.objects(), at.retracted()]).toEqual([[1, 2], []]);
    expect(at.session.masks.get(frameIndex(1), objectId(2))?.mask).not.toBeNull();
  });

  it('is something else where it only crosses the other later', async () => {
    using at = await searching(1);
    at.commit(0, [1, 'left'], [2, 'right', true]);
    expect(at.commit(1, [1, 'left'], [2, 'left', true])).toEqual([1, 2]);
  });
});

/** A session with one object that is prompted on a frame and tracked, while a phrase is searched. */
async function searching(id: number, promptFrame = 0) {
  const folder = new TempFolder();
  const session = createSession(folder.file(), mediaAt(folder.file('clip.mp4'), { frameCount: 20 }), {});
  const point = { x: 5, y: 5 };
  await applyPrompts(session, [
    { kind: 'point', objectId: objectId(id), frameIndex: frameIndex(promptFrame), point, include: true },
  ]);
  await applyPrompts(session, [{ kind: 'text', phrase: 'red', frameIndex: frameIndex(0) }]);
  const [{ id: conceptId }] = session.concepts.all();
  let runId = plan(session, 'h');
  let last: ReturnType<typeof commitFrames> | null = null;
  return {
    session,
    get runId() {
      return runId;
    },
    /** Another run, with another pack. */
    again: () => {
      runId = plan(session, 'other');
    },
    /** The numbers that are shown after a frame. */
    commit: (frame: number, ...seen: readonly Seen[]) => {
      const frames = [tracked(frame, seen, conceptId)];
      const batch = { runId, direction: 'forward' as const, lowres: SIDE, snapshot: null, keepUserMasks: true, frames };
      last = commitFrames(session, batch);
      return last.frames[0].masks.map(({ objectId: own }) => own as number);
    },
    foundAgain: () => last?.foundAgain,
    retracted: () => last?.retracted,
    objects: () => session.objects.all().map(({ id: own }) => own as number),
    [Symbol.dispose]: () => {
      session[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

function place(frame: number, id: number) {
  const answer = { scores: noScores, source: 'prompt' as const, provisional: false };
  return { frameIndex: frameIndex(frame), objectId: objectId(id), ...answer };
}

function plan(session: SessionWriter, packHash: string): RunId {
  const facts = { packId: 'p', packHash, provider: 'cpu', appVersion: '0', resume: false, memoryPolicy: null };
  const all = { objectIds: null, conceptIds: null, until: 'end' as const, range: { first: null, last: null } };
  const planned = planRun(session, { ...facts, ...all, direction: 'forward', policy: 'studio' });
  if (planned.kind !== 'run') throw new Error('nothing to track');
  return planned.runId;
}

function tracked(frame: number, seen: readonly Seen[], conceptId: ConceptId): TrackedFrame {
  const objects = seen.map(([id, half, found]) => ({
    objectId: objectId(id),
    conceptId: found === true ? conceptId : null,
    source: 'tracked' as const,
    logits: Float32Array.from({ length: SIDE * SIDE }, (_, at) =>
      at % SIDE < SIDE / 2 === (half === 'left') ? 5 : -5,
    ),
    scores: noScores,
    provisional: false,
  }));
  return { frameIndex: frameIndex(frame), retracted: [], objects };
}
