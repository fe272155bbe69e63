import { describe, expect, it } from 'vitest';
import { openSessionWriter, type SessionWriter, summariseSession } from '../../../src-main/core/store/index.ts';
import { reviewSession } from '../../../src-main/core/studio/session/index.ts';
import { frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import type { Verdict } from '../../../src-shared/domain/review.ts';
import { rowOf, startedSession, TempFolder } from './fixture.ts';

const one = objectId(1);
const two = objectId(2);
const range = (first: number, last: number) => ({ first: frameIndex(first), last: frameIndex(last) });
const say = (session: SessionWriter, first: number, last: number, verdict: Verdict, object = one) =>
  session.reviews.say(object, range(first, last), verdict, 'Ada', 'Review');
const said = (session: SessionWriter) =>
  session.reviews.all().map(({ objectId: id, first, last, verdict }) => [id, first, last, verdict]);

/** Two objects tracked on frames 0 to 19. */
function tracked(path: string): SessionWriter {
  const { session, run } = startedSession(path, 2);
  const rows = Array.from({ length: 40 }, (_, at) => rowOf(at >> 1, (at % 2) + 1));
  session.masks.commitBatch({ rows, progress: { runId: run, direction: 'forward', lastFrame: frameIndex(19) } });
  session.runs.finish(run, 'done');
  return session;
}

describe('reviews', () => {
  it('of one object never overlap: the newest word counts, the ends of longer ones stay', () => {
    using folder = new TempFolder();
    using session = tracked(folder.file());
    say(session, 0, 9, 'accepted');
    say(session, 4, 5, 'absent');
    say(session, 9, 12, 'fixed');
    say(session, 3, 3, 'accepted', two);
    expect(said(session)).toEqual([
      [1, 0, 3, 'accepted'],
      [1, 4, 5, 'absent'],
      [1, 6, 8, 'accepted'],
      [1, 9, 12, 'fixed'],
      [2, 3, 3, 'accepted'],
    ]);
    expect(session.reviews.all()[0]).toMatchObject({ reviewer: 'Ada', seenRun: 1 });
  });

  it('are undone and redone one by one, also after the file was closed', () => {
    using folder = new TempFolder();
    const session = tracked(folder.file());
    const states = [said(session)];
    const steps = [
      () => say(session, 0, 9, 'accepted'),
      () => say(session, 4, 5, 'absent'),
      () => session.reviews.clear(one, range(2, 7)),
      () => session.reviews.exchange(one, two, range(1, 8)),
    ];
    for (const step of steps) {
      step();
      states.push(said(session));
    }
    expect(states.at(-1)).toEqual([
      [1, 0, 0, 'accepted'],
      [1, 9, 9, 'accepted'],
      [2, 1, 1, 'accepted'],
      [2, 8, 8, 'accepted'],
    ]);
    session[Symbol.dispose]();
    using again = openSessionWriter(folder.file());
    for (let step = steps.length; step > 0; step--) {
      expect(said(again)).toEqual(states[step]);
      again.journal.undo();
    }
    expect(said(again)).toEqual([]);
    for (const _ of steps) again.journal.redo();
    expect(said(again)).toEqual(states.at(-1));
  });

  it('count while the masks they speak about are there: a later run makes them old, skipping counts nothing', () => {
    using folder = new TempFolder();
    const path = folder.file();
    using session = tracked(path);
    const share = () => summariseSession(path).reviewedShare;
    expect(share()).toBe(0);
    say(session, 0, 9, 'accepted');
    say(session, 10, 19, 'skipped');
    say(session, 0, 19, 'accepted', two);
    expect(share()).toBeCloseTo(30 / 40);
    expect(session.reviews.reviewed(one)).toEqual([range(0, 9)]);
    const again = session.runs.begin({
      packId: 'pebble',
      packHash: 'c',
      settings: null,
      provider: 'cpu',
      range: range(0, 19),
      direction: 'both',
      appVersion: '0',
    });
    const progress = { runId: again.id, direction: 'forward' as const, lastFrame: frameIndex(5) };
    session.masks.commitBatch({ rows: [rowOf(4, 1), rowOf(5, 1)], progress });
    expect(session.reviews.reviewed(one)).toEqual([range(0, 3), range(6, 9)]);
    expect(share()).toBeCloseTo(28 / 40);
    session.objects.remove(two);
    expect(share()).toBeCloseTo(8 / 20);
    expect(said(session).filter(([id]) => id === 2)).toEqual([]);
  });

  it('of what is still open leave out what was looked over, and take skipped stretches in', () => {
    using folder = new TempFolder();
    using session = tracked(folder.file());
    say(session, 3, 5, 'fixed');
    say(session, 10, 12, 'skipped');
    const rest = { objectId: one, range: { first: null, last: null }, verdict: 'accepted' as const };
    reviewSession(session, [rest], 'Bo', true);
    expect(said(session)).toEqual([
      [1, 0, 2, 'accepted'],
      [1, 3, 5, 'fixed'],
      [1, 6, 19, 'accepted'],
    ]);
    expect(session.journal.undo()).toBe('Review: accepted');
    expect(said(session)).toEqual([
      [1, 3, 5, 'fixed'],
      [1, 10, 12, 'skipped'],
    ]);
  });
});
