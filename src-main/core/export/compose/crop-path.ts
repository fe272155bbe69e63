import { frameIndex, type ObjectId } from '../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import { throwIfAborted } from '../../../../src-shared/errors/studio-error.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import { maskBox } from '../../../../src-shared/mask/rle.ts';
import type { PixelBox } from '../annotate/draw-rectangle.ts';
import type { MaskReader } from '../ports.ts';

/** A window of one size that follows an object: where it stands on each frame of a range. */
export interface CropPath extends Size {
  windowAt(frameIndex: number): PixelBox;
}

/** Pixels that the window is larger than the object's largest box, and the least side of it. */
const MARGIN = 20;
const LEAST_SIDE = 64;
/** Frames of the Gaussian that steadies the window. */
const SIGMA = 2;

/**
 * Follows the centre of the object's box, steadied over a few frames; while the object is absent the window glides to where it
 * returns. Sides (but for a picture of one pixel) and corners are even, so that pixels
 * stay as they are. null when the object is on no frame of the range.
 */
export function cropPath(
  masks: MaskReader,
  objectId: ObjectId,
  range: FrameRange,
  frame: Size,
  signal?: AbortSignal,
): CropPath | null {
  const count = range.last - range.first + 1;
  const xs = new Float64Array(count).fill(Number.NaN);
  const ys = new Float64Array(count).fill(Number.NaN);
  let [width, height] = [0, 0];
  for (let at = 0; at < count; at++) {
    throwIfAborted(signal);
    const mask = masks.masksAt(frameIndex(range.first + at)).find((row) => row.objectId === objectId)?.mask ?? null;
    const box = mask === null ? null : maskBox(mask);
    if (box === null) continue;
    xs[at] = box.x + box.width / 2;
    ys[at] = box.y + box.height / 2;
    width = Math.max(width, box.width);
    height = Math.max(height, box.height);
  }
  if (width === 0) return null;
  const size = { width: windowSide(width, frame.width), height: windowSide(height, frame.height) };
  const [smoothX, smoothY] = [smooth(bridgeGaps(xs)), smooth(bridgeGaps(ys))];
  return {
    ...size,
    windowAt: (index) => ({
      ...size,
      x: corner(smoothX[index - range.first], size.width, frame.width),
      y: corner(smoothY[index - range.first], size.height, frame.height),
    }),
  };
}

function windowSide(side: number, limit: number): number {
  const wanted = Math.max(LEAST_SIDE, side + MARGIN);
  const most = limit === 1 ? 1 : limit - (limit % 2);
  return Math.min(2 * Math.ceil(wanted / 2), most);
}

function corner(centre: number, side: number, limit: number): number {
  const most = limit - side;
  return 2 * Math.floor(Math.min(most, Math.max(0, centre - side / 2)) / 2);
}

/** Straight lines over the gaps, the nearest value before the first and after the last. */
function bridgeGaps(values: Float64Array): Float64Array {
  const out = values.slice();
  let known = -1;
  for (let at = 0; at < out.length; at++) {
    if (Number.isNaN(values[at])) continue;
    for (let gap = known + 1; gap < at; gap++) {
      const from = known < 0 ? values[at] : values[known];
      out[gap] = from + ((values[at] - from) * (gap - known)) / (at - known);
    }
    known = at;
  }
  return out.fill(out[known], known + 1);
}

function smooth(values: Float64Array): Float64Array {
  const reach = 3 * SIGMA;
  const out = new Float64Array(values.length);
  for (let at = 0; at < values.length; at++) {
    let [sum, whole] = [0, 0];
    for (let step = -reach; step <= reach; step++) {
      const weight = Math.exp(-(step ** 2) / (2 * SIGMA ** 2));
      sum += weight * values[Math.min(values.length - 1, Math.max(0, at + step))];
      whole += weight;
    }
    out[at] = sum / whole;
  }
  return out;
}
