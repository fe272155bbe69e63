import { describe, expect, it } from 'vitest';
import { resolveLook, SceneReader, type StoredMask } from '../../src-main/core/export/index.ts';
import { RedactionLog, redactionNotes } from '../../src-main/core/export/render/redaction-log.ts';
import { renderLookSchema } from '../../src-shared/contract/render-look.ts';
import { frameIndex } from '../../src-shared/domain/ids.ts';
import { noScores } from '../../src-shared/domain/scores.ts';
import { discMask, exportObject, fakeMasks, storedMask } from '../support/export-fakes.ts';

const [width, height, frameCount] = [200, 120, 60];
const at = (frame: number, radius = 15) => discMask(width, height, 20 + 2 * frame, 60, radius);
const score = (predictedIou: number, objectScoreLogit = 4) => ({
  scores: { ...noScores, predictedIou, objectScoreLogit },
});
const present = (frame: number) => storedMask(1, at(frame), score(0.9));
const gone = storedMask(1, null, score(0, -6));

function covers(
  rows: (frame: number) => readonly StoredMask[],
  searched: readonly (readonly [number, number])[] = [],
  options: object = {},
  reach = 0,
) {
  const look = resolveLook(renderLookSchema.parse({ style: 'redact', hold: 4, ...options }), null);
  const masks = fakeMasks(
    [
      {
        ...exportObject(1, 'Face'),
        searched: searched.map(([first, last]) => ({ first: frameIndex(first), last: frameIndex(last) })),
      },
    ],
    rows,
  );
  const scenes = new SceneReader(masks, look, { width, height, frameCount, reach });
  const log = new RedactionLog(look, masks.objects);
  return {
    at: (frame: number) => {
      const { cover } = scenes.at(frameIndex(frame));
      log.add(cover!);
      let area = 0;
      cover!.spans.forEach((_, from, to) => {
        area += to - from;
      });
      const has = (x: number, y: number) => {
        let inside = false;
        cover!.spans.forEach((row, from, to) => {
          inside ||= row === y && from <= x && x < to;
        });
        return inside;
      };
      return { state: cover!.states[0].state, whole: cover!.whole, area, has };
    },
    report: () => log.report(),
  };
}

describe('what redaction covers', () => {
  it('covers a trusted mask and what is near it', () => {
    const cover = covers((frame) => [present(frame)]).at(10);
    expect(cover).toMatchObject({ state: 'tracked', whole: false });
    expect(cover.area).toBeGreaterThan(Math.PI * 15.5 ** 2);
    expect(cover.area).toBeLessThan(Math.PI * 18 ** 2);
  });

  it('covers what a conversion has mixed of the mask into its neighbours, however little it is to grow', () => {
    const cover = covers((frame) => [present(frame)], [], { dilate: 0 }, 4).at(10);
    expect(cover.has(40 - 15 - 4, 60)).toBe(true);
    expect(cover.has(40 - 15 - 5, 60)).toBe(false);
  });

  it('holds over a gap, on both sides and between, and lets go after it', () => {
    const gap = covers((frame) => [frame >= 20 && frame < 26 ? gone : present(frame)]);
    const middle = gap.at(22);
    expect(middle.state).toBe('held');
    // Frame 19 stood at x 58, frame 26 at x 72: all between is covered.
    for (const x of [45, 58, 65, 72, 86]) expect(middle.has(x, 60), `x ${x}`).toBe(true);
    // The other way round, frame 19 stands at x 72.
    const back = covers((frame) => [frame >= 20 && frame < 26 ? gone : storedMask(1, at(45 - frame), score(0.9))]).at(
      22,
    );
    for (const x of [59, 65, 72, 86]) expect(back.has(x, 60), `x ${x}`).toBe(true);
    for (const y of [46, 74]) expect([44, 86].map((x) => back.has(x, y))).toEqual([true, true]);
    const leaving = covers((frame) => [frame >= 20 ? gone : present(frame)]);
    expect(leaving.at(23)).toMatchObject({ state: 'held' });
    expect(leaving.at(24)).toMatchObject({ state: 'absent', area: 0 });
  });

  it('is not fooled by hold 0: then a gap is open, and the report says so', () => {
    const open = covers((frame) => [frame === 20 ? gone : present(frame)], [], { hold: 0 });
    expect(open.at(20)).toMatchObject({ state: 'absent', area: 0 });
    expect(open.report().verdict).toBe('check');
  });

  it.each([
    ['a doubtful score', storedMask(1, at(20), score(0.2))],
    ['an unconfirmed object', { ...present(20), provisional: true }],
    ['a mask that lost most of itself', storedMask(1, at(20, 6), score(0.9))],
  ])('covers more than the mask for %s', (_, row) => {
    const sure = covers((frame) => [present(frame)]).at(20);
    const unsure = covers((frame) => [frame === 20 ? row : present(frame)]).at(20);
    expect(unsure.state).toBe('uncertain');
    expect(unsure.area).toBeGreaterThan(sure.area);
  });

  it('covers a doubtful mask twice as far around, also where nothing is near it in time', () => {
    const wide = covers((frame) => (frame === 20 ? [storedMask(1, at(20), score(0.2))] : [gone]), [], { hold: 0 }).at(
      20,
    );
    const sure = covers((frame) => [frame === 20 ? present(20) : gone], [], { hold: 0 }).at(20);
    // 16 pixels of a short side of 1080 are 2 here.
    expect([78, 79].map((x) => sure.has(x, 60))).toEqual([false, false]);
    expect(wide.area).toBeGreaterThan(sure.area);
  });

  it('looks no further than the ends of the clip', () => {
    const edge = covers((frame) => {
      expect([frame >= 0, frame < frameCount]).toEqual([true, true]);
      return [frame % 59 === 0 ? gone : present(frame)];
    });
    expect([0, 59].map((frame) => edge.at(frame).state)).toEqual(['held', 'held']);
  });

  it('trusts a mask that a person gave, whatever its score', () => {
    const row = { ...storedMask(1, at(20), score(0)), source: 'prompt' as const };
    expect(covers(() => [row]).at(20).state).toBe('tracked');
  });

  it('covers the whole frame where an object was never tracked, but not where its phrase was looked for in vain', () => {
    const rows = (frame: number) => (frame < 30 ? [] : [present(frame)]);
    expect(covers(rows).at(10)).toMatchObject({ state: 'untracked', whole: true, area: width * height });
    expect(covers(rows, [[5, 59]]).at(10)).toMatchObject({ state: 'absent', area: 0 });
    expect(covers(rows, [[5, 59]]).at(28)).toMatchObject({ state: 'held' });
    // The search began later, or was stopped: nobody looked there.
    expect(covers(rows, [[5, 59]]).at(4)).toMatchObject({ state: 'untracked', whole: true, area: width * height });
  });

  it('covers an object that the model saw but whose mask was refused, however long', () => {
    const refused = storedMask(1, null, score(0.1, 3));
    const far = covers((frame) => [frame >= 20 ? refused : present(frame)]);
    expect(far.at(45)).toMatchObject({ state: 'uncertain', whole: false });
    expect(far.at(45).area).toBeGreaterThan(700);
    expect(covers(() => [refused]).at(45)).toMatchObject({ state: 'uncertain', whole: true });
  });
});

const notesOf = ({ report }: ReturnType<typeof covers>) => redactionNotes(report()).map(({ text }) => text);

describe('the report', () => {
  it('is green only when every frame of every object is trusted', () => {
    const green = covers((frame) => [present(frame)]);
    for (let frame = 0; frame < 10; frame++) green.at(frame);
    expect(green.report()).toMatchObject({ verdict: 'covered', frames: 10, whole: [], objects: [{ tracked: 10 }] });
    expect(notesOf(green)).toEqual(['Redaction covered 1 object on 10 frames.']);
  });

  it('names the frames that someone should look at', () => {
    const mixed = covers((frame) => (frame < 3 ? [] : [frame >= 20 && frame < 40 ? gone : present(frame)]));
    for (let frame = 0; frame < 50; frame++) mixed.at(frame);
    const { verdict, whole, objects } = mixed.report();
    expect({ verdict, whole }).toEqual({ verdict: 'check', whole: [[0, 2]] });
    expect(objects[0]).toMatchObject({
      untracked: [[0, 2]],
      held: [
        [20, 23],
        [36, 39],
      ],
      absent: [[24, 35]],
    });
    const notes = notesOf(mixed).join(' ');
    for (const part of [
      '3 frames are covered whole',
      '8 times an object had no mask',
      '12 times an object was not there',
    ]) {
      expect(notes).toContain(part);
    }
  });

  it('covers all of a frame where a phrase that has no object was not looked for, unless objects were chosen', () => {
    const unfoundPhrases = [[{ first: frameIndex(10), last: frameIndex(30) }]];
    const masks = { ...fakeMasks([exportObject(1, 'Face')], (frame) => [present(frame)]), unfoundPhrases };
    const wholeAt = (frame: number, options: object) => {
      const look = resolveLook(renderLookSchema.parse({ style: 'redact', ...options }), null);
      return new SceneReader(masks, look, { width, height, frameCount, reach: 0 }).at(frameIndex(frame)).cover?.whole;
    };
    expect([9, 10, 30, 31].map((frame) => wholeAt(frame, {}))).toEqual([true, false, false, true]);
    expect(wholeAt(9, { objectIds: [1] })).toBe(false);
  });
});
