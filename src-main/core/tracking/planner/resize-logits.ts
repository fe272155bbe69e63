/** Square or oblong float maps that must be compared on one grid. */
export interface LogitGrid {
  readonly width: number;
  readonly height: number;
  /** [height * width], row-major. */
  readonly logits: Float32Array;
}

/**
 * Bilinear, half-pixel centres (align_corners false), edges repeated, no antialiasing: as torch `interpolate` resizes logits
 * before a threshold. The result is the caller's.
 */
export function resizeLogits(source: LogitGrid, width: number, height: number): Float32Array<ArrayBuffer> {
  const target = new Float32Array(width * height);
  const columns = sampleAxis(source.width, width);
  const rows = sampleAxis(source.height, height);
  for (let y = 0; y < height; y++) {
    const upper = rows.low[y] * source.width;
    const lower = rows.high[y] * source.width;
    for (let x = 0; x < width; x++) {
      const left = columns.low[x];
      const right = columns.high[x];
      const fraction = columns.fraction[x];
      const above = source.logits[upper + left] * (1 - fraction) + source.logits[upper + right] * fraction;
      const below = source.logits[lower + left] * (1 - fraction) + source.logits[lower + right] * fraction;
      target[y * width + x] = above * (1 - rows.fraction[y]) + below * rows.fraction[y];
    }
  }
  return target;
}

function sampleAxis(from: number, to: number): { low: Int32Array; high: Int32Array; fraction: Float32Array } {
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const fraction = new Float32Array(to);
  for (let at = 0; at < to; at++) {
    const centre = Math.max(0, ((at + 0.5) * from) / to - 0.5);
    low[at] = Math.min(Math.floor(centre), from - 1);
    high[at] = Math.min(low[at] + 1, from - 1);
    fraction[at] = centre - low[at];
  }
  return { low, high, fraction };
}
