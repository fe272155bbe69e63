import type { ObjectId } from '../../src-shared/domain/ids.ts';
import type { PointInVideo } from '../../src-shared/geometry/geometry.ts';
import type { RleMask } from '../../src-shared/mask/rle.ts';
import { brushGesture, strokeOf } from '../viewport/gestures/brush-gesture.ts';
import type { Gesture } from '../viewport/gestures/gesture.ts';
import { canvasFromVideo } from '../viewport/view-transform.ts';
import type { Viewport } from '../viewport/viewport.ts';
import type { Desk } from './desk.ts';

type Take = (objectId: ObjectId | null, frameIndex: number, mask: RleMask) => void;

/** The brush in the hand of the keyboard: down at the crosshair, drawn along with it, lifted. */
export class Pen {
  readonly #desk: Desk;
  readonly #viewport: () => Viewport | null;
  readonly #take: Take;
  #stroke: { readonly gesture: Gesture; readonly frameIndex: number } | null = null;

  constructor(desk: Desk, viewport: () => Viewport | null, take: Take) {
    this.#desk = desk;
    this.#viewport = viewport;
    this.#take = take;
  }

  /** Puts the brush down at a point, or lifts it there, which stores what was painted. */
  press(at: PointInVideo, erase: boolean): void {
    const viewport = this.#viewport();
    const media = this.#desk.media();
    if (viewport === null || media === null) return;
    const { frameIndex } = this.#desk.store.value.playhead;
    if (this.#stroke !== null) {
      const { gesture, frameIndex: begun } = this.#stroke;
      this.#stroke = null;
      this.#desk.store.patch({ penDown: false });
      if (begun === frameIndex) gesture.up(canvasFromVideo(viewport.view, at));
      else gesture.cancel();
      return;
    }
    const stroke = strokeOf(viewport, media.masks, erase);
    if (stroke === null) return;
    const gesture = brushGesture(viewport, canvasFromVideo(viewport.view, at), stroke, (mask) =>
      this.#take(stroke.objectId, stroke.frameIndex, mask),
    );
    if (gesture === null) return;
    this.#stroke = { gesture, frameIndex };
    this.#desk.store.patch({ penDown: true });
  }

  move(at: PointInVideo): void {
    const viewport = this.#viewport();
    if (viewport !== null) this.#stroke?.gesture.move(canvasFromVideo(viewport.view, at));
  }

  /** Lifts it without a trace; true when it was down. */
  cancel(): boolean {
    const stroke = this.#stroke;
    this.#stroke = null;
    stroke?.gesture.cancel();
    this.#desk.store.patch({ penDown: false });
    return stroke !== null;
  }
}
