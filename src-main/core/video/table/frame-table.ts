import type { Rational } from '../../../../src-shared/time/timebase.ts';
import { checkFrameTable, type FrameTableData } from './frame-table-data.ts';

/**
 * Frame index <-> pts of one source, the truth about which frames exist: what our own decode emitted at import, in
 * presentation order. Immutable; O(1) by index, O(log n) by time.
 */
export class FrameTable {
  readonly data: FrameTableData;

  constructor(data: FrameTableData) {
    checkFrameTable(data);
    this.data = data;
  }

  get frameCount(): number {
    return this.data.pts.length;
  }
  get timebase(): Rational {
    return this.data.timebase;
  }
  get trustworthy(): boolean {
    return this.data.trustworthy;
  }
  get firstPts(): number {
    return this.data.pts[0]!;
  }
  get lastPts(): number {
    return this.data.pts[this.frameCount - 1]!;
  }
  /** Ticks from the first frame to the end of the last. */
  get durationTicks(): number {
    return this.lastPts - this.firstPts + this.data.lastDuration;
  }

  /** Ticks of a frame; RangeError outside 0 .. frameCount-1. */
  ptsOf(frameIndex: number): number {
    this.#check(frameIndex);
    return this.data.pts[frameIndex]!;
  }

  /** Ticks until the next frame. */
  durationOf(frameIndex: number): number {
    this.#check(frameIndex);
    if (frameIndex === this.frameCount - 1) return this.data.lastDuration;
    return this.data.pts[frameIndex + 1]! - this.data.pts[frameIndex]!;
  }

  isKeyFrame(frameIndex: number): boolean {
    this.#check(frameIndex);
    return this.data.keyFrames[frameIndex] === 1;
  }

  /** Last key frame at or before a frame; 0 when there is none. */
  keyFrameAtOrBefore(frameIndex: number): number {
    this.#check(frameIndex);
    for (let index = frameIndex; index > 0; index--) if (this.data.keyFrames[index] === 1) return index;
    return 0;
  }

  /** Frame whose pts is exactly this; null when there is none. */
  indexOfPts(pts: number): number | null {
    const index = this.indexAtPts(pts);
    return this.data.pts[index] === pts ? index : null;
  }

  /** Frame on screen at a time: the last one with pts <= the given; the first before the start. */
  indexAtPts(pts: number): number {
    let low = 0;
    let high = this.frameCount - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.data.pts[middle]! <= pts) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #check(frameIndex: number): void {
    if (!Number.isInteger(frameIndex) || frameIndex < 0 || frameIndex >= this.frameCount)
      throw new RangeError(`frame ${frameIndex} is outside 0..${this.frameCount - 1}`);
  }
}
