import { describe, expect, it } from 'vitest';
import { createSession, type SessionWriter } from '../../../src-main/core/store/index.ts';
import {
  applyPrompts,
  changeObjects,
  finishRun,
  planRun,
  previewRun,
} from '../../../src-main/core/studio/session/index.ts';
import { runProgress } from '../../../src-main/core/studio/session/run-progress.ts';
import type { RunWish } from '../../../src-main/core/studio/session/what-runs.ts';
import { frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import type { Direction } from '../../../src-shared/domain/prompt.ts';
import { noScores } from '../../../src-shared/domain/scores.ts';
import { rleFromBitmap } from '../../../src-shared/mask/rle.ts';
import { HEIGHT, mediaAt, runWish, TempFolder, WIDTH } from './fixture.ts';

const FRAMES = 90;
/** Where the phrase was typed. */
const TYPED = 40;
const mask = rleFromBitmap(new Uint8Array(WIDTH * HEIGHT).fill(1, 100, 140), WIDTH, HEIGHT);
const whole = { first: null, last: null };

const wishOf = (direction: Direction, range: RunWish['range'], change: Partial<RunWish> = {}): RunWish =>
  runWish({ range, direction, ...change });

/** A session whose phrase found object 1 on frames 40 to 89, forward, and then came to an end or was stopped. */
async function searchedForward(folder: TempFolder, ending: 'done' | 'cancelled' = 'done'): Promise<SessionWriter> {
  const session = createSession(folder.file(), mediaAt(folder.file('clip.mp4'), { frameCount: FRAMES }), {});
  await applyPrompts(session, [{ kind: 'text', phrase: 'red', frameIndex: frameIndex(TYPED) }]);
  const plan = planRun(session, wishOf('forward', whole));
  if (plan.kind !== 'run') throw new Error('there is nothing to search');
  const rows = Array.from({ length: FRAMES - TYPED }, (_, index) => ({
    frameIndex: frameIndex(TYPED + index),
    objectId: objectId(1),
    mask,
    scores: noScores,
    source: 'tracked' as const,
    provisional: false,
  }));
  const progress = { runId: plan.runId, direction: 'forward' as const, lastFrame: frameIndex(FRAMES - 1) };
  const found = [{ id: objectId(1), conceptId: plan.concepts[0].conceptId, name: 'red' }];
  session.masks.commitBatch({ rows, progress, found });
  const end =
    ending === 'done'
      ? { state: 'done' as const, memory: null }
      : { state: 'cancelled' as const, code: 'cancelled' as const };
  finishRun(session, plan.runId, end);
  return session;
}

const pointOn = (id: number) =>
  ({
    kind: 'point',
    objectId: objectId(id),
    frameIndex: frameIndex(50),
    point: { x: 5, y: 5 },
    include: true,
  }) as const;

function wayOf(session: SessionWriter, wish: RunWish) {
  const plan = planRun(session, wish);
  if (plan.kind !== 'run') return plan.kind;
  const { range, direction, notes } = plan;
  return [range.first, range.last, direction, notes.map(({ code }) => code).join()];
}

describe('a phrase that has found something', () => {
  it.each<[string, 'done' | 'cancelled', Direction, RunWish['range'], unknown]>([
    ['the other way', 'done', 'backward', whole, [0, 89, 'both', 'searched-anew']],
    ['the other way after it was stopped', 'cancelled', 'backward', whole, [0, 89, 'both', 'searched-anew']],
    ['on other frames', 'done', 'both', { first: 0, last: 50 }, [0, 89, 'both', 'searched-anew']],
    [
      'on other frames the same way',
      'cancelled',
      'forward',
      { first: 0, last: 50 },
      [0, 89, 'forward', 'searched-anew'],
    ],
    ['everywhere', 'done', 'both', whole, [0, 89, 'both', '']],
    ['where it was', 'done', 'forward', whole, 'up-to-date'],
  ])('loses nothing of it when it is searched %s', async (_, ending, direction, range, way) => {
    using folder = new TempFolder();
    using session = await searchedForward(folder, ending);
    const { range: told, frameCount } = previewRun(session, wishOf(direction, range));
    expect(wayOf(session, wishOf(direction, range))).toEqual(way);
    // A person is told of the frames that it goes over as well.
    const last = session.runs.latest();
    expect(frameCount).toBe(Array.isArray(way) ? runProgress(session, last!).frameCount : 0);
    if (Array.isArray(way)) expect([told.first, told.last]).toEqual(way.slice(0, 2));
  });

  it('loses nothing of it when it is typed once more for other frames', async () => {
    using folder = new TempFolder();
    using session = await searchedForward(folder);
    await applyPrompts(session, [{ kind: 'text', phrase: 'red', frameIndex: frameIndex(70) }]);
    const later = { first: 70, last: 89 };
    expect(wayOf(session, wishOf('forward', later))).toEqual([40, 89, 'forward', 'searched-anew']);
  });

  it('leaves no step of undo behind that brings back what a new search has replaced', async () => {
    using folder = new TempFolder();
    using session = await searchedForward(folder);
    changeObjects(session, [objectId(1)], { name: 'Ball' });
    await applyPrompts(session, [pointOn(1)]);
    session.journal.undo();
    expect(wayOf(session, wishOf('both', whole))).toEqual([0, 89, 'both', '']);
    expect(session.journal.state()).toEqual({ undo: 'Add text', redo: null });
    expect([session.objects.all(), session.prompts.all().length]).toEqual([[], 1]);
  });

  it.each<[string, Direction, RunWish['range'], Partial<RunWish>, string]>([
    ['the other way with another pack', 'backward', whole, { packHash: 'other' }, 'found-replaced'],
    ['the other way with another policy', 'backward', whole, { policy: 'reference' }, 'found-replaced'],
    ['the other way with another memory rule', 'backward', whole, { memoryPolicy: 'kalman' }, 'found-replaced'],
    ['in a part with another pack', 'forward', { first: 40, last: 60 }, { packHash: 'other' }, 'found-replaced'],
    ['everywhere with another pack', 'both', whole, { packHash: 'other' }, ''],
  ])(
    'is searched as asked %s, and a person is told of what that takes away',
    async (_, direction, range, change, note) => {
      using folder = new TempFolder();
      using session = await searchedForward(folder);
      const plan = planRun(session, wishOf(direction, range, change));
      if (plan.kind !== 'run') throw new Error('there is nothing to search');
      expect(plan).toMatchObject({ direction, range: { last: range.last ?? FRAMES - 1 } });
      expect(plan.notes.map(({ code }) => code).join()).toBe(note);
      if (note !== '') expect(plan.notes[0].text).toContain('"red"');
      expect(session.objects.all()).toEqual([]);
    },
  );

  it('is searched as asked where what it found stays', async () => {
    using second = new TempFolder();
    using kept = await searchedForward(second);
    changeObjects(kept, [objectId(1)], { locked: true });
    expect(wayOf(kept, wishOf('backward', whole))).toEqual([0, 89, 'backward', '']);
    expect(kept.objects.get(objectId(1))).not.toBeNull();
  });
});
