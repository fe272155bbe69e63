// The shapes that core/tracking's `TrackerModel` port asks for, restated because siblings under core do not import each other;
// a type test in test/unit/models-port.test.ts keeps the two assignable.

export interface ImageFeatures {
  readonly kind: 'image-features';
}

export interface ConditionedFeatures {
  readonly kind: 'conditioned-features';
  readonly batch: number;
}

export interface TextFeatures {
  readonly kind: 'text-features';
}

export interface MemorySlot {
  /** [T * memDim]. */
  readonly tokens: Float32Array;
  readonly temporalIndex: number;
}

export interface PointerSlot {
  /** [ptrDim]. */
  readonly pointer: Float32Array;
  readonly temporalPosition: number;
}

export interface AttendItem {
  readonly memories: readonly MemorySlot[];
  readonly pointers: readonly PointerSlot[];
}

/** A point in model pixels. */
export interface ModelPoint {
  readonly x: number;
  readonly y: number;
  readonly label: -1 | 0 | 1 | 2 | 3;
}

export interface DecodeItem {
  readonly points: readonly ModelPoint[];
  /** [L * L] or null. */
  readonly maskInput: Float32Array | null;
}

export interface DecodeRequest {
  readonly conditioned: ConditionedFeatures | null;
  readonly noMemory: boolean;
  readonly items: readonly DecodeItem[];
}

export interface DecodedObject {
  /** [4, L, L]. */
  readonly masks: Float32Array<ArrayBuffer>;
  /** [4]. */
  readonly ious: Float32Array<ArrayBuffer>;
  readonly objectScoreLogit: number;
  /** [4, ptrDim]. */
  readonly pointers: Float32Array<ArrayBuffer>;
}

export interface MemoryItem {
  /** [L * L]. */
  readonly logits: Float32Array;
  readonly binarize: boolean;
  readonly objectScoreLogit: number;
}

/** Box in model-relative coordinates 0..1. */
export interface Exemplar {
  readonly centreX: number;
  readonly centreY: number;
  readonly width: number;
  readonly height: number;
  readonly positive: boolean;
}

export interface Detections {
  readonly scores: Float32Array<ArrayBuffer>;
  readonly presence: number;
  /** [Q, 4] xyxy in 0..1. */
  readonly boxes: Float32Array<ArrayBuffer>;
  /** [Q, L, L]. */
  readonly masks: Float32Array<ArrayBuffer>;
}
