import type { ObjectId, PromptId } from '../../../src-shared/domain/ids.ts';
import type { BoxInVideo, PointInVideo } from '../../../src-shared/geometry/geometry.ts';
import type { PointOnCanvas } from '../view-transform.ts';

/** What a person can do to the session with a pointer. */
export interface ViewportActions {
  addPoint(point: PointInVideo, include: boolean): void;
  addBox(box: BoxInVideo): void;
  movePrompt(promptId: PromptId, change: { readonly point?: PointInVideo; readonly box?: BoxInVideo }): void;
  selectObject(objectId: ObjectId | null): void;
  selectPrompt(promptId: PromptId | null): void;
}

/** One press of the pointer until its release: a small state machine that lives as long as the press. */
export interface Gesture {
  move(at: PointOnCanvas): void;
  up(at: PointOnCanvas): void;
  cancel(): void;
}

/** A hand trembles: less than this is a click. */
export const CLICK_REACH = 4;
