import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { maskFromCocoRle } from '../../../src-shared/mask/coco-rle.ts';
import type { RleMask } from '../../../src-shared/mask/rle.ts';
import { mergeMasks } from './coco-rle.ts';

/** Polygons are drawn on a grid this much finer than pixels: part of the published masks. */
const SCALE = 5;
/** Pixels outside the picture that a corner may lie; bounds the work that a hostile file can ask for. */
const MAX_COORDINATE = 100_000;

/**
 * The union of COCO polygons `[x1, y1, x2, y2, ...]` as a mask; the same pixels as pycocotools `frPyObjects` and `merge`. Throws
 * `mask-corrupt` where no polygon has three corners and for numbers that are no place on or near the picture.
 * Source: pycocotools maskApi.c, rleFrPoly.
 */
export function maskFromPolygons(polygons: readonly (readonly number[])[], width: number, height: number): RleMask {
  // Contours of single pixels and lines, as OpenCV finds them, enclose nothing.
  const outlines = polygons.filter(({ length }) => length !== 2 && length !== 4);
  if (outlines.length === 0) throw damagedPolygon();
  return mergeMasks(
    outlines.map((polygon) => maskFromPolygon(polygon, width, height)),
    'union',
  );
}

function maskFromPolygon(polygon: readonly number[], width: number, height: number): RleMask {
  if (polygon.length < 6 || polygon.length % 2 !== 0) throw damagedPolygon();
  if (!polygon.every((value) => Math.abs(value) <= MAX_COORDINATE)) throw damagedPolygon();
  const toggles = columnToggles(polygon, width, height).sort((a, b) => a - b);
  return maskFromCocoRle({ size: [height, width], counts: countsOf(toggles, width * height) });
}

/** Column-major offsets at which the polygon is entered or left, unsorted. */
function columnToggles(polygon: readonly number[], width: number, height: number): number[] {
  const toggles: number[] = [];
  const corners = polygon.length / 2;
  const fine = (value: number) => Math.trunc(SCALE * value + 0.5);
  let previous: { readonly x: number; readonly y: number } | null = null;
  for (let corner = 0; corner < corners; corner++) {
    const next = (corner + 1) % corners;
    const from = { x: fine(polygon[2 * corner]), y: fine(polygon[2 * corner + 1]) };
    const to = { x: fine(polygon[2 * next]), y: fine(polygon[2 * next + 1]) };
    for (const point of edgePoints(from, to)) {
      if (previous !== null && point.x !== previous.x) {
        const toggle = crossing(previous, point, width, height);
        if (toggle !== null) toggles.push(toggle);
      }
      previous = point;
    }
  }
  return toggles;
}

/** Points of one edge on the fine grid, one a step along its longer axis; the same points whichever way it is walked. */
function* edgePoints(from: { x: number; y: number }, to: { x: number; y: number }) {
  const steep = Math.abs(to.x - from.x) < Math.abs(to.y - from.y);
  const backward = steep ? from.y > to.y : from.x > to.x;
  const [low, high] = backward ? [to, from] : [from, to];
  const length = steep ? high.y - low.y : high.x - low.x;
  const slope = length === 0 ? 0 : (steep ? high.x - low.x : high.y - low.y) / length;
  for (let step = 0; step <= length; step++) {
    const along = backward ? length - step : step;
    const across = Math.trunc((steep ? low.x : low.y) + slope * along + 0.5);
    yield steep ? { x: across, y: low.y + along } : { x: low.x + along, y: across };
  }
}

/** Where the border passes the centre line of a pixel column; null between centre lines and outside the picture. */
function crossing(
  before: { x: number; y: number },
  after: { x: number; y: number },
  width: number,
  height: number,
): number | null {
  const column = (Math.min(before.x, after.x) + 0.5) / SCALE - 0.5;
  if (!Number.isInteger(column) || column < 0 || column > width - 1) return null;
  const row = (Math.min(before.y, after.y) + 0.5) / SCALE - 0.5;
  return column * height + Math.ceil(Math.min(height, Math.max(0, row)));
}

/** Two borders at one place cancel out. */
function countsOf(toggles: readonly number[], pixels: number): number[] {
  const counts: number[] = [];
  let position = 0;
  for (let at = 0; at < toggles.length; at++) {
    if (toggles[at] === toggles[at + 1]) {
      at++;
      continue;
    }
    if (toggles[at] >= pixels) break;
    counts.push(toggles[at] - position);
    position = toggles[at];
  }
  counts.push(pixels - position);
  return counts;
}

function damagedPolygon(): StudioError {
  return new StudioError(
    'mask-corrupt',
    'user',
    'A COCO polygon is none: it needs at least three corners, as x, y pairs near the picture; nothing was scored.',
  );
}
