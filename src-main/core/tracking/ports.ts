import type { FrameRange } from '../../../src-shared/domain/prompt.ts';
import type { PictureFit } from '../../../src-shared/geometry/fit-picture.ts';
import type { Size } from '../../../src-shared/geometry/geometry.ts';

/** What the tracking core needs from a model pack. Implemented by core/models; tests use small fakes. */
export interface TrackerModel {
  readonly spec: ModelSpec;
  /**
   * Runs the image encoder once. `pixels`: uint8 RGB [S, S, 3] at model size, of which `shown` (absent: all), from the top left, is the
   * picture; not kept after the promise settles.
   */
  encodeImage(pixels: Uint8Array, shown?: Size): Promise<ImageFeatures>;
  /** Memory-conditioned features for a batch of B objects; rows keep the order of `items`. At least one item, each with >= 1 memory. */
  attend(features: ImageFeatures, items: readonly AttendItem[]): Promise<ConditionedFeatures>;
  /** Decodes a batch. Every item of a batch has the same number of points. */
  decode(features: ImageFeatures, request: DecodeRequest): Promise<readonly DecodedObject[]>;
  /** Memory tokens [T * memDim] of each item, in order; owned by the caller. */
  encodeMemory(features: ImageFeatures, items: readonly MemoryItem[]): Promise<readonly Float32Array<ArrayBuffer>[]>;
  /** Mask prompts -> mask inputs [L * L] for `decode`. `masks`: 0/1 floats [Sm * Sm]. */
  promptFromMask(masks: readonly Float32Array[]): Promise<readonly Float32Array<ArrayBuffer>[]>;
  /** Features of a phrase; `word-unknown` when the pack's vocabulary lacks a word, `concepts-unsupported` when it has no text. */
  encodeText(phrase: string): Promise<TextFeatures>;
  /** All instances of one concept on one frame; text null means exemplars only. */
  detect(features: ImageFeatures, text: TextFeatures | null, exemplars: readonly Exemplar[]): Promise<Detections>;
}

/** Opaque outputs of the image encoder for one frame; plain memory, freed with the last reference. */
export interface ImageFeatures {
  readonly kind: 'image-features';
}
/** Opaque batch of memory-conditioned features. */
export interface ConditionedFeatures {
  readonly kind: 'conditioned-features';
  readonly batch: number;
}
/** Opaque features of one phrase. */
export interface TextFeatures {
  readonly kind: 'text-features';
}

/** The numbers of the manifest that the host loop needs; nothing about sizes is hard-coded anywhere else. */
export interface ModelSpec {
  readonly packId: string;
  readonly arch: string;
  /** S: side of the square model image. */
  readonly imageSize: number;
  /** How a frame is brought into the square; absent: stretched. A pack that tracks stretches. */
  readonly imageFit?: PictureFit | undefined;
  /** L: side of the low-resolution mask grid. */
  readonly lowres: number;
  /** Sm: side of a mask prompt. */
  readonly maskPromptSize: number;
  readonly memTokens: number;
  readonly memDim: number;
  readonly ptrDim: number;
  readonly tracker: TrackerConstants | null;
  /** How a pack without a tracker chooses among the decoder's masks. */
  readonly decoder?: DecoderConstants | undefined;
  readonly detector: DetectorConstants | null;
}

/** Which of the decoder's four masks is the answer; see sam-pipeline 3.2. */
export interface DecoderConstants {
  readonly multimask: { readonly min: number; readonly max: number };
  readonly stability: { readonly delta: number; readonly thresh: number };
  /** Of an answer to clicks: all its parts, or those that are pointed at (`keepClickedParts`); absent: all. */
  readonly parts?: 'all' | 'clicked' | undefined;
  /** What clicks may change of a mask that they correct: all of it, or what they lie on (`keepLocalChange`); absent: all. */
  readonly corrections?: 'anywhere' | 'local' | undefined;
}

/** pack.json `tracker`; see sam-pipeline 3.2 to 3.4. */
export interface TrackerConstants extends DecoderConstants {
  readonly numMaskmem: number;
  /** -1: all conditioning frames. */
  readonly maxCond: number;
  readonly maxPtrs: number;
  readonly memorySelection: boolean;
  readonly mfThreshold: number;
  /** Points (a box counts two) that one decoder call takes; absent: 16 for packs with memory selection (SAM 3), else any number. */
  readonly maxPoints?: number | undefined;
  /** How this family answers a click on a frame it has already tracked; absent: see `settingsFor`. */
  readonly refinement?:
    | {
        /** Decode with memory (SAM 2) or from the bare frame (SAM 3). */
        readonly usesMemory: boolean;
        /** Forget what was tracked within +-numMaskmem frames of a corrected one. */
        readonly clearAround: boolean;
      }
    | undefined;
  /** What the studio policy does differently with this pack; the reference policy ignores it. */
  readonly guards?: PackGuards | undefined;
}

/** A mask under these limits, soon after the object was last trusted. */
export interface FallenRule {
  /** Share of the area that it had then, 0..1. */
  readonly area: number;
  /** Visibility logit; absent: whatever that is. */
  readonly scoreBelow?: number | undefined;
  /** For so many frames; later the object may come back so. */
  readonly frames: number;
}

/** How an absent object is looked for; for packs whose absences are remembered. */
export interface SecondLook {
  /** When it has been absent for so many frames. */
  readonly after: number;
  /** On every so many frames, for one object, instead of following it. */
  readonly every: number;
  /** Predicted IoU, 0..1, from which the model is sure: below it nothing is found. */
  readonly iou: number;
}

/** pack.json `tracker.guards`. */
export interface PackGuards {
  /** When a mask is what the object left behind. One of these is enough; none: never. */
  readonly fallen: readonly FallenRule[];
  /** Frames without the object are left out of its memory, or enter it as frames without it. */
  readonly absences: 'left-out' | 'remembered';
  /** Absent objects are looked for in the light in which they were last surely seen; absent: they are not. */
  readonly returns?: SecondLook | undefined;
  /** Parts further from where the object was a frame ago than so many times its size are left out; absent: none are. */
  readonly strays?: number | undefined;
}

/** pack.json `detector`; see sam-pipeline 2.12, column B. */
export interface DetectorConstants {
  readonly numQueries: number;
  readonly scoreThreshold: number;
  readonly detNmsThresh: number;
  readonly assocIou: number;
  readonly trkAssocIou: number;
  readonly newDetThresh: number;
  readonly hotstartDelay: number;
  readonly hotstartUnmatchThresh: number;
  readonly hotstartDupThresh: number;
  readonly suppressUnmatchedOnlyWithinHotstart: boolean;
  readonly initKeepAlive: number;
  readonly maxKeepAlive: number;
  readonly minKeepAlive: number;
  readonly decreaseKeepAliveForEmpty: boolean;
  readonly occlusionIou: number;
  readonly fillHoleArea: number;
  readonly maxObjects: number;
  readonly reconditionEvery: number;
  readonly highConf: number;
  readonly highIou: number;
  readonly areaShrinkage: number;
}

export interface AttendItem {
  readonly memories: readonly MemorySlot[];
  readonly pointers: readonly PointerSlot[];
}
export interface MemorySlot {
  /** [T * memDim] as `encodeMemory` returned it. */
  readonly tokens: Float32Array;
  /** 0 = most recent tracked frame .. numMaskmem-2; numMaskmem-1 = conditioning frame. */
  readonly temporalIndex: number;
}
export interface PointerSlot {
  /** [ptrDim] */
  readonly pointer: Float32Array;
  /** offset / (min(numFrames, maxPtrs) - 1), signed along the tracking direction. */
  readonly temporalPosition: number;
}

/** A point in model pixels. Labels: -1 none, 0 negative, 1 positive, 2 box top-left, 3 box bottom-right. */
export interface ModelPoint {
  readonly x: number;
  readonly y: number;
  readonly label: -1 | 0 | 1 | 2 | 3;
}

export interface DecodeRequest {
  /** null: the raw image feature for every item. */
  readonly conditioned: ConditionedFeatures | null;
  /** Adds the no-memory embedding (first prompted frame). */
  readonly noMemory: boolean;
  readonly items: readonly {
    readonly points: readonly ModelPoint[];
    /** Previous low-res logits or `promptFromMask` output [L * L]; null: none. */
    readonly maskInput: Float32Array | null;
  }[];
}

/** Everything the decoder gave for one object; selection is the host's business. Arrays are owned by the caller. */
export interface DecodedObject {
  /** [4, L, L] logits; -1024 everywhere where the object is not visible. */
  readonly masks: Float32Array<ArrayBuffer>;
  /** [4] predicted IoU. */
  readonly ious: Float32Array<ArrayBuffer>;
  readonly objectScoreLogit: number;
  /** [4, ptrDim] */
  readonly pointers: Float32Array<ArrayBuffer>;
}

export interface MemoryItem {
  /** [L * L] */
  readonly logits: Float32Array;
  readonly binarize: boolean;
  readonly objectScoreLogit: number;
}

/** Box in model-relative coordinates 0..1 (centre, size). */
export interface Exemplar {
  readonly centreX: number;
  readonly centreY: number;
  readonly width: number;
  readonly height: number;
  readonly positive: boolean;
}

/** Raw detector output for one concept on one frame, before thresholds. */
export interface Detections {
  /** sigmoid(class) * sigmoid(presence) per query, [Q]. */
  readonly scores: Float32Array<ArrayBuffer>;
  /** sigmoid(presence). */
  readonly presence: number;
  /** [Q, 4] xyxy in 0..1. */
  readonly boxes: Float32Array<ArrayBuffer>;
  /** [Q, L, L] logits. */
  readonly masks: Float32Array<ArrayBuffer>;
}

/** Frames at model size, in the order that was asked for. Implemented over the frame ring. */
export interface ModelFrame {
  readonly frameIndex: number;
  /** uint8 RGB [S, S, 3]; valid until `release` is called. */
  readonly pixels: Uint8Array;
  /** The part of `pixels` that is the picture; absent: all. */
  readonly shown?: Size | undefined;
  release(): void;
}

/**
 * Exact frames at model size, in the order of tracking: ascending for `forward`, descending for `backward`, both ends of the range
 * included. The tracker releases each frame before it asks for the next.
 */
export type FrameProvider = (
  range: FrameRange,
  direction: 'forward' | 'backward',
  signal?: AbortSignal,
) => AsyncIterable<ModelFrame>;
