import { describe, expect, it } from 'vitest';
import { Connection } from '../../../src-main/core/store/connection.ts';
import { journalQueries } from '../../../src-main/core/store/repositories/journal.ts';
import { exchangeQueries } from '../../../src-main/core/store/repositories/mask-exchange.ts';
import { shapeQueries } from '../../../src-main/core/store/repositories/mask-shapes.ts';
import { maskQueries } from '../../../src-main/core/store/repositories/masks.ts';
import { promptQueries } from '../../../src-main/core/store/repositories/prompts.ts';
import { reviewQueries } from '../../../src-main/core/store/repositories/reviews.ts';
import { shapeReadQueries } from '../../../src-main/core/store/repositories/shape-reads.ts';
import { startedSession, TempFolder } from './fixture.ts';

/** Each query that a long session depends on, and the line of SQLite's plan that makes it fast. */
const plans: readonly (readonly [name: string, sql: string, step: RegExp])[] = [
  ['masks at a frame', maskQueries.at, /SEARCH m USING INTEGER PRIMARY KEY \(rowid>\? AND rowid<\?\)/],
  ['one mask', maskQueries.one, /SEARCH m USING INTEGER PRIMARY KEY \(rowid=\?\)/],
  [
    'one mask by frame and object',
    'SELECT checksum FROM masks WHERE frame_index = ? AND object_id = ?',
    /SEARCH masks USING INDEX masks_by_object \(object_id=\? AND frame_index=\?\)/,
  ],
  [
    'masks of an object',
    maskQueries.of,
    /SEARCH m USING INDEX masks_by_object \(object_id=\? AND frame_index>\? AND frame_index<\?\)/,
  ],
  [
    'coverage',
    maskQueries.coverage,
    /SEARCH masks USING COVERING INDEX masks_by_object \(object_id=\? AND frame_index>\? AND frame_index<\?\)/,
  ],
  [
    'lane',
    maskQueries.lane,
    /SEARCH masks USING COVERING INDEX masks_by_object \(object_id=\? AND frame_index>\? AND frame_index<\?\)/,
  ],
  ['counts', maskQueries.counts, /SEARCH masks USING COVERING INDEX masks_by_object \(object_id=\?\)/],
  ['frames tracked', maskQueries.framesTracked, /SCAN tracked_frames/],
  ['lowest predicted IoU', maskQueries.lowest('predictedIou'), /m USING (COVERING )?INDEX masks_by_predicted_iou/],
  ['lowest logit', maskQueries.lowest('objectScoreLogit'), /m USING (COVERING )?INDEX masks_by_object_score_logit/],
  ['lowest presence', maskQueries.lowest('presence'), /m USING (COVERING )?INDEX masks_by_presence/],
  ['lowest detection', maskQueries.lowest('detection'), /m USING (COVERING )?INDEX masks_by_detection/],
  ['retract', maskQueries.retract, /SEARCH masks USING (COVERING )?INDEX masks_by_object \(object_id=\?\)/],
  ['confirm', maskQueries.confirm, /SEARCH masks USING (COVERING )?INDEX masks_provisional \(object_id=\?\)/],
  ['any mask of an object', maskQueries.hasAny, /SEARCH masks USING COVERING INDEX masks_by_object \(object_id=\?\)/],
  ['prompts of an object', promptQueries.ofObject, /SEARCH p USING INDEX prompts_by_object \(object_id=\?\)/],
  ['prompts of a concept', promptQueries.ofConcept, /SEARCH p USING INDEX prompts_by_concept \(concept_id=\?\)/],
  ['first and last mask', exchangeQueries.bounds, /SEARCH masks USING COVERING INDEX masks_by_object/],
  ['masks that change hands', exchangeQueries.rows, /SEARCH m USING INDEX masks_by_object/],
  ['their shapes', exchangeQueries.rows, /SEARCH s USING INTEGER PRIMARY KEY \(rowid=\?\) LEFT-JOIN/],
  ['masks that go', exchangeQueries.remove, /SEARCH masks USING (COVERING )?INDEX masks_by_object/],
  ['facts of a lane', shapeReadQueries.facts, /SEARCH masks USING COVERING INDEX masks_by_object/],
  [
    'shapes of frames',
    shapeReadQueries.shapes,
    /SEARCH mask_shapes USING INTEGER PRIMARY KEY \(rowid>\? AND rowid<\?\)/,
  ],
  ['low presence', shapeReadQueries.lowPresence, /SEARCH masks USING COVERING INDEX masks_by_presence/],
  ['a shape', shapeQueries.has, /SEARCH mask_shapes USING INTEGER PRIMARY KEY/],
  [
    'verdicts on a stretch',
    reviewQueries.touching,
    /SEARCH reviews USING INDEX reviews_by_object \(object_id=\? AND first_frame<\?\)/,
  ],
  ['how much is reviewed', reviewQueries.countReviewed, /SEARCH m USING COVERING INDEX masks_by_object/],
  ['where it is reviewed', reviewQueries.reviewed, /SEARCH m USING COVERING INDEX masks_by_object/],
  ['newest step', journalQueries.lastDone, /SEARCH marks USING INDEX marks_by_state \(undone=\?\)/],
  ['oldest undone step', journalQueries.firstUndone, /SEARCH marks USING INDEX marks_by_state \(undone=\?\)/],
  ['edits of a step', journalQueries.editsOf, /SEARCH edits USING INDEX edits_by_mark \(mark_id=\?\)/],
];

/** A walk over an index in its own order stops at LIMIT; the list of tracked frames is counted, which reads no masks. */
const allowedScans =
  /^SCAN (m USING (COVERING )?INDEX masks_by_(predicted_iou|object_score_logit|presence|detection)|tracked_frames|\(subquery-\d+\)|\(join-\d+\))$/;

describe('query plans', () => {
  using folder = new TempFolder();
  startedSession(folder.file()).session[Symbol.dispose]();
  const connection = new Connection(folder.file(), { readonly: true, mustExist: true, busyTimeoutMillis: 0 });
  const lines = plans.map(([, sql]) => {
    const values = Array.from(sql.matchAll(/\?/g), () => 1);
    return connection.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values).map((line) => line.detail);
  });
  connection[Symbol.dispose]();

  it.each(plans.map(([name, , step], index) => ({ name, step, index })))('$name', ({ name, step, index }) => {
    expect(
      lines[index].some((line) => step.test(line)),
      lines[index].join('\n'),
    ).toBe(true);
    const scans = lines[index].filter((line) => line.startsWith('SCAN') && !allowedScans.test(line));
    expect(scans).toEqual([]);
    const sorts = lines[index].filter((line) => line.includes('TEMP B-TREE FOR ORDER BY'));
    expect(sorts).toEqual(name === 'coverage' || name === 'where it is reviewed' ? sorts : []);
  });
});
