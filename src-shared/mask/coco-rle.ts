import { z } from 'zod';
import { StudioError } from '../errors/studio-error.ts';
import { compressCounts, damaged, decompressCounts } from './coco-counts.ts';
import { forEachRun, type RleMask, RleWriter } from './rle.ts';
import { transposeRuns } from './transpose-runs.ts';

/** A mask as COCO files carry it: `size` is [height, width]; `counts` runs down the columns and starts with background. */
export interface CocoRle {
  readonly size: readonly [number, number];
  /** Compressed text or plain run lengths. */
  readonly counts: string | readonly number[];
}

export const cocoRleSchema = z.object({
  size: z.tuple([z.number(), z.number()]),
  counts: z.union([z.string(), z.array(z.number())]),
});

/** The form COCO files and pycocotools exchange. */
export interface CompressedCocoRle {
  readonly size: readonly [number, number];
  readonly counts: string;
}

/** What core/video accepts. A small hostile text can describe stripes that cost 8 bytes a pixel to turn: 800 MB at most. */
const MAX_PIXELS = 100_000_000;

/** Column-major run lengths, first run background (may be 0). Same numbers as pycocotools for the same mask. */
export function cocoCountsFromMask(mask: RleMask): number[] {
  requirePixels(mask.width, mask.height);
  const runs: number[] = [];
  forEachRun(mask, (start, end) => {
    runs.push(start, end);
  });
  const toggles = transposeRuns(runs, mask.width, mask.height);
  const counts: number[] = [];
  let position = 0;
  for (const toggle of toggles) {
    counts.push(toggle - position);
    position = toggle;
  }
  counts.push(mask.width * mask.height - position);
  return counts;
}

/** The compressed COCO form; identical text to pycocotools `encode`. */
export function cocoRleFromMask(mask: RleMask): CompressedCocoRle {
  return { size: [mask.height, mask.width], counts: compressCounts(cocoCountsFromMask(mask)) };
}

/**
 * Reads either COCO form. Empty runs inside are legal and merge away. Throws `mask-corrupt` when the runs do not fill the size
 * exactly or the size is not a positive whole number of at most 100 million pixels.
 */
export function maskFromCocoRle(rle: CocoRle): RleMask {
  const [height, width] = rle.size;
  const pixels = requirePixels(width, height);
  const counts = typeof rle.counts === 'string' ? decompressCounts(rle.counts, pixels) : rle.counts;
  const toggles = transposeRuns(foregroundRuns(counts, pixels), height, width);
  const writer = new RleWriter(width, height);
  let position = 0;
  let value = 0;
  for (const toggle of toggles) {
    writer.push(value, toggle - position);
    position = toggle;
    value = 1 - value;
  }
  writer.push(value, pixels - position);
  return writer.finish();
}

function foregroundRuns(counts: readonly number[], pixels: number): number[] {
  const runs: number[] = [];
  let position = 0;
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index];
    if (!Number.isInteger(count) || count < 0 || position + count > pixels) throw damaged();
    if (index % 2 === 1 && count > 0) {
      if (runs.length > 0 && runs[runs.length - 1] === position) runs[runs.length - 1] += count;
      else runs.push(position, position + count);
    }
    position += count;
  }
  if (position !== pixels) throw damaged();
  return runs;
}

function requirePixels(width: number, height: number): number {
  const pixels = width * height;
  if (Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0 && pixels <= MAX_PIXELS)
    return pixels;
  throw new StudioError(
    'mask-corrupt',
    'user',
    `A mask cannot be ${width}x${height}; sizes are whole, positive and at most 100 million pixels.`,
  );
}
