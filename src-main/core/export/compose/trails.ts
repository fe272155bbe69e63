import type { PointInVideo } from '../../../../src-shared/geometry/geometry.ts';
import { forEachRun, type RleMask } from '../../../../src-shared/mask/rle.ts';
import { Ink } from '../annotate/ink.ts';
import { parseColour, yuvFromRgb } from '../annotate/yuv-colour.ts';
import type { YuvImage } from '../annotate/yuv-image.ts';

/** Where an object has been: its centre on each frame, oldest first, the shown frame last; null where it was absent. */
export interface Trail {
  /** `#rrggbb` */
  readonly colour: string;
  readonly centres: readonly (PointInVideo | null)[];
}

/** Centre of mass of the foreground; null when there is none. */
export function maskCentre(mask: RleMask): PointInVideo | null {
  const { width } = mask;
  let [area, sumX, sumY] = [0, 0, 0];
  forEachRun(mask, (start, end) => {
    for (let from = start; from < end; ) {
      const row = Math.floor(from / width);
      const to = Math.min(end, (row + 1) * width);
      const left = from - row * width;
      area += to - from;
      sumX += ((to - from) * (2 * left + to - from)) / 2;
      sumY += (to - from) * (row + 0.5);
      from = to;
    }
  });
  return area === 0 ? null : { x: sumX / area, y: sumY / area };
}

/** A line that narrows and fades into the past, and a ringed dot where the object is now. `alpha`: zeroed, zero again afterwards. */
export function drawTrail(image: YuvImage, chroma: Uint16Array, alpha: Uint8Array, trail: Trail): void {
  const thick = Math.max(1.2, (Math.min(image.width, image.height) / 1080) * 4.2);
  const ink = new Ink(image, chroma);
  const centres = steadied(trail.centres);
  const stroke = new Stroke(image, alpha);
  for (let at = 1; at < centres.length; at++) {
    const [from, to] = [centres[at - 1], centres[at]];
    if (from === null || to === null) continue;
    const age = at / (centres.length - 1);
    stroke.capsule(from, to, thick * (0.35 + 0.65 * age), Math.round(40 + 205 * age));
  }
  const colour = yuvFromRgb(parseColour(trail.colour), image.matrix, image.fullRange);
  ink.use(colour);
  stroke.blend(ink);
  const head = centres.at(-1);
  if (head === null || head === undefined) return;
  ink.use(yuvFromRgb({ r: 255, g: 255, b: 255 }, image.matrix, image.fullRange));
  stroke.capsule(head, head, thick * 2.5, 255);
  stroke.blend(ink);
  ink.use(colour);
  stroke.capsule(head, head, thick * 1.7, 255);
  stroke.blend(ink);
}

/** Takes the jitter of the masks out of a path: the mean of each centre and its neighbours, ends and gaps as they are. */
function steadied(centres: Trail['centres']): Trail['centres'] {
  return centres.map((centre, at) => {
    const [before, after] = [centres[at - 1], centres[at + 1]];
    if (centre === null || before == null || after == null) return centre;
    return { x: (before.x + 2 * centre.x + after.x) / 4, y: (before.y + 2 * centre.y + after.y) / 4 };
  });
}

/** Gathers the strongest alpha of overlapping pieces, so that joints do not show. */
class Stroke {
  readonly #image: YuvImage;
  readonly #alpha: Uint8Array;
  /** Where something was gathered: row, first column and the one after the last. */
  readonly #stretches: number[] = [];
  /** Of each row: where its newest stretch begins in `#stretches`, plus one; 0 where there is none. */
  readonly #newest: Int32Array;

  constructor(image: YuvImage, alpha: Uint8Array) {
    this.#image = image;
    this.#alpha = alpha;
    this.#newest = new Int32Array(image.height);
  }

  capsule(from: PointInVideo, to: PointInVideo, radius: number, strength: number): void {
    const { width, height } = this.#image;
    const alpha = this.#alpha;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length = dx * dx + dy * dy;
    const reach = radius + 1;
    // Most pixels are well inside or well outside, where the square of the distance is enough.
    const inside = radius > 0.5 ? (radius - 0.5) ** 2 : -1;
    const outside = (radius + 0.5) ** 2;
    const bottom = Math.min(height - 1, Math.ceil(Math.max(from.y, to.y) + reach));
    for (let y = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach)); y <= bottom; y++) {
      const py = y + 0.5 - from.y;
      // Only what lies within reach of the row on the way counts for its columns.
      const first = dy === 0 ? 0 : clamped((py - reach) / dy);
      const last = dy === 0 ? 1 : clamped((py + reach) / dy);
      const left = Math.max(0, Math.floor(from.x + Math.min(first * dx, last * dx) - reach));
      const end = Math.min(width, Math.ceil(from.x + Math.max(first * dx, last * dx) + reach));
      if (left >= end) continue;
      this.#stretch(y, left, end);
      for (let x = left, at = y * width + left; x < end; x++, at++) {
        const px = x + 0.5 - from.x;
        const along = length === 0 ? 0 : clamped((px * dx + py * dy) / length);
        const awayX = px - along * dx;
        const awayY = py - along * dy;
        const away = awayX * awayX + awayY * awayY;
        if (away >= outside) continue;
        const cover = away <= inside ? 1 : radius + 0.5 - Math.sqrt(away);
        const value = Math.round(strength * Math.min(1, cover));
        if (value > alpha[at]) alpha[at] = value;
      }
    }
  }

  /** Pieces that follow each other overlap in most rows: one stretch holds them, so that their pixels are blended in one go. */
  #stretch(y: number, left: number, end: number): void {
    const stretches = this.#stretches;
    const at = this.#newest[y] - 1;
    if (at >= 0 && left <= stretches[at + 2] && end >= stretches[at + 1]) {
      stretches[at + 1] = Math.min(stretches[at + 1], left);
      stretches[at + 2] = Math.max(stretches[at + 2], end);
      return;
    }
    this.#newest[y] = stretches.length + 1;
    stretches.push(y, left, end);
  }

  blend(ink: Ink): void {
    const { width } = this.#image;
    const stretches = this.#stretches;
    for (let index = 0; index < stretches.length; index += 3) {
      const [y, left, end] = [stretches[index], stretches[index + 1], stretches[index + 2]];
      const at = y * width;
      ink.dots(y, left, end - left, this.#alpha, at + left);
      for (let x = left; x < end; x++) this.#alpha[at + x] = 0;
    }
    ink.flush();
    stretches.length = 0;
    this.#newest.fill(0);
  }
}

function clamped(part: number): number {
  return Math.min(1, Math.max(0, part));
}
