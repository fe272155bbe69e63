import type { ObjectId, PromptId } from '../../../src-shared/domain/ids.ts';
import type { BoxInVideo, PointInVideo } from '../../../src-shared/geometry/geometry.ts';
import type { RleMask } from '../../../src-shared/mask/rle.ts';
import type { PointOnCanvas } from '../view-transform.ts';

/** What a person can do to the session with a pointer. */
export interface ViewportActions {
  /** `frameIndex`, of this and the others: the frame that was on screen at the press. */
  addPoint(point: PointInVideo, include: boolean, frameIndex: number): void;
  addBox(box: BoxInVideo, frameIndex: number): void;
  movePrompt(promptId: PromptId, change: { readonly point?: PointInVideo; readonly box?: BoxInVideo }): void;
  selectObject(objectId: ObjectId | null): void;
  selectPrompt(promptId: PromptId | null): void;
  /** A painted mask; `objectId` null: of a new object. */
  addMask(objectId: ObjectId | null, frameIndex: number, mask: RleMask): void;
  /** A box that shows what a concept means, or what it does not. */
  addExample(box: BoxInVideo, include: boolean, frameIndex: number): void;
  setWipe(share: number): void;
  /** The pointer rests on a point of the picture, on which a click would be given; null: on none. */
  hover(point: PointInVideo | null): void;
  /** The pointer is on a marker, which a press would pick up. */
  overMarker(over: boolean): void;
  resizeBrush(factor: number): void;
  /** The person takes the view into his own hands. */
  takeView(): void;
}

/** One press of the pointer until its release: a small state machine that lives as long as the press. */
export interface Gesture {
  move(at: PointOnCanvas): void;
  up(at: PointOnCanvas): void;
  cancel(): void;
}

/** A hand trembles: less than this is a click. */
export const CLICK_REACH = 4;
