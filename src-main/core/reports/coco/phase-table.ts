import { z } from 'zod';
import type { ReportTable } from '../../../../src-shared/contract/report-results.ts';
import { summariseTimes, type Timing, timingSchema } from '../bench/timing.ts';

/** Milliseconds of one picture by phase. */
export interface ImageTimes {
  /** Reading, decoding and resizing. */
  readonly read: number;
  readonly encode: number;
  /** Every phrase together. */
  readonly prompt: number;
  /** Thresholds, masks at picture size, run lengths. */
  readonly postProcess: number;
  readonly endToEnd: number;
}

const NAMES: Readonly<Record<keyof ImageTimes, string>> = {
  read: 'read and resize',
  encode: 'encode',
  prompt: 'prompt (all phrases)',
  postProcess: 'post-process',
  endToEnd: 'end to end',
};

export interface SummarisedImages {
  readonly phases: Readonly<Record<keyof ImageTimes, Timing>>;
  /** One phrase on an encoded picture, mean. */
  readonly onePhraseMillis: number;
  /** Encoding and one phrase: what published figures for one prompt mean. */
  readonly encodeAndOnePhraseMillis: number;
}

/** For reports that are read back. */
export const summarisedImagesSchema: z.ZodType<SummarisedImages> = z.object({
  phases: z.object({
    read: timingSchema,
    encode: timingSchema,
    prompt: timingSchema,
    postProcess: timingSchema,
    endToEnd: timingSchema,
  }),
  onePhraseMillis: z.number(),
  encodeAndOnePhraseMillis: z.number(),
});

/** Null without a timed picture. */
export function summariseImages(times: readonly ImageTimes[], phraseCount: number): SummarisedImages | null {
  if (times.length === 0) return null;
  const keys = Object.keys(NAMES) as (keyof ImageTimes)[];
  const phases = Object.fromEntries(keys.map((key) => [key, summariseTimes(times.map((each) => each[key]))])) as Record<
    keyof ImageTimes,
    Timing
  >;
  const onePhraseMillis = phases.prompt.mean / Math.max(1, phraseCount);
  return { phases, onePhraseMillis, encodeAndOnePhraseMillis: phases.encode.mean + onePhraseMillis };
}

export function phaseTable({ phases, onePhraseMillis, encodeAndOnePhraseMillis }: SummarisedImages): ReportTable {
  const rows = (Object.keys(NAMES) as (keyof ImageTimes)[]).map((key) => {
    const { count, mean, p50, p90, min, max } = phases[key];
    return [NAMES[key], count, mean, p50, p90, min, max];
  });
  const single = (name: string, mean: number) => [name, phases.prompt.count, mean, null, null, null, null];
  return {
    kind: 'table',
    title: 'Time of one picture',
    columns: [
      { name: 'phase' },
      { name: 'pictures', digits: 0 },
      ...['mean ms', 'P50 ms', 'P90 ms', 'min ms', 'max ms'].map((name) => ({ name, digits: 2 })),
    ],
    rows: [...rows, single('one phrase', onePhraseMillis), single('encode and one phrase', encodeAndOnePhraseMillis)],
  };
}
