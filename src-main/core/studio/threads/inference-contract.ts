import type { MessagePort } from 'node:worker_threads';
import type { ImportedPack } from '../../../../src-shared/contract/results.ts';
import type { EngineNote } from '../../../../src-shared/domain/engine-note.ts';
import type { ConceptId, FrameIndex, ObjectId } from '../../../../src-shared/domain/ids.ts';
import type { Direction, Prompt } from '../../../../src-shared/domain/prompt.ts';
import type {
  MemoryPolicyName,
  TrackedFrame,
  TrackedObject,
  TrackingPolicyName,
} from '../../../../src-shared/domain/track.ts';
import type { PictureFit } from '../../../../src-shared/geometry/fit-picture.ts';
import type { RleMask } from '../../../../src-shared/mask/rle.ts';
import type { Contract } from '../../../../src-shared/rpc/contract-types.ts';
import type { PackCapabilities } from '../../models/index.ts';
import type { ConceptInquiry, FrameInquiry, RunMemory, SeenInstance } from '../../tracking/index.ts';
import { typed } from './decode-contract.ts';

export interface OpenPackRequest {
  readonly packFolder: string;
  /** cpu, auto, cuda, dml, coreml, webgpu, with `:n` for the n-th. */
  readonly device: string;
}

export interface OpenedPack {
  /** Names the opened pack in later calls. */
  readonly packKey: string;
  readonly packId: string;
  /** Side of the mask logits that it gives. */
  readonly lowres: number;
  /** Side of the square that frames are brought into, and how. */
  readonly imageSize: number;
  readonly imageFit: PictureFit;
  /** SHA-256 over the manifest and every graph's hash. */
  readonly packHash: string;
  /** Execution provider in use, with the adapter's name where known. */
  readonly provider: string;
  /** Why a wished-for provider was not taken, and the like. */
  readonly notes: readonly EngineNote[];
  /** One object's memory of one frame. */
  readonly memoryBytes: number;
  readonly capabilities: PackCapabilities;
}

/** The tracker's state after `frameIndex`, as `PropagateEvent.snapshot` gave it. */
export interface RunSnapshot {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly frameIndex: FrameIndex;
  readonly direction: 'forward' | 'backward';
}

/** The video that frames come from. */
export interface FrameSource {
  readonly sourceId: number;
  readonly video: { readonly width: number; readonly height: number; readonly frameCount: number };
}

export interface PropagateRequest extends FrameSource {
  readonly packKey: string;
  /** Names the run for `goOn`. */
  readonly runKey: string;
  /** The run waits for `goOn` after every so many frames; null: it never does. */
  readonly checkEveryFrames: number | null;
  /** Frames that a resumed run had done before. */
  readonly framesDone: number;
  /** Objects that go on from what they remembered at the end of an earlier run. */
  readonly bases: readonly RunBase[];
  /** Prompts that the bases have answered already. */
  readonly settled: readonly Prompt[];
  /** Masks that corrections of frames begin from where the memory has lost its own. */
  readonly storedMasks: readonly StoredMask[];
  /** The other prompts: those of one round are answered together; a later round corrects the answer. */
  readonly rounds: readonly (readonly Prompt[])[];
  /** Phrases of the concepts that the prompts name. */
  readonly concepts: readonly { readonly conceptId: ConceptId; readonly phrase: string }[];
  /** The first number that a newly detected object may take. */
  readonly nextObjectId: number;
  readonly first: number;
  readonly last: number;
  readonly direction: Direction;
  /** null: at the prompts, as the policy says. */
  readonly start: FrameIndex | null;
  readonly policy: TrackingPolicyName;
  readonly memoryPolicy: MemoryPolicyName | null;
  /** State after an earlier frame of the same run: go on from there. */
  readonly resume: RunSnapshot | null;
  readonly snapshotEveryMillis: number;
}

/** What some objects and concepts of an earlier run remembered when it ended. */
export interface RunBase {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly objectIds: readonly ObjectId[];
  /** Concepts whose search goes on the other way. */
  readonly conceptIds: readonly ConceptId[];
}

export interface StoredMask {
  readonly objectId: ObjectId;
  readonly frameIndex: FrameIndex;
  readonly mask: RleMask;
}

export interface FrameEvent {
  readonly kind: 'frame';
  readonly frame: TrackedFrame;
  readonly direction: 'forward' | 'backward';
  /** The tracker's whole state after this frame, now and then. */
  readonly snapshot: Uint8Array<ArrayBuffer> | null;
}

/** `end`: what the objects remember, for a later run to go on from; sent once, after the last frame. */
export type PropagateEvent = FrameEvent | { readonly kind: 'end'; readonly memory: Uint8Array<ArrayBuffer> };

export type ObjectInquiry = FrameInquiry;

export interface SegmentRequest extends FrameSource {
  readonly packKey: string;
  readonly frameIndex: FrameIndex;
  readonly inquiries: readonly ObjectInquiry[];
  /** Memories that the inquiries name and `missingMemories` did not know. */
  readonly memories: readonly RunMemory[];
}

export interface MissingMemoriesRequest extends FrameSource {
  readonly packKey: string;
  readonly runKeys: readonly string[];
}

export interface DetectRequest extends FrameSource {
  readonly packKey: string;
  readonly frameIndex: FrameIndex;
  readonly concept: ConceptInquiry;
}

export interface RunStatistics {
  readonly runMillis: Readonly<Record<string, number>>;
  readonly runCounts: Readonly<Record<string, number>>;
}

/** What the inference thread does. `session.run` blocks it, so cancellation is checked between components of a frame. */
export const inferenceContract = {
  /** A port on which the decode thread serves its contract: frames come from there. */
  connect: { kind: 'query', input: typed<{ decodePort: MessagePort }>(), output: typed<null>() },
  /** Checks a folder and installs it as a pack in `into`; see `importPack` of the contract. */
  importPack: {
    kind: 'query',
    input: typed<{ folder: string; into: string; known: readonly string[]; packId: string | null }>(),
    output: typed<ImportedPack>(),
  },
  /** Opens a pack and closes those that nothing uses any more; the same pack on the same device stays open. */
  open: { kind: 'query', input: typed<OpenPackRequest>(), output: typed<OpenedPack>() },
  /** Runs every graph once on a pattern. */
  test: { kind: 'query', input: typed<{ packKey: string }>(), output: typed<{ readonly millis: number }>() },
  propagate: { kind: 'stream', input: typed<PropagateRequest>(), event: typed<PropagateEvent>() },
  /** Those of the runs whose memory `segment` would have to be given. */
  missingMemories: { kind: 'query', input: typed<MissingMemoriesRequest>(), output: typed<readonly string[]>() },
  /**
   * Answers a run at one of its checks, once each: on it goes, or it has done enough and ends as if its range ended there (`end` follows).
   * May come before the run has reached the check. Unknown runs are ignored.
   */
  goOn: { kind: 'query', input: typed<{ runKey: string; enough: boolean }>(), output: typed<null>() },
  /** Answers about one frame, taken between two steps of a running propagation. Logits are those of `lowres`. */
  segment: {
    kind: 'query',
    input: typed<SegmentRequest>(),
    output: typed<{ readonly objects: readonly TrackedObject[]; readonly modelMillis: number }>(),
  },
  detect: { kind: 'query', input: typed<DetectRequest>(), output: typed<readonly SeenInstance[]>() },
  /** Forgets features and answers of a video that is being closed. */
  forget: { kind: 'query', input: typed<{ sourceId: number }>(), output: typed<null>() },
  /** Of one pack, since it was opened or the last call of this. */
  takeStatistics: { kind: 'query', input: typed<{ packKey: string }>(), output: typed<RunStatistics>() },
  close: { kind: 'query', input: typed<null>(), output: typed<null>() },
} as const satisfies Contract;

export type InferenceContract = typeof inferenceContract;
