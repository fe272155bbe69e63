import { z } from 'zod';

/** What a list of times comes to, in milliseconds. */
export interface Timing {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly min: number;
  readonly max: number;
  /** Standard deviation of the sample; 0 for one time. */
  readonly deviation: number;
}

export const timingSchema: z.ZodType<Timing> = z.object({
  count: z.number(),
  mean: z.number(),
  p50: z.number(),
  p90: z.number(),
  min: z.number(),
  max: z.number(),
  deviation: z.number(),
});

/** Percentiles interpolate linearly between the two nearest times, as numpy does. At least one time. */
export function summariseTimes(millis: readonly number[]): Timing {
  if (millis.length === 0) throw new RangeError('no times to summarise');
  const sorted = [...millis].sort((a, b) => a - b);
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  const squares = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    count: sorted.length,
    mean,
    p50: percentile(sorted, 0.5),
    p90: percentile(sorted, 0.9),
    min: sorted[0],
    max: sorted[sorted.length - 1],
    deviation: sorted.length === 1 ? 0 : Math.sqrt(squares / (sorted.length - 1)),
  };
}

function percentile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}
