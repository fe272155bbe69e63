import { describe, expect, it } from 'vitest';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import type { ReviewStop } from '../../src-shared/domain/review.ts';
import { parseStopQuery, type StopFacts } from '../../src-shared/domain/stop-query.ts';

const stop: ReviewStop = {
  objectId: objectId(2),
  first: frameIndex(95),
  last: frameIndex(110),
  frameIndex: frameIndex(104),
  severity: 0.7,
  reasons: [
    { kind: 'swap', otherId: objectId(1) },
    { kind: 'confidence', value: 0.3 },
  ],
  area: 1_200,
  confidence: 0.3,
  visible: 0.9,
  iou: null,
  presence: 0.21,
  newestRun: 1,
};
const facts: StopFacts = { stop, objectName: 'Red ball', state: 'open' };

function matches(text: string, given: StopFacts = facts): boolean {
  const query = parseStopQuery(text);
  if (query.kind === 'problem') throw new Error(`${text}: ${JSON.stringify(query.problem)}`);
  return query.matches(given);
}

describe('the filter of the review queue', () => {
  it.each([
    ['', true],
    ['object:ball', true],
    ['object:"red ball"', true],
    ['object:2', true],
    ['object:3', false],
    ['ball', true],
    ['keeper', false],
    ['presence<0.5', true],
    ['presence<0.2', false],
    ['area>1000', true],
    ['area>=1200 area<=1200', true],
    ['area:1000-1300', true],
    ['frame:100-200', true],
    ['frame:111-200', false],
    ['frame:95', true],
    ['frame>104', false],
    ['reason:swap', true],
    ['reason:gone', false],
    ['state:unreviewed', true],
    ['state:accepted', false],
    ['object:Ball presence<0.5 area>1000 frame:100-200 reason:swap state:unreviewed', true],
    ['object:Ball presence<0.5 area>1300', false],
    // A score the model does not give is neither low nor high.
    ['iou<1', false],
    ['iou>=0', false],
    ['  SEVERITY>0.5 ', true],
  ])('%j is %s', (text, expected) => expect(matches(text)).toBe(expected));

  it('knows what counts as reviewed', () => {
    const states = (text: string) =>
      (['open', 'skipped', 'accepted', 'fixed', 'absent'] as const).filter((state) =>
        matches(text, { ...facts, state }),
      );
    expect(states('state:unreviewed')).toEqual(['open', 'skipped']);
    expect(states('state:reviewed')).toEqual(['accepted', 'fixed', 'absent']);
    expect(states('state:skipped')).toEqual(['skipped']);
  });

  it.each([
    ['colour:red', 'unknown-field', 0, 'colour'],
    ['ball  area>big', 'needs-number', 11, 'big'],
    ['area>', 'needs-value', 0, 'area'],
    ['reason:swop', 'unknown-value', 7, 'swop'],
    ['state:done', 'unknown-value', 6, 'done'],
    ['object:"red', 'open-quote', 0, 'object:"red'],
  ])('%j is refused: %s at %i', (text, kind, at, part) => {
    const query = parseStopQuery(text);
    expect(query).toMatchObject({ kind: 'problem', problem: { kind, at, text: part } });
    if (query.kind === 'problem') {
      expect(query.problem.length).toBeGreaterThan(0);
      expect(query.problem.allowed.length).toBeGreaterThan(0);
    }
  });
});
