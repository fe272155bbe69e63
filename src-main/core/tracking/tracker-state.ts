import type { ConceptId, ObjectId } from '../../../src-shared/domain/ids.ts';
import type { ConceptTrack } from './concept-track.ts';
import type { FeatureCache } from './feature-cache.ts';
import type { ObjectIds } from './object-ids.ts';
import type { ObjectTrack } from './object-track.ts';
import type { TrackerConstants, TrackerModel } from './ports.ts';
import type { PromptBook, VideoShape } from './prompt-book.ts';
import type { RecallRules } from './recall.ts';
import type { MemoryRule, TrackSettings } from './track-settings.ts';

/** Everything one tracker knows; the steps of the algorithm read and write it, in the order in which `sweep.ts` calls them. */
export interface TrackerState {
  readonly model: TrackerModel;
  readonly constants: TrackerConstants;
  readonly video: VideoShape;
  readonly settings: TrackSettings;
  readonly features: FeatureCache;
  readonly prompts: PromptBook;
  readonly objects: Map<ObjectId, ObjectTrack>;
  readonly concepts: Map<ConceptId, ConceptTrack>;
  /** What a user's objects may recall. */
  readonly rule: MemoryRule;
  /** What a concept's objects may recall. */
  readonly conceptRule: MemoryRule;
  readonly ids: ObjectIds;
}

export function rulesFor(state: TrackerState, track: ObjectTrack): RecallRules {
  return {
    constants: state.constants,
    frameCount: state.video.frameCount,
    maxConditioning: state.settings.maxConditioning,
    rule: track.conceptId === null ? state.rule : state.conceptRule,
  };
}
