import type { Rational } from '../../../../src-shared/time/timebase.ts';
import type { ScannedFrame } from '../ffmpeg/scan-frames.ts';
import type { FrameTableData } from './frame-table-data.ts';

/**
 * Turns what the decoder emitted into a table. Where the file gives no usable timestamps (missing, repeated, going back) the
 * table gets evenly spaced ticks and says so with `trustworthy: false`. `frames` must not be empty.
 */
export function buildFrameTable(
  frames: readonly ScannedFrame[],
  timebase: Rational,
  nominalFrameTicks: number | null,
): FrameTableData {
  const keyFrames = Uint8Array.from(frames, (frame) => (frame.keyFrame ? 1 : 0));
  const trustworthy = frames.every(
    (frame, index) =>
      frame.pts !== null && (index === 0 || frame.pts > (frames[index - 1]!.pts ?? Number.POSITIVE_INFINITY)),
  );
  const step = Math.max(1, Math.round(nominalFrameTicks ?? 1));
  if (!trustworthy) {
    const start = frames[0]!.pts ?? 0;
    const pts = Float64Array.from(frames, (_, index) => start + index * step);
    return { timebase, pts, lastDuration: step, keyFrames, trustworthy };
  }
  const pts = Float64Array.from(frames, (frame) => frame.pts!);
  return { timebase, pts, lastDuration: lastFrameTicks(pts, nominalFrameTicks), keyFrames, trustworthy };
}

/** No frame follows the last, so it stays as long as its neighbour did; a single frame stays for one nominal frame. */
function lastFrameTicks(pts: Float64Array, nominalFrameTicks: number | null): number {
  if (pts.length >= 2) return pts[pts.length - 1]! - pts[pts.length - 2]!;
  return Math.max(1, Math.round(nominalFrameTicks ?? 1));
}

/** true when frame durations differ by more than one tick of rounding. */
export function hasVariableFrameRate(pts: Float64Array): boolean {
  let shortest = Number.POSITIVE_INFINITY;
  let longest = 0;
  for (let index = 1; index < pts.length; index++) {
    const ticks = pts[index]! - pts[index - 1]!;
    shortest = Math.min(shortest, ticks);
    longest = Math.max(longest, ticks);
  }
  return pts.length > 2 && longest - shortest > 1;
}
