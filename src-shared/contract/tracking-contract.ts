import { z } from 'zod';
import type { ConceptId, ObjectId } from '../domain/ids.ts';
import type { FrameRange } from '../domain/prompt.ts';
import type { Contract } from '../rpc/contract-types.ts';
import { objectIdSchema } from './object-id-schema.ts';
import type { TrackEvent } from './results.ts';
import { conceptIdSchema, directionSchema, memoryPolicySchema, policySchema, rangeInputSchema } from './schemas.ts';

const typed = <T>() => z.custom<T>(() => true);
const sessionId = z.string().min(1);

const trackingWish = {
  sessionId,
  /** null: the built-in pack. */
  packId: z.string().min(1).nullable(),
  device: z.string().min(1),
  direction: directionSchema,
  range: rangeInputSchema,
  policy: policySchema,
  memoryPolicy: memoryPolicySchema.nullable(),
  /** Only these objects and concepts; null: all that are prompted. */
  objectIds: z.array(objectIdSchema).nullable().default(null),
  conceptIds: z.array(conceptIdSchema).nullable().default(null),
};

/** What a run would go over; without an object and a concept everything is up to date. */
export interface TrackingPlan {
  /** As `RunState` has them. */
  readonly objectIds: readonly ObjectId[];
  readonly conceptIds: readonly ConceptId[];
  readonly range: FrameRange;
  readonly frameCount: number;
}

/** Runs of an open session. */
export const trackingContract = {
  /** What `track` would do, to the end of its range; changes nothing. Errors: no-prompts, range-invalid, pack-missing, pack-invalid. */
  planTracking: { kind: 'query', input: z.object(trackingWish), output: typed<TrackingPlan>() },
  /**
   * Tracks what is not up to date; every committed frame survives cancel, crash and kill. One run a session at a time: a second is refused
   * with `session-busy`. Errors: no-prompts, range-invalid, pack-cannot-track, those of opening a pack, cancelled.
   */
  track: {
    kind: 'stream',
    input: z.object({
      ...trackingWish,
      /** Continue the interrupted run exactly where it stopped. */
      resume: z.boolean(),
      /**
       * `agreement`: mends a track from the range's first frame (backward: last) on: to the next prompt, or until ten frames in a row come
       * out as they were; the rest of the track counts as up to date.
       */
      until: z.enum(['end', 'agreement']).default('end'),
    }),
    event: typed<TrackEvent>(),
  },
  /** Cancels the session's run, whoever started it; resolves when its last frames are committed. False: nothing ran. */
  cancelTracking: { kind: 'query', input: z.object({ sessionId }), output: typed<{ readonly cancelled: boolean }>() },
} as const satisfies Contract;
