import { z } from 'zod';
import type { Contract } from '../rpc/contract-types.ts';
import { objectIdSchema } from './object-id-schema.ts';
import type { ObjectLane, SoundPeaksPart } from './results.ts';
import { frameIndexSchema } from './schemas.ts';

const typed = <T>() => z.custom<T>(() => true);
const sessionId = z.string().min(1);
/** Half a minute. */
const MOST_SOUND_SAMPLES = 48_000 * 30;

/** What a timeline shows of an open session, and its sound. */
export const clipContract = {
  /** What the timeline draws of one object on frames first..last (both inclusive), small and without reading masks. */
  objectLane: {
    kind: 'query',
    input: z.object({ sessionId, objectId: objectIdSchema, first: frameIndexSchema, last: frameIndexSchema }),
    output: typed<ObjectLane>(),
  },
  /**
   * First frames of new shots, ascending. Found once a video, by decoding all of it in the background, which takes as long as that takes;
   * known at once from then on. Errors: ffmpeg-failed, media-missing.
   */
  cuts: {
    kind: 'query',
    input: z.object({ sessionId }),
    output: typed<{ readonly frames: Uint32Array<ArrayBuffer> }>(),
  },
  /** The waveform of the first sound track as it is read, ascending; no event when there is no sound. */
  soundPeaks: { kind: 'stream', input: z.object({ sessionId }), event: typed<SoundPeaksPart>() },
  /**
   * Sound of the clip from `firstSample` samples after the first frame on: int16 [count, 2] interleaved at 48 kHz, silence where there is
   * none; empty when the clip has no sound. Errors: ffmpeg-failed.
   */
  sound: {
    kind: 'query',
    input: z.object({
      sessionId,
      firstSample: z.number().int().min(0),
      count: z.number().int().min(1).max(MOST_SOUND_SAMPLES),
    }),
    output: typed<{ readonly samples: Int16Array<ArrayBuffer> }>(),
  },
} as const satisfies Contract;
