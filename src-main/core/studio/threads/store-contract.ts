import type { ImportPurpose } from '../../../../src-shared/contract/dataset-schemas.ts';
import type { IdentityChange, IdentityPlan } from '../../../../src-shared/contract/identity.ts';
import type {
  FrameMask,
  FrameMasks,
  MaskSpan,
  ObjectLane,
  ObjectScores,
  SessionListing,
  SessionState,
} from '../../../../src-shared/contract/results.ts';
import type {
  ConceptChange,
  ObjectChange,
  PreviewPoint,
  PromptChange,
  PromptInput,
  ReviewInput,
} from '../../../../src-shared/contract/schemas.ts';
import type { TrackingPlan } from '../../../../src-shared/contract/tracking-contract.ts';
import type { ConceptId, FrameIndex, ObjectId, PromptId, RunId } from '../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import type { TrackedObject } from '../../../../src-shared/domain/track.ts';
import type { VideoInfo } from '../../../../src-shared/domain/video-info.ts';
import type { RleMask } from '../../../../src-shared/mask/rle.ts';
import type { Contract } from '../../../../src-shared/rpc/contract-types.ts';
import type { ConceptInquiry, RunMemory, SeenInstance } from '../../tracking/index.ts';
import type { CommittedBatch, FrameBatch } from '../session/commit-frames.ts';
import type { ObjectPlace } from '../session/edit-objects.ts';
import type { RunEnding } from '../session/finish-run.ts';
import type { ImportedObject } from '../session/import-run.ts';
import type { LogitGrid } from '../session/logit-grid.ts';
import type { RunPlan } from '../session/plan-run.ts';
import type { SegmentPlan } from '../session/plan-segment.ts';
import type { RunWish, WorkWish } from '../session/what-runs.ts';
import { typed } from './decode-contract.ts';
import type { DatasetEntry } from './export-contract.ts';

export interface MediaToStore {
  readonly info: VideoInfo;
  readonly framePts: Float64Array;
  readonly mtimeMillis: number;
}

/** What the store thread does: the only writer of every open session, named by `handle`. */
export const storeContract = {
  create: {
    kind: 'query',
    input: typed<{ path: string; media: MediaToStore; app: string }>(),
    output: typed<{ handle: number; state: SessionState }>(),
  },
  open: {
    kind: 'query',
    input: typed<{ path: string; app: string }>(),
    output: typed<{ handle: number; state: SessionState }>(),
  },
  close: { kind: 'query', input: typed<{ handle: number }>(), output: typed<null>() },
  state: { kind: 'query', input: typed<{ handle: number }>(), output: typed<SessionState>() },
  relink: {
    kind: 'query',
    input: typed<{ handle: number; info: VideoInfo; mtimeMillis: number }>(),
    output: typed<SessionState>(),
  },
  addPrompts: {
    kind: 'query',
    input: typed<{ handle: number; prompts: readonly PromptInput[]; replace: boolean }>(),
    output: typed<SessionState>(),
  },
  changePrompt: {
    kind: 'query',
    input: typed<{ handle: number; promptId: PromptId; change: PromptChange }>(),
    output: typed<SessionState>(),
  },
  removePrompts: {
    kind: 'query',
    input: typed<{ handle: number; promptIds: readonly PromptId[] }>(),
    output: typed<SessionState>(),
  },
  removeObjects: {
    kind: 'query',
    input: typed<{ handle: number; objectIds: readonly ObjectId[] }>(),
    output: typed<SessionState>(),
  },
  removeConcept: {
    kind: 'query',
    input: typed<{ handle: number; conceptId: ConceptId }>(),
    output: typed<SessionState>(),
  },
  planSegment: {
    kind: 'query',
    input: typed<{ handle: number; frameIndex: FrameIndex; objectIds: readonly ObjectId[] | null }>(),
    output: typed<SegmentPlan>(),
  },
  /** What the objects of a finished run remember; null when it is gone. */
  runMemory: { kind: 'query', input: typed<{ handle: number; runId: RunId }>(), output: typed<RunMemory | null>() },
  planPreview: { kind: 'query', input: typed<{ handle: number; point: PreviewPoint }>(), output: typed<SegmentPlan>() },
  /** Thresholds answers at video size; `keep`: they become the stored masks of the frame. */
  answer: {
    kind: 'query',
    input: typed<{
      handle: number;
      frameIndex: FrameIndex;
      objects: readonly TrackedObject[];
      grid: LogitGrid;
      keep: boolean;
    }>(),
    output: typed<readonly FrameMask[]>(),
  },
  /** What a concept's prompts say about one frame. */
  planDetect: {
    kind: 'query',
    input: typed<{ handle: number; frameIndex: FrameIndex; conceptId: ConceptId }>(),
    output: typed<ConceptInquiry>(),
  },
  /** Thresholds what a detector saw at video size. */
  rasterise: {
    kind: 'query',
    input: typed<{ handle: number; instances: readonly SeenInstance[]; grid: LogitGrid }>(),
    output: typed<readonly RleMask[]>(),
  },
  frameMasks: {
    kind: 'query',
    input: typed<{ handle: number; frameIndex: FrameIndex }>(),
    output: typed<FrameMasks>(),
  },
  earlierMasks: {
    kind: 'query',
    input: typed<{ handle: number; frameIndex: FrameIndex }>(),
    output: typed<FrameMasks>(),
  },
  keepChanges: {
    kind: 'query',
    input: typed<{ handle: number; objectIds: readonly ObjectId[] }>(),
    output: typed<SessionState>(),
  },
  revertChanges: {
    kind: 'query',
    input: typed<{ handle: number; objectIds: readonly ObjectId[] }>(),
    output: typed<SessionState>(),
  },
  storedMasks: {
    kind: 'stream',
    input: typed<{
      handle: number;
      first: number | null;
      last: number | null;
      objectIds: readonly ObjectId[] | null;
    }>(),
    event: typed<FrameMasks>(),
  },
  objectSpans: {
    kind: 'query',
    input: typed<{ handle: number; objectId: ObjectId }>(),
    output: typed<readonly MaskSpan[]>(),
  },
  objectScores: {
    kind: 'query',
    input: typed<{ handle: number; objectId: ObjectId }>(),
    output: typed<ObjectScores>(),
  },
  objectLane: {
    kind: 'query',
    input: typed<{ handle: number; objectId: ObjectId; range: FrameRange }>(),
    output: typed<ObjectLane>(),
  },
  changeObjects: {
    kind: 'query',
    input: typed<{ handle: number; objectIds: readonly ObjectId[]; change: ObjectChange }>(),
    output: typed<SessionState>(),
  },
  moveObjects: {
    kind: 'query',
    input: typed<{ handle: number; place: ObjectPlace }>(),
    output: typed<SessionState>(),
  },
  changeConcept: {
    kind: 'query',
    input: typed<{ handle: number; conceptId: ConceptId; change: ConceptChange }>(),
    output: typed<SessionState>(),
  },
  acceptInstances: {
    kind: 'query',
    input: typed<{ handle: number; conceptId: ConceptId; frameIndex: FrameIndex; masks: readonly RleMask[] }>(),
    output: typed<SessionState>(),
  },
  review: {
    kind: 'query',
    input: typed<{ handle: number; says: readonly ReviewInput[]; reviewer: string; openOnly: boolean }>(),
    output: typed<SessionState>(),
  },
  planIdentity: {
    kind: 'query',
    input: typed<{ handle: number; change: IdentityChange }>(),
    output: typed<IdentityPlan>(),
  },
  changeIdentity: {
    kind: 'query',
    input: typed<{ handle: number; change: IdentityChange; reviewer: string }>(),
    output: typed<SessionState>(),
  },
  reset: { kind: 'query', input: typed<{ handle: number }>(), output: typed<SessionState>() },
  undo: { kind: 'query', input: typed<{ handle: number }>(), output: typed<SessionState>() },
  redo: { kind: 'query', input: typed<{ handle: number }>(), output: typed<SessionState>() },
  /** Errors: `no-prompts`, `range-invalid`. */
  isUpToDate: { kind: 'query', input: typed<{ handle: number; wish: WorkWish }>(), output: typed<boolean>() },
  previewRun: { kind: 'query', input: typed<{ handle: number; wish: WorkWish }>(), output: typed<TrackingPlan>() },
  planRun: { kind: 'query', input: typed<{ handle: number; wish: RunWish }>(), output: typed<RunPlan>() },
  commit: {
    kind: 'query',
    input: typed<{ handle: number; batch: FrameBatch }>(),
    output: typed<CommittedBatch>(),
  },
  finishRun: {
    kind: 'query',
    input: typed<{ handle: number; runId: RunId; ending: RunEnding }>(),
    output: typed<null>(),
  },
  /** One import at a time a session; `importEnd` shows it, or drops it when `keep` is false. */
  importBegin: {
    kind: 'query',
    input: typed<{ handle: number; purpose: ImportPurpose }>(),
    output: typed<null>(),
  },
  importAdd: {
    kind: 'query',
    input: typed<{ handle: number; entries: readonly DatasetEntry[] }>(),
    output: typed<null>(),
  },
  importEnd: {
    kind: 'query',
    input: typed<{ handle: number; keep: boolean }>(),
    output: typed<{ objects: readonly ImportedObject[]; notes: readonly string[] }>(),
  },
  list: { kind: 'query', input: typed<{ folder: string }>(), output: typed<readonly SessionListing[]>() },
  /** Files of sessions that are not open; each answers with the path they have then. */
  rename: { kind: 'query', input: typed<{ path: string; name: string }>(), output: typed<string>() },
  duplicate: { kind: 'query', input: typed<{ path: string }>(), output: typed<string>() },
  trash: { kind: 'query', input: typed<{ path: string }>(), output: typed<string>() },
  restore: { kind: 'query', input: typed<{ path: string }>(), output: typed<string>() },
  purge: { kind: 'query', input: typed<{ path: string }>(), output: typed<null>() },
} as const satisfies Contract;

export type StoreContract = typeof storeContract;
