import type { IdentityChange, IdentityPlan } from '../../src-shared/contract/identity.ts';
import type { ReviewStop } from '../../src-shared/domain/review.ts';

export type InspectorTab = 'object' | 'review' | 'frame';

/** The review of the session on the desk. */
export interface ReviewDesk {
  /** Heaviest first; null: not looked for yet. */
  readonly stops: readonly ReviewStop[] | null;
  /** Share of the clip that was looked through, 0..1; null: not looking. */
  readonly looking: number | null;
  /** The stop a person is at; null: none. */
  readonly current: string | null;
  readonly filter: string;
  /** A stop that was rejected, and how many prompts its object had then. */
  readonly fixing: { readonly key: string; readonly prompts: number } | null;
  /** Decisions of this sitting, and how long they took, for the time that is left. */
  readonly decided: number;
  readonly decidingMillis: number;
}

export const freshReview: ReviewDesk = {
  stops: null,
  looking: null,
  current: null,
  filter: '',
  fixing: null,
  decided: 0,
  decidingMillis: 0,
};

/** Names a stop as long as its worst frame stays. */
export function stopKey({ objectId, frameIndex }: ReviewStop): string {
  return `${objectId}:${frameIndex}`;
}

/** A change that a person looks at before it is made. */
export interface IdentityPreview {
  readonly change: IdentityChange;
  /** null: being worked out, or it cannot be done. */
  readonly plan: IdentityPlan | null;
  /** Why it cannot be done, in the engine's words. */
  readonly problem: string | null;
}
