import { containsPoint, type PointInVideo } from '../../src-shared/geometry/geometry.ts';
import type { FrameMaskCache } from './frame-mask-cache.ts';
import { boxGesture } from './gestures/box-gesture.ts';
import { brushGesture, strokeOf } from './gestures/brush-gesture.ts';
import { clickGesture } from './gestures/click-gesture.ts';
import type { Gesture, ViewportActions } from './gestures/gesture.ts';
import { markerGesture } from './gestures/marker-gesture.ts';
import { panGesture } from './gestures/pan-gesture.ts';
import { wipeGesture } from './gestures/wipe-gesture.ts';
import { markerAt, objectAt } from './hit-test.ts';
import { canvasFromVideo, type PointOnCanvas, videoFromCanvas } from './view-transform.ts';
import type { Viewport } from './viewport.ts';

const LEFT = 0;
const MIDDLE = 1;
const RIGHT = 2;
const WIPE_REACH = 10;

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
    canvas.addEventListener('pointermove', (event) => this.#move(event), { signal });
    canvas.addEventListener('pointerleave', () => this.#hover(null), { signal });
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

  #move(event: PointerEvent): void {
    const at = placeOf(event);
    if (this.#gesture === null) this.#hover(at);
    else this.#viewport.hover(at);
    const steps = this.#gesture === null ? [] : (event.getCoalescedEvents?.() ?? []);
    for (const step of steps.length === 0 ? [event] : steps) this.#gesture?.move(placeOf(step));
  }

  #hover(at: PointOnCanvas | null): void {
    const viewport = this.#viewport;
    const { scene, shownFrame } = viewport;
    viewport.hover(at);
    const here = scene?.markers.filter((marker) => marker.frameIndex === shownFrame) ?? [];
    const onMarker = at !== null && markerAt(here, viewport.view, at) !== null;
    this.#actions.overMarker(onMarker);
    const point = at === null || scene?.tool !== 'point' || onMarker ? null : videoFromCanvas(viewport.view, at);
    this.#actions.hover(point !== null && containsPoint(scene!.video, point) ? point : null);
  }

  #down(event: PointerEvent): void {
    if (this.#gesture !== null) return;
    this.#actions.hover(null);
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
      this.#actions.takeView();
      return panGesture(viewport, at);
    }
    if (event.button === LEFT && this.#isOnWipe(at)) return wipeGesture(viewport, this.#actions.setWipe);
    // A click on a frame that is not on screen yet would land on something the person does not see.
    if (shownFrame !== scene.frameIndex) return null;
    const here = scene.markers.filter((marker) => marker.frameIndex === shownFrame);
    const marker = markerAt(here, viewport.view, at);
    const paints = scene.tool === 'brush' || scene.tool === 'eraser';
    if (paints && event.button !== MIDDLE)
      return this.#paint(at, (scene.tool === 'eraser') !== (event.button === RIGHT));
    if (marker !== null && event.button === LEFT) return markerGesture(viewport, at, marker, this.#actions);
    if (scene.tool === 'point' && (event.button === LEFT || event.button === RIGHT)) {
      const include = (event.button === LEFT) !== scene.excludeNext;
      return clickGesture(viewport, at, (point) =>
        this.#inside(point, () => this.#actions.addPoint(point, include, shownFrame)),
      );
    }
    if (scene.tool === 'exemplar') {
      return boxGesture(viewport, at, (box) => this.#actions.addExample(box, event.button === LEFT, shownFrame));
    }
    if (event.button !== LEFT) return null;
    if (scene.tool === 'box') return boxGesture(viewport, at, (box) => this.#actions.addBox(box, shownFrame));
    return clickGesture(viewport, at, (point) => {
      this.#actions.selectPrompt(null);
      this.#actions.selectObject(objectAt(this.#masks.get(shownFrame) ?? [], point));
    });
  }

  #paint(at: PointOnCanvas, erase: boolean): Gesture | null {
    const stroke = strokeOf(this.#viewport, this.#masks, erase);
    if (stroke === null) return null;
    const { objectId, frameIndex } = stroke;
    return brushGesture(this.#viewport, at, stroke, (mask) => this.#actions.addMask(objectId, frameIndex, mask));
  }

  #isOnWipe(at: PointOnCanvas): boolean {
    const { scene, view } = this.#viewport;
    if (scene === null || scene.wipe === null) return false;
    return Math.abs(canvasFromVideo(view, { x: scene.wipe.share * scene.video.width, y: 0 }).x - at.x) <= WIPE_REACH;
  }

  #inside(point: PointInVideo, act: () => void): void {
    if (this.#viewport.scene !== null && containsPoint(this.#viewport.scene.video, point)) act();
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const tool = this.#viewport.scene?.tool;
    if (event.altKey && (tool === 'brush' || tool === 'eraser')) {
      this.#actions.resizeBrush(Math.exp(-(event.deltaY + event.deltaX) * 0.0016));
      return;
    }
    if (event.shiftKey) this.#viewport.pan(-event.deltaY - event.deltaX, 0);
    else this.#viewport.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), placeOf(event));
  }
}

function placeOf(event: MouseEvent): PointOnCanvas {
  return { x: event.offsetX, y: event.offsetY };
}
