import { containsPoint, type PointInVideo } from '../../src-shared/geometry/geometry.ts';
import type { FrameMaskCache } from './frame-mask-cache.ts';
import { boxGesture } from './gestures/box-gesture.ts';
import { clickGesture } from './gestures/click-gesture.ts';
import type { Gesture, ViewportActions } from './gestures/gesture.ts';
import { markerGesture } from './gestures/marker-gesture.ts';
import { panGesture } from './gestures/pan-gesture.ts';
import { markerAt, objectAt } from './hit-test.ts';
import type { PointOnCanvas } from './view-transform.ts';
import type { Viewport } from './viewport.ts';

const LEFT = 0;
const MIDDLE = 1;
const RIGHT = 2;

/** Turns pointer, wheel and touch events on the viewport into gestures. */
export class ViewportInput implements Disposable {
  readonly #viewport: Viewport;
  readonly #masks: FrameMaskCache;
  readonly #actions: ViewportActions;
  readonly #listening = new AbortController();
  #gesture: Gesture | null = null;

  constructor(viewport: Viewport, masks: FrameMaskCache, actions: ViewportActions) {
    this.#viewport = viewport;
    this.#masks = masks;
    this.#actions = actions;
    const { canvas } = viewport;
    const { signal } = this.#listening;
    canvas.addEventListener('pointerdown', (event) => this.#down(event), { signal });
    canvas.addEventListener('pointermove', (event) => this.#gesture?.move(placeOf(event)), { signal });
    canvas.addEventListener('pointerup', (event) => this.#up(event), { signal });
    canvas.addEventListener('pointercancel', () => this.cancel(), { signal });
    canvas.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { signal, passive: false });
  }

  /** Ends the gesture under way without its effect; true when there was one. */
  cancel(): boolean {
    const gesture = this.#gesture;
    this.#gesture = null;
    gesture?.cancel();
    return gesture !== null;
  }

  [Symbol.dispose](): void {
    this.cancel();
    this.#listening.abort();
  }

  #down(event: PointerEvent): void {
    if (this.#gesture !== null) return;
    this.#gesture = this.#begin(event, placeOf(event));
    if (this.#gesture === null) return;
    event.preventDefault();
    this.#viewport.canvas.focus({ preventScroll: true });
    this.#viewport.canvas.setPointerCapture(event.pointerId);
  }

  #up(event: PointerEvent): void {
    const gesture = this.#gesture;
    this.#gesture = null;
    gesture?.up(placeOf(event));
  }

  #begin(event: PointerEvent, at: PointOnCanvas): Gesture | null {
    const viewport = this.#viewport;
    const { scene, shownFrame } = viewport;
    if (scene === null) return null;
    if (event.button === MIDDLE || event.altKey || (event.button === LEFT && scene.tool === 'hand')) {
      return panGesture(viewport, at);
    }
    // A click on a frame that is not on screen yet would land on something the person does not see.
    if (shownFrame !== scene.frameIndex) return null;
    const here = scene.markers.filter((marker) => marker.frameIndex === shownFrame);
    const marker = markerAt(here, viewport.view, at);
    if (marker !== null && event.button === LEFT) return markerGesture(viewport, at, marker, this.#actions);
    if (scene.tool === 'point' && (event.button === LEFT || event.button === RIGHT)) {
      const include = (event.button === LEFT) !== scene.excludeNext;
      return clickGesture(viewport, at, (point) => this.#inside(point, () => this.#actions.addPoint(point, include)));
    }
    if (event.button !== LEFT) return null;
    if (scene.tool === 'box') return boxGesture(viewport, at, (box) => this.#actions.addBox(box));
    return clickGesture(viewport, at, (point) => {
      this.#actions.selectPrompt(null);
      this.#actions.selectObject(objectAt(this.#masks.get(shownFrame) ?? [], point));
    });
  }

  #inside(point: PointInVideo, act: () => void): void {
    if (this.#viewport.scene !== null && containsPoint(this.#viewport.scene.video, point)) act();
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    if (event.shiftKey) this.#viewport.pan(-event.deltaY - event.deltaX, 0);
    else this.#viewport.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), placeOf(event));
  }
}

function placeOf(event: MouseEvent): PointOnCanvas {
  return { x: event.offsetX, y: event.offsetY };
}
