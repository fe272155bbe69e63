import type { BoxInVideo, PointInVideo } from '../geometry/geometry.ts';
import type { RleMask } from '../mask/rle.ts';
import type { ConceptId, FrameIndex, ObjectId } from './ids.ts';

/** One instruction of the user on one frame. Coordinates are displayed pixels of the video (after rotation). */
export type Prompt = PointPrompt | BoxPrompt | MaskPrompt | TextPrompt | ExemplarPrompt;

export interface PointPrompt {
  readonly kind: 'point';
  readonly objectId: ObjectId;
  readonly frameIndex: FrameIndex;
  readonly point: PointInVideo;
  /** true: the object covers this point; false: it does not. */
  readonly include: boolean;
}

export interface BoxPrompt {
  readonly kind: 'box';
  readonly objectId: ObjectId;
  readonly frameIndex: FrameIndex;
  readonly box: BoxInVideo;
}

/** The user's own mask of an object, at video size; it is stored and shown as given. */
export interface MaskPrompt {
  readonly kind: 'mask';
  readonly objectId: ObjectId;
  readonly frameIndex: FrameIndex;
  readonly mask: RleMask;
}

/** A short noun phrase; it applies to the whole video, `frameIndex` is where the search starts. */
export interface TextPrompt {
  readonly kind: 'text';
  readonly conceptId: ConceptId;
  readonly frameIndex: FrameIndex;
  readonly phrase: string;
}

/** A box that shows one instance of a concept (or, negative, what it is not). */
export interface ExemplarPrompt {
  readonly kind: 'exemplar';
  readonly conceptId: ConceptId;
  readonly frameIndex: FrameIndex;
  readonly box: BoxInVideo;
  readonly include: boolean;
}

export type Direction = 'forward' | 'backward' | 'both';

/** Inclusive on both ends. */
export interface FrameRange {
  readonly first: FrameIndex;
  readonly last: FrameIndex;
}
