import { deepestPixel } from '../../../src-shared/mask/deepest-pixel.ts';
import { bitmapFromRle, type RleMask } from '../../../src-shared/mask/rle.ts';

/** A click of a person who corrects a mask; pixel centres of the video. */
export interface SimulatedClick {
  readonly x: number;
  readonly y: number;
  /** True: this belongs to the object; false: this does not. */
  readonly include: boolean;
}

/**
 * Where a person would click to correct `prediction`: the point farthest from the border of the largest connected error, which is
 * missing object (include) or surplus (exclude). With an empty prediction this is the centre of the object's largest part. Null when
 * the masks are equal. Ties go to the first in reading order. Source: interactive protocol of DAVIS 2018 and SAM.
 */
export function clickOnLargestError(prediction: RleMask, truth: RleMask): SimulatedClick | null {
  const { width, height } = truth;
  const found = bitmapFromRle(prediction);
  const wanted = bitmapFromRle(truth);
  const missing = largestPart(
    found.map((value, at) => (value === 0 && wanted[at] !== 0 ? 1 : 0)),
    width,
    height,
  );
  const surplus = largestPart(
    found.map((value, at) => (value !== 0 && wanted[at] === 0 ? 1 : 0)),
    width,
    height,
  );
  const include = missing.area >= surplus.area;
  const centre = deepestPixel((include ? missing : surplus).bitmap, width, height);
  if (centre === null) return null;
  return { x: (centre % width) + 0.5, y: Math.floor(centre / width) + 0.5, include };
}

/** The largest 4-connected part of a bitmap of 0 and 1, alone. */
function largestPart(bitmap: Uint8Array, width: number, height: number): { area: number; bitmap: Uint8Array } {
  const part = new Int32Array(bitmap.length);
  const queue = new Int32Array(bitmap.length);
  let parts = 0;
  let largest = { id: 0, area: 0 };
  for (let seed = 0; seed < bitmap.length; seed++) {
    if (bitmap[seed] === 0 || part[seed] !== 0) continue;
    const area = flood(bitmap, part, queue, seed, ++parts, width, height);
    if (area > largest.area) largest = { id: parts, area };
  }
  return { area: largest.area, bitmap: Uint8Array.from(part, (id) => (id === largest.id && id !== 0 ? 1 : 0)) };
}

function flood(
  bitmap: Uint8Array,
  part: Int32Array,
  queue: Int32Array,
  seed: number,
  id: number,
  width: number,
  height: number,
): number {
  let length = 0;
  const visit = (at: number) => {
    if (bitmap[at] === 0 || part[at] !== 0) return;
    part[at] = id;
    queue[length++] = at;
  };
  visit(seed);
  for (let next = 0; next < length; next++) {
    const at = queue[next];
    const x = at % width;
    if (x > 0) visit(at - 1);
    if (x < width - 1) visit(at + 1);
    if (at >= width) visit(at - width);
    if (at < width * (height - 1)) visit(at + width);
  }
  return length;
}
