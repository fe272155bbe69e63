export { type AppPaths, appPaths } from './app-paths.ts';
export { READS } from './guard-edits.ts';
export { reportThreadHandlers } from './reports/report-thread.ts';
export { acceptInstances } from './session/accept-instances.ts';
export { answerFrame, conceptOnFrame, rasteriseInstances } from './session/answer-frame.ts';
export { applyPrompts } from './session/apply-prompts.ts';
export { type CommittedFrame, commitFrames, type FrameBatch } from './session/commit-frames.ts';
export {
  earlierMasksAt,
  keepChanges,
  revertChanges,
  settleComparisons,
  withoutUnasked,
} from './session/comparisons.ts';
export { changeObjects, moveObjects, removeObjects } from './session/edit-objects.ts';
export { changeIdentity, previewIdentity } from './session/identity/change-identity.ts';
export { type ImportedObject, ImportRun } from './session/import-run.ts';
export { laneOf } from './session/object-lane.ts';
export { finishRun, planRun, type RunPlan, type RunWish } from './session/plan-run.ts';
export { planPreview, planSegment } from './session/plan-segment.ts';
export { changePrompt, removeConcept, removePrompts } from './session/prompt-edits.ts';
export { masksAt, masksIn } from './session/read-masks.ts';
export { resetSession } from './session/reset-session.ts';
export { resolveRange } from './session/resolve-range.ts';
export { reviewSession } from './session/review-session.ts';
export { runMemoryOf } from './session/run-memory.ts';
export { sessionStateOf } from './session/session-state.ts';
export { createStudio } from './studio.ts';
export type { StudioParts } from './studio-parts.ts';
export {
  type DecodeContract,
  decodeContract,
  type FillRequest,
  type OpenSourceEvent,
  type ViewSize,
} from './threads/decode-contract.ts';
export {
  type ContactSheetRequest,
  type DatasetEntry,
  type DatasetRequest,
  type ExportContract,
  exportContract,
  type ReadDatasetEvent,
  type ReadDatasetRequest,
  type RenderRequest,
  type StillRequest,
} from './threads/export-contract.ts';
export {
  type DetectRequest,
  type FrameSource,
  type InferenceContract,
  inferenceContract,
  type OpenedPack,
  type PropagateEvent,
  type PropagateRequest,
  type SegmentRequest,
} from './threads/inference-contract.ts';
export { type ReportThreadContract, reportThreadContract } from './threads/report-contract.ts';
export { type StoreContract, storeContract } from './threads/store-contract.ts';
