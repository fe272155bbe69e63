import type { Rational } from '../../../../src-shared/time/timebase.ts';

/** Plain form of a table: what is cached and what may be posted to another thread. Arrays have one entry per frame. */
export interface FrameTableData {
  readonly timebase: Rational;
  /** Ticks, safe integers, strictly increasing. */
  readonly pts: Float64Array;
  /** Ticks that the last frame stays up. */
  readonly lastDuration: number;
  /** 1 where decoding can start. */
  readonly keyFrames: Uint8Array;
  /**
   * false: the file's own timestamps are missing or go backwards, so frames can only be found by counting from the start;
   * `pts` then holds made-up, evenly spaced ticks.
   */
  readonly trustworthy: boolean;
}

/** Throws on a table that breaks its own promises; a cache file is input like any other. */
export function checkFrameTable(data: FrameTableData): void {
  const { pts, keyFrames, lastDuration, timebase } = data;
  if (pts.length === 0) throw new TypeError('a frame table needs a frame');
  if (keyFrames.length !== pts.length) throw new TypeError('frame table arrays differ in length');
  if (!(timebase.denominator > 0) || !(timebase.numerator > 0))
    throw new TypeError('frame table timebase is not positive');
  if (!Number.isSafeInteger(lastDuration) || lastDuration <= 0) throw new TypeError('last frame has no duration');
  for (let index = 0; index < pts.length; index++) {
    if (!Number.isSafeInteger(pts[index])) throw new TypeError(`pts of frame ${index} is not an integer`);
    if (index > 0 && pts[index]! <= pts[index - 1]!) throw new TypeError(`pts of frame ${index} does not increase`);
  }
}
