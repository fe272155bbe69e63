import { StudioError } from '../errors/studio-error.ts';
import type { BoxInVideo, Size } from '../geometry/geometry.ts';
import { forEachRun, maskBox, type RleMask, RleWriter } from './rle.ts';

/**
 * The form annotation tools keep: row-major run lengths inside the mask's box, background first (0 when the first pixel is
 * foreground). null: the mask is empty.
 */
export function runsInBox(mask: RleMask): { readonly box: BoxInVideo; readonly runs: readonly number[] } | null {
  const box = maskBox(mask);
  if (box === null) return null;
  const runs: number[] = [];
  let written = 0;
  forEachRun(mask, (start, end) => {
    for (let at = start; at < end; ) {
      const y = Math.floor(at / mask.width);
      const rowEnd = Math.min(end, (y + 1) * mask.width);
      const from = (y - box.y) * box.width + at - y * mask.width - box.x;
      if (from === written && runs.length > 0) runs[runs.length - 1] += rowEnd - at;
      else runs.push(from - written, rowEnd - at);
      written = from + rowEnd - at;
      at = rowEnd;
    }
  });
  if (written < box.width * box.height) runs.push(box.width * box.height - written);
  return { box, runs };
}

/** Inverse of `runsInBox`, for a frame of `size`; throws `mask-corrupt` when box and runs do not fit each other or the frame. */
export function maskFromRunsInBox(runs: readonly number[], box: BoxInVideo, size: Size): RleMask {
  const inside = box.x >= 0 && box.y >= 0 && box.x + box.width <= size.width && box.y + box.height <= size.height;
  const whole = [box.x, box.y, box.width, box.height, ...runs].every((value) => Number.isInteger(value) && value >= 0);
  const total = runs.reduce((sum, run) => sum + run, 0);
  if (!inside || !whole || total !== box.width * box.height) {
    throw new StudioError('mask-corrupt', 'user', 'The runs of a mask do not fill its box; write the file again.');
  }
  const writer = new RleWriter(size.width, size.height);
  let written = 0;
  let offset = 0;
  runs.forEach((run, index) => {
    if (index % 2 === 1) {
      for (let at = offset; at < offset + run; ) {
        const row = Math.floor(at / box.width);
        const rowEnd = Math.min(offset + run, (row + 1) * box.width);
        const start = (box.y + row) * size.width + box.x + at - row * box.width;
        writer.push(0, start - written);
        writer.push(1, rowEnd - at);
        written = start + rowEnd - at;
        at = rowEnd;
      }
    }
    offset += run;
  });
  writer.push(0, size.width * size.height - written);
  return writer.finish();
}
