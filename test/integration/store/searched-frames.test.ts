import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createSession } from '../../../src-main/core/store/index.ts';
import {
  acceptInstances,
  applyPrompts,
  finishRun,
  planRun,
  searchedFrames,
  unfoundPhrases,
} from '../../../src-main/core/studio/session/index.ts';
import { type ConceptId, frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import { noScores } from '../../../src-shared/domain/scores.ts';
import { rleFromBitmap } from '../../../src-shared/mask/rle.ts';
import { HEIGHT, mediaAt, TempFolder, WIDTH } from './fixture.ts';

describe('where a phrase was looked for', () => {
  it('is what the runs that found the object have finished, and nothing else', async () => {
    using folder = new TempFolder();
    using session = createSession(folder.file(), mediaAt(folder.file('clip.mp4'), { frameCount: 100 }), {});
    await applyPrompts(session, [{ kind: 'text', phrase: 'face', frameIndex: frameIndex(10) }]);
    const conceptId = session.concepts.all()[0].id;
    expect(unfoundPhrases(session)).toEqual([[]]);
    search(session, conceptId, { id: 1, last: 79, forward: 60, done: false });
    expect(searchedFrames(session, objectId(1))).toEqual([{ first: 10, last: 60 }]);
    expect(unfoundPhrases(session)).toEqual([]);
    session.journal.step('gone', () => session.objects.remove(objectId(1)));
    expect(unfoundPhrases(session)).toEqual([[{ first: 10, last: 60 }]]);
    session.journal.undo();
    // What is said about the phrase later changes nothing about where it was looked for.
    session.journal.step('later', () => {
      for (const { id } of session.prompts.all()) session.prompts.remove(id);
    });
    expect(searchedFrames(session, objectId(1))).toEqual([{ first: 10, last: 60 }]);
    session.journal.undo();
    // A new search finds something else; what the first one said about its own is not said about that.
    search(session, conceptId, { id: 2, last: 49, forward: 49, backward: 5, done: true });
    expect(searchedFrames(session, objectId(2))).toEqual([{ first: 5, last: 49 }]);
    // A run of an older version noted nothing: what it searched is tracked again.
    const again = { packId: 'p', packHash: '2', provider: 'cpu', appVersion: '0', resume: false, objectIds: null };
    const wish = {
      ...again,
      conceptIds: null,
      memoryPolicy: null,
      until: 'end' as const,
      range: { first: 0, last: 49 },
    };
    const planned = () => planRun(session, { ...wish, direction: 'both', policy: 'studio' }).kind;
    expect(planned()).toBe('up-to-date');
    const { path } = session;
    const database = new Database(path);
    database.exec("UPDATE runs SET settings_json = json_remove(settings_json, '$.searches')");
    database.close();
    expect(searchedFrames(session, objectId(2))).toEqual([]);
    expect(planned()).toBe('run');
    // Accepted on one frame, looked for on none.
    acceptInstances(session, { conceptId, frameIndex: frameIndex(30), masks: [mask] });
    expect(searchedFrames(session, session.objects.all().at(-1)!.id)).toEqual([]);
  });
});

const bitmap = new Uint8Array(WIDTH * HEIGHT);
bitmap.fill(1, 100, 140);
const mask = rleFromBitmap(bitmap, WIDTH, HEIGHT);

interface Search {
  readonly id: number;
  readonly last: number;
  readonly forward: number;
  readonly backward?: number;
  readonly done: boolean;
}

/** A run that finds one object on frame 20 and comes as far as it says. */
function search(session: ReturnType<typeof createSession>, conceptId: ConceptId, { id, last, ...to }: Search): void {
  const facts = { packId: 'p', packHash: String(id), provider: 'cpu', appVersion: '0', resume: false };
  const all = { objectIds: null, conceptIds: null, memoryPolicy: null, until: 'end' as const };
  const range = { first: 0, last };
  const plan = planRun(session, { ...facts, ...all, range, direction: 'both', policy: 'studio' });
  if (plan.kind !== 'run') throw new Error('nothing to search');
  const place = { frameIndex: frameIndex(20), objectId: objectId(id) };
  const row = { ...place, mask, scores: noScores, source: 'detected' as const, provisional: false };
  const { runId } = plan;
  const at = (direction: 'forward' | 'backward', frame: number) => ({ runId, direction, lastFrame: frameIndex(frame) });
  const found = [{ id: objectId(id), conceptId, name: 'face' }];
  session.masks.commitBatch({ rows: [row], progress: at('forward', to.forward), found });
  if (to.backward !== undefined) session.masks.commitBatch({ rows: [], progress: at('backward', to.backward) });
  finishRun(session, runId, to.done ? { state: 'done', memory: null } : { state: 'cancelled', code: 'cancelled' });
}
