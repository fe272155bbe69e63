import { describe, expect, it } from 'vitest';
import { type SeenMask, StopFinder } from '../../src-main/core/review/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { type ReviewSpan, type ReviewStop, stopState } from '../../src-shared/domain/review.ts';

const SIDE = 40;
const FRAMES = 120;

interface Place {
  readonly x: number;
  readonly y: number;
}

/** A square of 40 pixels that moves; IoU with the frame before from its way, as the store would note it. */
function seen(
  id: number,
  frame: number,
  at: Place | null,
  before: Place | null,
  more: Partial<SeenMask> = {},
): SeenMask {
  const box = at === null ? null : { ...at, width: SIDE, height: SIDE };
  const shared =
    at === null || before === null
      ? 0
      : Math.max(0, SIDE - Math.abs(at.x - before.x)) * Math.max(0, SIDE - Math.abs(at.y - before.y));
  return {
    objectId: objectId(id),
    frameIndex: frameIndex(frame),
    area: box === null ? 0 : SIDE * SIDE,
    box,
    stepIou: at === null || before === null ? null : shared / (2 * SIDE * SIDE - shared),
    confidence: at === null ? null : 0.9,
    visible: at === null ? 0.02 : 0.98,
    presence: null,
    byPerson: false,
    run: 1,
    ...more,
  };
}

type Way = (frame: number) => Place | null;
type Change = (mask: SeenMask) => SeenMask;

/** Objects 1, 2 ... along their ways; `change` spoils masks. */
function stopsOf(ways: readonly Way[], change: Change = (mask) => mask): ReviewStop[] {
  const finder = new StopFinder();
  const stops: ReviewStop[] = [];
  for (let frame = 0; frame < FRAMES; frame++) {
    const masks = ways.map((way, index) =>
      change(seen(index + 1, frame, way(frame), frame === 0 ? null : way(frame - 1))),
    );
    stops.push(...finder.frame(frameIndex(frame), masks));
  }
  return [...stops, ...finder.finish()];
}

const slowly: Way = (frame) => ({ x: frame, y: 50 });
const rightward: Way = (frame) => ({ x: 2 * frame, y: 100 });
const leftward: Way = (frame) => ({ x: 2 * (FRAMES - frame), y: 104 });
const onFrames =
  (first: number, last: number, spoil: Change): Change =>
  (mask) =>
    mask.frameIndex >= first && mask.frameIndex <= last ? spoil(mask) : mask;
const kinds = (stops: readonly ReviewStop[]) => stops.map(({ reasons }) => reasons.map(({ kind }) => kind));

describe('review stops', () => {
  it('are none where nothing is doubtful, also when an object is fast', () => {
    expect(stopsOf([slowly])).toEqual([]);
    expect(stopsOf([(frame) => ({ x: 30 * frame, y: 0 })])).toEqual([]);
  });

  it.each([
    ['confidence', { confidence: 0.2 }],
    ['visible', { visible: 0.3 }],
    ['presence', { presence: 0.21 }],
  ] as const)('name low %s once for the whole stretch, at its worst frame', (kind, spoilt) => {
    const stops = stopsOf(
      [slowly],
      onFrames(40, 60, (mask) => ({ ...mask, ...(mask.frameIndex === 52 ? spoilt : halfway(spoilt)) })),
    );
    expect(kinds(stops)).toEqual([[kind]]);
    expect(stops[0]).toMatchObject({ objectId: 1, first: 40, last: 60, frameIndex: 52 });
    // Without the spoiling (the mutation of this test) there is nothing to find.
    expect(
      stopsOf(
        [slowly],
        onFrames(40, 60, (mask) => mask),
      ),
    ).toEqual([]);
  });

  it('notice a confidence that is high but far below what is usual', () => {
    const dip = onFrames(70, 70, (mask) => ({ ...mask, confidence: 0.55 }));
    expect(kinds(stopsOf([slowly], dip))).toEqual([['confidence']]);
    expect(stopsOf([slowly], (mask) => ({ ...mask, confidence: 0.55 }))).toEqual([]);
  });

  it('believe a person: masks by hand are not doubted for their scores', () => {
    const byHand = onFrames(40, 60, (mask) => ({ ...mask, confidence: 0.1, visible: 0.1, byPerson: true }));
    expect(stopsOf([slowly], byHand)).toEqual([]);
  });

  it('notice a jump in area, both ways', () => {
    const stops = stopsOf(
      [slowly],
      onFrames(50, 80, (mask) => ({ ...mask, area: mask.area * 3 })),
    );
    expect(stops.map(({ frameIndex: at, reasons }) => [at, reasons])).toEqual([
      [50, [{ kind: 'jump', ratio: 3 }]],
      [81, [{ kind: 'jump', ratio: expect.closeTo(1 / 3) }]],
    ]);
  });

  it('notice a mask that leaps away from where it was', () => {
    const stops = stopsOf([(frame) => ({ x: frame + (frame >= 50 ? 300 : 0), y: 50 })]);
    expect(kinds(stops)).toEqual([['moved']]);
    expect(stops[0].frameIndex).toBe(50);
  });

  it('notice leaving and coming back, and weigh the return by place', () => {
    const away =
      (back: Place): Way =>
      (frame) =>
        frame < 40 ? { x: frame, y: 50 } : frame < 70 ? null : back;
    const [gone, back] = stopsOf([away({ x: 45, y: 50 })]);
    expect([gone.frameIndex, gone.reasons[0].kind]).toEqual([40, 'gone']);
    expect(back.frameIndex).toBe(70);
    expect(back.reasons[0]).toMatchObject({ kind: 'returned', absentFrames: 30, likeness: expect.closeTo(1, 1) });
    const [, elsewhere] = stopsOf([away({ x: 900, y: 700 })]);
    expect(elsewhere.reasons[0]).toMatchObject({ kind: 'returned', likeness: expect.closeTo(0, 1) });
    expect(elsewhere.severity).toBeGreaterThan(back.severity);
  });

  it('ask whether a new object is one that was lost', () => {
    const lost: Way = (frame) => (frame < 40 ? { x: frame, y: 50 } : null);
    const fresh: Way = (frame) => (frame < 60 ? null : { x: frame - 15, y: 50 });
    const stop = stopsOf([lost, fresh]).find(({ objectId: id }) => id === 2);
    expect(stop?.reasons).toEqual([
      { kind: 'resembles', otherId: 1, absentFrames: 20, likeness: expect.closeTo(1, 1) },
    ]);
    const far: Way = (frame) => (frame < 60 ? null : { x: 900, y: 700 });
    expect(stopsOf([lost, far]).filter(({ objectId: id }) => id === 2)).toEqual([]);
  });

  describe('of two objects that meet', () => {
    const swapsIn = (stops: readonly ReviewStop[]) =>
      stops.flatMap(({ reasons, severity }) => (reasons.some(({ kind }) => kind === 'swap') ? [severity] : []));

    it('say swap, strongly, when each goes on as the other one came', () => {
      const bounce =
        (way: Way, other: Way): Way =>
        (frame) =>
          frame < FRAMES / 2 ? way(frame) : other(frame);
      const traded = swapsIn(stopsOf([bounce(rightward, leftward), bounce(leftward, rightward)]));
      expect(traded).toHaveLength(1);
      expect(traded[0]).toBeGreaterThan(0.6);
      // The same meeting without the trade: passed by.
      expect(swapsIn(stopsOf([rightward, leftward])).every((severity) => severity < traded[0])).toBe(true);
    });

    it('say swap when they trade places from one frame to the next', () => {
      const a: Way = (frame) => (frame < 50 ? { x: 100, y: 100 } : { x: 130, y: 100 });
      const b: Way = (frame) => (frame < 50 ? { x: 130, y: 100 } : { x: 100, y: 100 });
      const stops = stopsOf([a, b]).filter(({ reasons }) => reasons.some(({ kind }) => kind === 'swap'));
      expect(stops.map(({ objectId: id, frameIndex: at }) => [id, at])).toEqual([[1, 50]]);
      expect(stops[0].reasons).toContainEqual({ kind: 'swap', otherId: 2 });
    });

    it('say nothing when they keep apart', () => {
      expect(swapsIn(stopsOf([slowly, (frame) => ({ x: frame, y: 200 })]))).toEqual([]);
    });
  });
});

function halfway(spoilt: Partial<SeenMask>): Partial<SeenMask> {
  return Object.fromEntries(Object.entries(spoilt).map(([key, value]) => [key, Number(value) + 0.1]));
}

describe('what was said about a stop', () => {
  const [stop] = stopsOf(
    [slowly],
    onFrames(40, 60, (mask) => ({ ...mask, confidence: 0.2, run: 3 })),
  );
  const said = (changes: Partial<ReviewSpan>): ReviewSpan => ({
    objectId: stop.objectId,
    first: frameIndex(30),
    last: frameIndex(70),
    verdict: 'accepted',
    reviewer: '',
    madeAtMillis: 0,
    seenRun: 3,
    ...changes,
  });

  it('counts for its object, its frame and the masks that were seen', () => {
    expect(stopState(stop, [])).toBe('open');
    expect(stopState(stop, [said({})])).toBe('accepted');
    expect(stopState(stop, [said({ objectId: objectId(2) })])).toBe('open');
    expect(stopState(stop, [said({ last: frameIndex(35) })])).toBe('open');
    expect(stopState(stop, [said({ seenRun: 2 })])).toBe('open');
    expect(stopState(stop, [said({ seenRun: 2, verdict: 'absent' })])).toBe('absent');
  });
});
