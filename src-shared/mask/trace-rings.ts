import { forEachRun, maskBox, type RleMask } from './rle.ts';

/**
 * A closed outline as x0, y0, x1, y1, ... in pixels; (0, 0) is the top-left corner of the top-left pixel. The last point joins
 * the first.
 */
export type Ring = readonly number[];

/** The outlines of a mask. Pixels that touch at a corner only belong to different parts. */
export interface MaskRings {
  /** One ring around each part, clockwise on screen, in reading order of their top-left corners. */
  readonly outers: readonly Ring[];
  /** One ring around each hole, counter-clockwise. */
  readonly holes: readonly Ring[];
}

/** The bitmap of a mask's box with one empty pixel around it, so that neighbours can be read without asking. */
interface Patch {
  readonly left: number;
  readonly top: number;
  readonly stride: number;
  readonly pixels: Uint8Array;
}

/** Moves in order right, down, left, up; turning right is +1. */
const STEP_X = [1, 0, -1, 0];
const STEP_Y = [0, 1, 0, -1];
/** Pixel ahead on the left and on the right of a corner, for each direction. */
const AHEAD_LEFT = [
  [0, -1],
  [0, 0],
  [-1, 0],
  [-1, -1],
];
const AHEAD_RIGHT = [
  [0, 0],
  [-1, 0],
  [-1, -1],
  [0, -1],
];

/**
 * Exact outlines along the pixel edges, only the corners: filling `outers` and emptying `holes` gives the mask back. Linear in
 * the area of the mask's box.
 */
export function traceRings(mask: RleMask): MaskRings {
  const box = maskBox(mask);
  if (box === null) return { outers: [], holes: [] };
  const patch = patchOf(mask, box);
  const seen = new Uint8Array(patch.pixels.length);
  const outers: Ring[] = [];
  const holes: Ring[] = [];
  for (let y = 1; y <= box.height + 1; y++) {
    for (let x = 1; x <= box.width; x++) {
      const at = y * patch.stride + x;
      const above = at - patch.stride;
      if (patch.pixels[at] === 1 && patch.pixels[above] === 0 && seen[at] === 0) {
        const ring = follow(patch, seen, x, y);
        (signedArea(ring) > 0 ? outers : holes).push(ring);
      }
    }
  }
  return { outers, holes };
}

/** Twice the area, positive for a ring that runs clockwise on screen. */
export function signedArea(ring: Ring): number {
  let sum = 0;
  for (let at = 0; at < ring.length; at += 2) {
    const next = (at + 2) % ring.length;
    sum += ring[at] * ring[next + 1] - ring[next] * ring[at + 1];
  }
  return sum;
}

/** Walks one outline with the foreground on the right, starting along the top edge of patch pixel (x, y). */
function follow(patch: Patch, seen: Uint8Array, startX: number, startY: number): Ring {
  const ring: number[] = [];
  let x = startX;
  let y = startY;
  let direction = 0;
  do {
    if (direction === 0) seen[y * patch.stride + x] = 1;
    x += STEP_X[direction];
    y += STEP_Y[direction];
    const turn = turnAt(patch, x, y, direction);
    if (turn !== 0) {
      ring.push(x + patch.left, y + patch.top);
      direction = (direction + turn) & 3;
    }
  } while (x !== startX || y !== startY || direction !== 0);
  return ring;
}

/** 1 right, -1 left, 0 straight on. */
function turnAt({ pixels, stride }: Patch, x: number, y: number, direction: number): number {
  const [rightX, rightY] = AHEAD_RIGHT[direction];
  if (pixels[(y + rightY) * stride + x + rightX] === 0) return 1;
  const [leftX, leftY] = AHEAD_LEFT[direction];
  return pixels[(y + leftY) * stride + x + leftX] === 1 ? -1 : 0;
}

function patchOf(mask: RleMask, box: { x: number; y: number; width: number; height: number }): Patch {
  const stride = box.width + 2;
  const pixels = new Uint8Array(stride * (box.height + 2));
  forEachRun(mask, (start, end) => {
    for (let at = start; at < end; ) {
      const y = Math.floor(at / mask.width);
      const rowEnd = Math.min(end, (y + 1) * mask.width);
      const offset = (y - box.y + 1) * stride + 1 - box.x - y * mask.width;
      pixels.fill(1, at + offset, rowEnd + offset);
      at = rowEnd;
    }
  });
  return { left: box.x - 1, top: box.y - 1, stride, pixels };
}
