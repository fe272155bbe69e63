import { describe, expect, it } from 'vitest';
import { FrameTable } from '../../../src-main/core/video/index.ts';
import { buildFrameTable, hasVariableFrameRate } from '../../../src-main/core/video/table/build-frame-table.ts';
import { ticksInTimebase } from '../../../src-shared/time/timebase.ts';

const timebase = { numerator: 1, denominator: 90_000 };
const frame = (pts: number | null, keyFrame = false) => ({ pts, keyFrame, interlaced: false });

describe('FrameTable', () => {
  const table = new FrameTable(
    buildFrameTable([frame(-300, true), frame(0), frame(700), frame(710, true), frame(2000)], timebase, 300),
  );

  it('goes from index to pts and back', () => {
    expect([0, 1, 2, 3, 4].map((index) => table.indexOfPts(table.ptsOf(index)))).toEqual([0, 1, 2, 3, 4]);
    expect(table.indexOfPts(701)).toBeNull();
    expect([-999, -300, -1, 0, 709, 710, 99_999].map((pts) => table.indexAtPts(pts))).toEqual([0, 0, 0, 1, 2, 3, 4]);
  });

  it('knows durations and the end', () => {
    expect([0, 1, 2, 3, 4].map((index) => table.durationOf(index))).toEqual([300, 700, 10, 1290, 1290]);
    expect(table.durationTicks).toBe(3590);
  });

  it('finds key frames', () => {
    expect([0, 1, 2, 3, 4].map((index) => table.keyFrameAtOrBefore(index))).toEqual([0, 0, 0, 3, 3]);
  });

  it.each([-1, 5, 1.5, Number.NaN])('refuses frame %d', (index) => {
    expect(() => table.ptsOf(index)).toThrow(RangeError);
  });

  it('refuses data that breaks its promises', () => {
    const { data } = table;
    expect(() => new FrameTable({ ...data, pts: Float64Array.of(0, 0), keyFrames: new Uint8Array(2) })).toThrow();
    expect(() => new FrameTable({ ...data, pts: Float64Array.of(0.5), keyFrames: new Uint8Array(1) })).toThrow();
    expect(() => new FrameTable({ ...data, pts: new Float64Array(0), keyFrames: new Uint8Array(0) })).toThrow();
    expect(() => new FrameTable({ ...data, keyFrames: new Uint8Array(2) })).toThrow();
    expect(() => new FrameTable({ ...data, lastDuration: 0 })).toThrow();
  });
});

describe('ticks of another timebase', () => {
  const nanos = { numerator: 1, denominator: 1_000_000_000 };

  it('are exact for nanoseconds over hours', () => {
    for (const frame of [0, 1, 139, 100_000, 1_300_000]) {
      const ticks = frame * 33_366_667;
      expect(ticksInTimebase(ticks, nanos, nanos)).toBe(ticks);
      expect(ticksInTimebase(ticks * 4, { numerator: 1, denominator: 4_000_000_000 }, nanos)).toBe(ticks);
    }
  });

  it('are none between two ticks', () => {
    expect(ticksInTimebase(1001, { numerator: 1, denominator: 30_000 }, { numerator: 1001, denominator: 30_000 })).toBe(
      1,
    );
    expect(
      ticksInTimebase(1002, { numerator: 1, denominator: 30_000 }, { numerator: 1001, denominator: 30_000 }),
    ).toBeNaN();
  });
});

describe('buildFrameTable', () => {
  it('does not trust missing, repeated or falling timestamps', () => {
    for (const pts of [
      [0, null, 600],
      [0, 300, 300],
      [300, 0, 600],
    ]) {
      const data = buildFrameTable(
        pts.map((each) => frame(each)),
        timebase,
        300,
      );
      expect(data.trustworthy).toBe(false);
      expect([...data.pts]).toEqual([0, 300, 600].map((each) => each + (pts[0] ?? 0)));
    }
  });

  it('gives a single frame one nominal duration', () => {
    expect(buildFrameTable([frame(5)], timebase, 3600).lastDuration).toBe(3600);
    expect(buildFrameTable([frame(5)], timebase, null).lastDuration).toBe(1);
  });

  it('tells rounding from a varying rate', () => {
    expect(hasVariableFrameRate(Float64Array.of(0, 33, 67, 100))).toBe(false);
    expect(hasVariableFrameRate(Float64Array.of(0, 33, 70, 100))).toBe(true);
  });
});
