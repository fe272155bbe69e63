import { z } from 'zod';
import type { Contract } from '../rpc/contract-types.ts';
import { objectIdSchema } from './object-id-schema.ts';
import type { FrameMasks, SegmentResult, SessionState } from './results.ts';
import {
  conceptChangeSchema,
  conceptIdSchema,
  frameIndexSchema,
  previewPointSchema,
  rleMaskSchema,
} from './schemas.ts';

const typed = <T>() => z.custom<T>(() => true);
const sessionId = z.string().min(1);
const packId = z.string().min(1).nullable();
const device = z.string().min(1);

/** Trying and taking: previews, instances of concepts, and what a correction changed. */
export const correctionContract = {
  /** Undoable. A threshold only hides: nothing is searched again. Errors: prompt-invalid (no such concept). */
  changeConcept: {
    kind: 'query',
    input: z.object({ sessionId, conceptId: conceptIdSchema, change: conceptChangeSchema }),
    output: typed<SessionState>(),
  },
  /**
   * Makes objects of instances that `detect` showed on a frame, each prompted with its mask there, as one undoable step; numbered from
   * `nextObjectId` on, in the given order. Errors: prompt-invalid, frame-out-of-range.
   */
  acceptInstances: {
    kind: 'query',
    input: z.object({
      sessionId,
      conceptId: conceptIdSchema,
      frameIndex: frameIndexSchema,
      masks: z.array(rleMaskSchema).min(1).max(1000),
    }),
    output: typed<SessionState>(),
  },
  /**
   * The mask that an object would have with one more click; nothing is stored. Shares encodes and answers with `segment`.
   * Errors: frame-out-of-range, prompt-outside-frame, those of opening a pack.
   */
  preview: {
    kind: 'query',
    input: z.object({ sessionId, ...previewPointSchema.shape, packId, device }),
    output: typed<SegmentResult>(),
  },
  /** The masks that `comparisons` keeps of one frame: those of objects whose mask there was replaced. */
  earlierMasks: {
    kind: 'query',
    input: z.object({ sessionId, frameIndex: frameIndexSchema }),
    output: typed<FrameMasks>(),
  },
  /** Ends comparisons with what is there now: one undoable step, until the objects are tracked again. */
  keepChanges: {
    kind: 'query',
    input: z.object({ sessionId, objectIds: z.array(objectIdSchema).min(1) }),
    output: typed<SessionState>(),
  },
  /**
   * Puts the earlier masks of objects back exactly, and takes back what was said about them since: one undoable step. Refused with
   * `session-busy` while a run goes.
   */
  revertChanges: {
    kind: 'query',
    input: z.object({ sessionId, objectIds: z.array(objectIdSchema).min(1) }),
    output: typed<SessionState>(),
  },
} as const satisfies Contract;
