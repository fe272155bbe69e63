import { StudioError } from '../errors/studio-error.ts';
import type { BoxInVideo, Size } from '../geometry/geometry.ts';
import { forEachRun, maskBox, type RleMask, RleWriter } from './rle.ts';
import { forEachRowRun } from './row-runs.ts';

/** The part of a mask inside a box of whole pixels, as a mask of the box's size. */
export function cropMask(mask: RleMask, box: BoxInVideo): RleMask {
  const runs = new ForegroundRuns({ width: box.width, height: box.height });
  forEachRowRun(mask, (y, from, to) => {
    const row = y - box.y;
    const left = Math.max(0, from - box.x);
    const right = Math.min(box.width, to - box.x);
    if (row >= 0 && row < box.height && left < right) runs.add(row * box.width + left, row * box.width + right);
  });
  return runs.finish();
}

/** A mask of `size` that is empty but for `part`, whose top-left pixel lies at (left, top). Throws `mask-corrupt` when it does not fit. */
export function pasteMask(part: RleMask, left: number, top: number, size: Size): RleMask {
  const whole = Number.isInteger(left) && Number.isInteger(top) && left >= 0 && top >= 0;
  if (!whole || left + part.width > size.width || top + part.height > size.height) {
    throw new StudioError('mask-corrupt', 'user', 'A mask lies outside the picture; write the file again.');
  }
  const runs = new ForegroundRuns(size);
  forEachRowRun(part, (y, from, to) => {
    const row = (top + y) * size.width + left;
    runs.add(row + from, row + to);
  });
  return runs.finish();
}

/**
 * The form annotation tools keep: row-major run lengths inside the mask's box, background first (0 when the first pixel is
 * foreground). null: the mask is empty.
 */
export function runsInBox(mask: RleMask): { readonly box: BoxInVideo; readonly runs: readonly number[] } | null {
  const box = maskBox(mask);
  if (box === null) return null;
  const runs: number[] = [];
  let written = 0;
  forEachRun(cropMask(mask, box), (start, end) => {
    runs.push(start - written, end - start);
    written = end;
  });
  if (written < box.width * box.height) runs.push(box.width * box.height - written);
  return { box, runs };
}

/** Inverse of `runsInBox`, for a frame of `size`; throws `mask-corrupt` when box and runs do not fit each other or the frame. */
export function maskFromRunsInBox(runs: readonly number[], box: BoxInVideo, size: Size): RleMask {
  const whole = [box.width, box.height, ...runs].every((value) => Number.isInteger(value) && value >= 0);
  const total = runs.reduce((sum, run) => sum + run, 0);
  if (!whole || total !== box.width * box.height || box.width > size.width || box.height > size.height) {
    throw new StudioError('mask-corrupt', 'user', 'The runs of a mask do not fill its box; write the file again.');
  }
  const writer = new RleWriter(box.width, box.height);
  runs.forEach((run, index) => {
    writer.push(index % 2, run);
  });
  return pasteMask(writer.finish(), box.x, box.y, size);
}

/** A mask from ascending stretches of foreground (pixel offsets, end exclusive). */
class ForegroundRuns {
  readonly #writer: RleWriter;
  readonly #pixels: number;
  #written = 0;

  constructor({ width, height }: Size) {
    this.#writer = new RleWriter(width, height);
    this.#pixels = width * height;
  }

  add(start: number, end: number): void {
    this.#writer.push(0, start - this.#written);
    this.#writer.push(1, end - start);
    this.#written = end;
  }

  finish(): RleMask {
    this.#writer.push(0, this.#pixels - this.#written);
    return this.#writer.finish();
  }
}
