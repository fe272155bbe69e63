import { z } from 'zod';
import type { Contract } from '../rpc/contract-types.ts';
import { type IdentityPlan, identityChangeSchema } from './identity.ts';
import type { ReviewEvent, SessionState } from './results.ts';
import { reviewerSchema, reviewInputSchema } from './schemas.ts';

const typed = <T>() => z.custom<T>(() => true);
const sessionId = z.string().min(1);
const path = z.string().min(1).max(4096);

/** Looking results over, and saying who is who. */
export const reviewContract = {
  /**
   * Writes down verdicts about stretches of objects, in one undoable step; they replace what was said before about those frames.
   * `openOnly`: only on stored masks that nobody has looked over yet. Errors: prompt-invalid (no such object), range-invalid.
   */
  review: {
    kind: 'query',
    input: z.object({
      sessionId,
      says: z.array(reviewInputSchema).min(1).max(10_000),
      reviewer: reviewerSchema,
      openOnly: z.boolean().default(false),
    }),
    output: typed<SessionState>(),
  },
  /**
   * Stretches that deserve a look, found in one pass over what is stored; the last event has come to the last frame. Changes nothing.
   * Errors: those of opening a session, cancelled.
   */
  reviewStops: { kind: 'stream', input: z.object({ sessionPath: path }), event: typed<ReviewEvent>() },
  /** What `changeIdentity` would do; changes nothing. Errors: prompt-invalid, range-invalid. */
  planIdentity: {
    kind: 'query',
    input: z.object({ sessionId, change: identityChangeSchema }),
    output: typed<IdentityPlan>(),
  },
  /**
   * Says who is who from some frame on, as one undoable step; what was up to date stays so. Errors: prompt-invalid, range-invalid,
   * session-busy (while the session is tracked).
   */
  changeIdentity: {
    kind: 'query',
    input: z.object({ sessionId, change: identityChangeSchema, reviewer: reviewerSchema }),
    output: typed<SessionState>(),
  },
} as const satisfies Contract;
