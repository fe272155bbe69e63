import { labelParts } from './label-parts.ts';

export interface FillHolesOptions {
  /** Components of at most this many pixels are changed; <= 0 changes nothing. */
  readonly maxArea: number;
  readonly fillHoles: boolean;
  readonly removeSprinkles: boolean;
}

const filled = 0.1;
const removed = -0.1;

/**
 * Repairs one mask in place (logits [height * width] at `offset`, foreground > 0, 8-connectivity): background specks of at most
 * `maxArea` pixels become +0.1, then foreground specks of at most min(maxArea, half of the foreground) become -0.1.
 * Source: SAM 3 `fill_holes_in_mask_scores`.
 */
export function fillHoles(
  logits: Float32Array,
  width: number,
  height: number,
  options: FillHolesOptions,
  offset = 0,
): void {
  const { maxArea } = options;
  if (maxArea <= 0) return;
  const map = logits.subarray(offset, offset + width * height);
  if (options.fillHoles) replaceSmall(map, width, height, { foreground: false, maxArea, value: filled });
  if (!options.removeSprinkles) return;
  let total = 0;
  for (let at = 0; at < map.length; at++) if (map[at] > 0) total++;
  const limit = Math.min(maxArea, Math.floor(total / 2));
  replaceSmall(map, width, height, { foreground: true, maxArea: limit, value: removed });
}

interface Replacement {
  readonly foreground: boolean;
  readonly maxArea: number;
  readonly value: number;
}

function replaceSmall(map: Float32Array, width: number, height: number, replacement: Replacement): void {
  const { foreground, maxArea, value } = replacement;
  const { starts, ends, partOf, areas } = labelParts(map, width, height, foreground);
  for (let run = 0; run < starts.length; run++) {
    if (areas[partOf[run]] <= maxArea) map.fill(value, starts[run], ends[run]);
  }
}
