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
  #left = Number.POSITIVE_INFINITY;
  #right = -1;
  #top = Number.POSITIVE_INFINITY;
  #bottom = -1;

  constructor(image: YuvImage, alpha: Uint8Array) {
    this.#image = image;
    this.#alpha = alpha;
  }

  capsule(from: PointInVideo, to: PointInVideo, radius: number, strength: number): void {
    const { width, height } = this.#image;
    const reach = radius + 1;
    const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach));
    const right = Math.min(width - 1, Math.ceil(Math.max(from.x, to.x) + reach));
    const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach));
    const bottom = Math.min(height - 1, Math.ceil(Math.max(from.y, to.y) + reach));
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length = dx * dx + dy * dy;
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const px = x + 0.5 - from.x;
        const py = y + 0.5 - from.y;
        const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
        const awayX = px - along * dx;
        const awayY = py - along * dy;
        const cover = radius + 0.5 - Math.sqrt(awayX * awayX + awayY * awayY);
        if (cover <= 0) continue;
        const value = Math.round(strength * Math.min(1, cover));
        const at = y * width + x;
        if (value > this.#alpha[at]) this.#alpha[at] = value;
      }
    }
    this.#left = Math.min(this.#left, left);
    this.#right = Math.max(this.#right, right);
    this.#top = Math.min(this.#top, top);
    this.#bottom = Math.max(this.#bottom, bottom);
  }

  blend(ink: Ink): void {
    const { width } = this.#image;
    for (let y = this.#top; y <= this.#bottom; y++) {
      for (let x = this.#left; x <= this.#right; x++) {
        const at = y * width + x;
        if (this.#alpha[at] === 0) continue;
        ink.dot(x, y, this.#alpha[at]);
        this.#alpha[at] = 0;
      }
    }
    ink.flush();
    this.#left = this.#top = Number.POSITIVE_INFINITY;
    this.#right = this.#bottom = -1;
  }
}
