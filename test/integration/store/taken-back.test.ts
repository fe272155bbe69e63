import { describe, expect, it } from 'vitest';
import { createSession, type SessionWriter } from '../../../src-main/core/store/index.ts';
import { beginComparison } from '../../../src-main/core/studio/session/comparisons.ts';
import {
  applyPrompts,
  finishRun,
  keepChanges,
  planPreview,
  planRun,
  planSegment,
  type RunWish,
  withoutUnasked,
} from '../../../src-main/core/studio/session/index.ts';
import { frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import { noScores } from '../../../src-shared/domain/scores.ts';
import { type RleMask, rleFromBitmap } from '../../../src-shared/mask/rle.ts';
import { HEIGHT, mediaAt, runWish, TempFolder, WIDTH } from './fixture.ts';

const FRAMES = 20;
const one = objectId(1);
/** Where the correction is. */
const six = frameIndex(6);
const block = (left: number): RleMask => {
  const bitmap = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 5; y < 20; y++) bitmap.fill(1, y * WIDTH + left, y * WIDTH + left + 12);
  return rleFromBitmap(bitmap, WIDTH, HEIGHT);
};
const first = block(0);
const corrected = block(32);
const row = (frame: number, mask: RleMask | null) =>
  ({ frameIndex: frameIndex(frame), objectId: one, mask, scores: noScores, provisional: false }) as const;

function planned(session: SessionWriter, change: Partial<RunWish>) {
  const plan = planRun(session, runWish(change));
  if (plan.kind !== 'run') throw new Error('there is nothing to track');
  return plan;
}

/** Tracks the object from a frame on; its masks there. */
function track(session: SessionWriter, from: number, mask: RleMask): void {
  const range = { first: from, last: null };
  const until = from === 0 ? 'end' : 'agreement';
  const { runId } = planned(session, { range, direction: 'forward', until });
  const rows = Array.from({ length: FRAMES - from }, (_, at) => {
    const source = at === 0 ? ('prompt' as const) : ('tracked' as const);
    return { ...row(from + at, mask), source };
  });
  session.masks.commitBatch({ rows, progress: { runId, direction: 'forward', lastFrame: frameIndex(FRAMES - 1) } });
  const memory = { bytes: new Uint8Array([runId]), frameIndex: frameIndex(FRAMES - 1), direction: 'forward' as const };
  finishRun(session, runId, { state: 'done', memory });
}

/** An object that was tracked, corrected by a point that takes away and one that adds, and tracked from there. */
async function trackedCorrection(folder: TempFolder): Promise<SessionWriter> {
  const session = createSession(folder.file(), mediaAt(folder.file('clip.mp4'), { frameCount: FRAMES }), {});
  const point = (frame: number, x: number, include: boolean) =>
    applyPrompts(session, [
      { kind: 'point', objectId: one, frameIndex: frameIndex(frame), point: { x, y: 9 }, include },
    ]);
  await point(0, 5, true);
  track(session, 0, first);
  await point(6, 9, false);
  await point(6, 40, true);
  track(session, 6, corrected);
  return session;
}

const undo = (session: SessionWriter) => withoutUnasked(session, (edited) => edited.journal.undo());

/** Stores an answer to what is said on the frame of the correction. */
function answer(session: SessionWriter, mask: RleMask | null): void {
  beginComparison(session, one);
  const scores = { ...noScores, objectScoreLogit: mask === null ? -9 : 9 };
  session.masks.save([{ ...row(6, mask), scores, source: 'prompt' }]);
}

describe('a tracked correction of which a half is taken back', () => {
  it('corrects what was there before it, as its first half did', async () => {
    using folder = new TempFolder();
    using session = await trackedCorrection(folder);
    undo(session);
    const same = { storedMask: first, runKey: '1', settled: [], rounds: [[{ include: false }]] };
    expect(planSegment(session, six, null).inquiries).toMatchObject([same]);
    answer(session, null);
    expect(planSegment(session, six, null).inquiries).toMatchObject([same]);
    const click = { objectId: one, frameIndex: six, point: { x: 3, y: 3 }, include: true };
    expect(planPreview(session, click).inquiries).toMatchObject([{ storedMask: first, runKey: '1' }]);
  });

  it('takes away from the mask that is there where what was before is let go', async () => {
    using folder = new TempFolder();
    using session = await trackedCorrection(folder);
    keepChanges(session, [one]);
    session.journal.step('Take back', () => session.prompts.remove(session.prompts.all()[2].id));
    const same = { storedMask: corrected, rounds: [[{ include: false }]] };
    expect(planSegment(session, six, null).inquiries).toMatchObject([same]);
    answer(session, first);
    expect(planSegment(session, six, null).inquiries).toMatchObject([same]);
  });

  it('is tracked as its first half would have been', async () => {
    using folder = new TempFolder();
    using session = await trackedCorrection(folder);
    undo(session);
    const half = () => {
      const plan = planned(session, {});
      finishRun(session, plan.runId, { state: 'cancelled', code: 'cancelled' });
      return plan;
    };
    const same = {
      bases: [{ bytes: new Uint8Array([1]), objectIds: [one] }],
      storedMasks: [{ objectId: one, frameIndex: six, mask: first }],
      rounds: [[{ include: false }]],
      settled: [{ frameIndex: 0 }],
    };
    expect(half()).toMatchObject(same);
    answer(session, null);
    expect(half()).toMatchObject(same);
  });

  it('is tracked from the mask that is there where what was before is let go', async () => {
    using folder = new TempFolder();
    using session = await trackedCorrection(folder);
    keepChanges(session, [one]);
    session.journal.step('Take back', () => session.prompts.remove(session.prompts.all()[2].id));
    expect(planned(session, {})).toMatchObject({
      bases: [],
      storedMasks: [{ objectId: one, frameIndex: six, mask: corrected }],
      rounds: [[{ frameIndex: 0 }], [{ include: false }]],
    });
  });

  it('leaves no answer behind when the rest is taken back, also none that says the object is absent', async () => {
    using folder = new TempFolder();
    using session = await trackedCorrection(folder);
    undo(session);
    answer(session, null);
    undo(session);
    expect(session.masks.get(six, one)).toMatchObject({ mask: first, runId: 1 });
  });
});
