import type { ConceptId, FrameIndex, ObjectId } from './ids.ts';
import type { Scores } from './scores.ts';

/**
 * `reference` reproduces the published trackers exactly; `studio` adds our guards (absent instead of a full-frame mask,
 * doubtful frames not fed back, corrected frames always condition).
 */
export type TrackingPolicyName = 'reference' | 'studio';
/** Which past frames a tracked frame may remember; see sam-pipeline 3.10. */
export type MemoryPolicyName = 'standard' | 'selective' | 'kalman';

/** How a stored mask came to be. */
export type MaskSource = 'prompt' | 'tracked' | 'detected';

/** One object on one processed frame, before rasterising. */
export interface TrackedObject {
  readonly objectId: ObjectId;
  readonly conceptId: ConceptId | null;
  readonly source: MaskSource;
  /** Mask logits [L, L] row-major, foreground > 0; null when the object is absent on this frame. Owned by the receiver. */
  readonly logits: Float32Array<ArrayBuffer> | null;
  readonly scores: Scores;
  /** Still inside hotstart: may be retracted by a later frame. */
  readonly provisional: boolean;
}

/** What one frame of propagation produced. */
export interface TrackedFrame {
  readonly frameIndex: FrameIndex;
  readonly objects: readonly TrackedObject[];
  /** Objects withdrawn since the last frame: everything stored for them by this run must go. */
  readonly retracted: readonly ObjectId[];
}
