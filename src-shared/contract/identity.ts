import { z } from 'zod';
import type { ObjectId } from '../domain/ids.ts';
import { objectIdSchema } from './object-id-schema.ts';
import type { MaskSpan } from './results.ts';
import { frameIndexSchema } from './schemas.ts';

/** Who is who. Ranges include both ends. */
export const identityChangeSchema = z.discriminatedUnion('kind', [
  /** What lies from `frameIndex` on becomes a new object; the left part keeps its number. */
  z.object({ kind: z.literal('split'), objectId: objectIdSchema, frameIndex: frameIndexSchema }),
  /** Two objects take each other's masks and prompts; `last` null: to the end. */
  z.object({
    kind: z.literal('swap'),
    objectId: objectIdSchema,
    otherId: objectIdSchema,
    first: frameIndexSchema,
    last: frameIndexSchema.nullable(),
  }),
  /**
   * `otherId` becomes part of `objectId` and goes. Where both have a mask, that of `objectId` stays; prompts of the other come along on
   * frames where `objectId` has none.
   */
  z.object({ kind: z.literal('join'), objectId: objectIdSchema, otherId: objectIdSchema }),
  /** The masks of a range belong to another object, or, with `otherId` null, to a new one; what that one had there makes way. */
  z.object({
    kind: z.literal('reassign'),
    objectId: objectIdSchema,
    otherId: objectIdSchema.nullable(),
    first: frameIndexSchema,
    last: frameIndexSchema,
  }),
  /** The object is not there, by a person's word: also tracked again, it stays absent. Prompts there go. */
  z.object({
    kind: z.literal('absent'),
    objectId: objectIdSchema,
    first: frameIndexSchema,
    last: frameIndexSchema,
  }),
]);
export type IdentityChange = z.output<typeof identityChangeSchema>;

/** What a change would do, before it is made. */
export interface IdentityPlan {
  /** As undo would call it. */
  readonly label: string;
  /** Every object that gains or loses something. */
  readonly lanes: readonly IdentityLane[];
  /** Stored masks that change hands or go, counted once a frame and object. */
  readonly masks: number;
  readonly promptsMoved: number;
  readonly promptsDropped: number;
}

export interface IdentityLane {
  readonly objectId: ObjectId;
  readonly name: string;
  /** `#rrggbb` */
  readonly colour: string;
  readonly fate: 'kept' | 'made' | 'gone';
  readonly before: readonly MaskSpan[];
  readonly after: readonly MaskSpan[];
}
