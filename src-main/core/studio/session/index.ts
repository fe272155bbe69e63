/** What the store thread does to a session: the edits, plans and reads of the engine, each on an open session file. */
export { acceptInstances } from './accept-instances.ts';
export { answerFrame, conceptOnFrame, rasteriseInstances } from './answer-frame.ts';
export { applyPrompts } from './apply-prompts.ts';
export { type CommittedFrame, commitFrames, type FrameBatch } from './commit-frames.ts';
export {
  earlierMasksAt,
  keepChanges,
  revertChanges,
  settleComparisons,
  withoutUnasked,
} from './comparisons.ts';
export { changeObjects, moveObjects, removeObjects } from './edit-objects.ts';
export { finishRun } from './finish-run.ts';
export { changeIdentity, previewIdentity } from './identity/change-identity.ts';
export { type ImportedObject, ImportRun } from './import-run.ts';
export { laneOf } from './object-lane.ts';
export { planRun, type RunPlan } from './plan-run.ts';
export { planPreview, planSegment } from './plan-segment.ts';
export { changePrompt, removeConcept, removePrompts } from './prompt-edits.ts';
export { masksAt, masksIn } from './read-masks.ts';
export { resetSession } from './reset-session.ts';
export { resolveRange } from './resolve-range.ts';
export { reviewSession } from './review-session.ts';
export { runMemoryOf } from './run-memory.ts';
export { searchedFrames, unfoundPhrases } from './searched-frames.ts';
export { sessionStateOf } from './session-state.ts';
export { isUpToDate, previewRun, type RunWish, type WorkWish } from './what-runs.ts';
