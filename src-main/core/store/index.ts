export {
  createSession,
  type OpenOptions,
  openSessionReader,
  openSessionWriter,
} from './open-session.ts';
export { AGREEING_IOU, ComparisonReads, type ComparisonRecord, ComparisonWrites } from './repositories/comparisons.ts';
export { ConceptReads, type ConceptRecord, ConceptWrites } from './repositories/concepts.ts';
export { type HistoryStep, Journal, JournalReads, type UndoState } from './repositories/journal.ts';
export { type MaskBatch, MaskWrites, type NewSnapshot, type RunProgress } from './repositories/mask-batches.ts';
export { type MaskRecord, type NewMask, readableOr } from './repositories/mask-row.ts';
export type { MaskShape } from './repositories/mask-shapes.ts';
export {
  type CoverageSpan,
  type LowScore,
  type MaskCounts,
  type MaskReadOptions,
  MaskReads,
} from './repositories/masks.ts';
export {
  isShownAlike,
  type MediaPresence,
  MediaReads,
  type MediaRecord,
  MediaWrites,
  type NewMedia,
  turnedMedia,
} from './repositories/media.ts';
export {
  type NewObject,
  type ObjectPatch,
  ObjectReads,
  type ObjectRecord,
  ObjectWrites,
} from './repositories/objects.ts';
export { PromptReads, type PromptRecord, PromptWrites } from './repositories/prompts.ts';
export { ReviewReads, ReviewWrites } from './repositories/reviews.ts';
export { type NewRun, RunReads, type RunRecord, type RunState, RunWrites } from './repositories/runs.ts';
export { SettingReads, type SettingValue, SettingWrites } from './repositories/settings.ts';
export { type MaskFacts, ShapeReads, shapeKey } from './repositories/shape-reads.ts';
export { type Snapshot, SnapshotReads } from './repositories/snapshots.ts';
export type { SessionReader, SessionWriter } from './session.ts';
export {
  duplicateSession,
  purgeSession,
  renameSession,
  restoreSession,
  TRASH_FOLDER,
  trashSession,
} from './session-files.ts';
export { SESSION_EXTENSION } from './session-format.ts';
export { listSessions, type SessionListing, type SessionSummary, summariseSession } from './session-summary.ts';
export { trackingRecordsKey } from './swap-masks.ts';
export { WriteLock } from './write-lock.ts';
