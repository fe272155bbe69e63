/** Detect, match, propagate: objects and concepts through one video. */
export { ActionHistory, type NextPropagation } from './action-history.ts';
export { type ConceptInquiry, FrameDesk, type FrameInquiry, type SeenInstance } from './frame-desk.ts';
export type { Heading } from './memory-bank.ts';
export type { RangeRequest, ResumePoint } from './passes.ts';
export type {
  AttendItem,
  ConditionedFeatures,
  DecodedObject,
  DecodeRequest,
  DecoderConstants,
  Detections,
  DetectorConstants,
  Exemplar,
  FrameProvider,
  ImageFeatures,
  MemoryItem,
  MemorySlot,
  ModelFrame,
  ModelPoint,
  ModelSpec,
  PointerSlot,
  TextFeatures,
  TrackerConstants,
  TrackerModel,
} from './ports.ts';
export { checkPrompt, exemplarFromPrompt, type ObjectPrompt, type VideoShape } from './prompt-book.ts';
export type { StoredObservation } from './rebuild.ts';
export type { RunMemory } from './run-memories.ts';
export type { SnapshotScope } from './snapshot.ts';
export { type GuardSettings, type ReconditionMode, settingsFor, type TrackSettings } from './track-settings.ts';
export {
  type PropagateRequest,
  type SegmentRequest,
  Tracker,
  type TrackerOptions,
} from './tracker.ts';
