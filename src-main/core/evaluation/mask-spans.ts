import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { forEachRun, type RleMask } from '../../../src-shared/mask/rle.ts';

/** A mask unpacked into foreground runs, for comparing it many times. Owns its array; never mutated. */
export interface MaskSpans {
  readonly width: number;
  readonly height: number;
  /** [start0, end0, start1, end1, ...]: row-major pixel offsets, ends exclusive, ascending, runs never touch. */
  readonly runs: Uint32Array;
  /** Foreground pixels. */
  readonly area: number;
}

/** Unpacks once; throws `mask-corrupt` like `forEachRun`. */
export function spansFromMask(mask: RleMask): MaskSpans {
  const runs: number[] = [];
  let area = 0;
  forEachRun(mask, (start, end) => {
    runs.push(start, end);
    area += end - start;
  });
  return { width: mask.width, height: mask.height, runs: Uint32Array.from(runs), area };
}

/** Pixels that two masks of one size share; throws `mask-corrupt` when the sizes differ. Linear in the number of runs. */
export function intersectionArea(a: MaskSpans, b: MaskSpans): number {
  requireSameSize(a, b);
  const left = a.runs;
  const right = b.runs;
  let shared = 0;
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    const overlap = Math.min(left[i + 1], right[j + 1]) - Math.max(left[i], right[j]);
    if (overlap > 0) shared += overlap;
    if (left[i + 1] < right[j + 1]) i += 2;
    else j += 2;
  }
  return shared;
}

/** Throws `mask-corrupt` when two masks cannot be compared pixel by pixel. */
export function requireSameSize(
  a: { readonly width: number; readonly height: number },
  b: { readonly width: number; readonly height: number },
): void {
  if (a.width === b.width && a.height === b.height) return;
  throw new StudioError(
    'mask-corrupt',
    'user',
    `A mask of ${a.width}x${a.height} cannot be compared with one of ${b.width}x${b.height}; give both at video size.`,
  );
}
