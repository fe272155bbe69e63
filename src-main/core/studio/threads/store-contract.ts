import type { ImportPurpose } from '../../../../src-shared/contract/dataset-schemas.ts';
import type { SessionListing, SessionState } from '../../../../src-shared/contract/results.ts';
import type { PromptInput } from '../../../../src-shared/contract/schemas.ts';
import type { ObjectId, PromptId, RunId } from '../../../../src-shared/domain/ids.ts';
import type { VideoInfo } from '../../../../src-shared/domain/video-info.ts';
import type { ErrorCode } from '../../../../src-shared/errors/studio-error.ts';
import type { Contract } from '../../../../src-shared/rpc/contract-types.ts';
import type { CommittedFrame, FrameBatch } from '../session/commit-frames.ts';
import type { ImportedObject } from '../session/import-run.ts';
import type { RunPlan, RunWish } from '../session/plan-run.ts';
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
    input: typed<{ handle: number; prompts: readonly PromptInput[] }>(),
    output: typed<SessionState>(),
  },
  removePrompt: {
    kind: 'query',
    input: typed<{ handle: number; promptId: PromptId }>(),
    output: typed<SessionState>(),
  },
  removeObject: {
    kind: 'query',
    input: typed<{ handle: number; objectId: ObjectId }>(),
    output: typed<SessionState>(),
  },
  reset: { kind: 'query', input: typed<{ handle: number }>(), output: typed<SessionState>() },
  undo: { kind: 'query', input: typed<{ handle: number }>(), output: typed<SessionState>() },
  redo: { kind: 'query', input: typed<{ handle: number }>(), output: typed<SessionState>() },
  planRun: { kind: 'query', input: typed<{ handle: number; wish: RunWish }>(), output: typed<RunPlan>() },
  commit: {
    kind: 'query',
    input: typed<{ handle: number; batch: FrameBatch }>(),
    output: typed<readonly CommittedFrame[]>(),
  },
  finishRun: {
    kind: 'query',
    input: typed<{ handle: number; runId: RunId; state: 'done' | 'cancelled' | 'failed'; code: ErrorCode | null }>(),
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
} as const satisfies Contract;

export type StoreContract = typeof storeContract;
