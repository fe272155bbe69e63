import type { BoxInVideo, Size } from '../../../src-shared/geometry/geometry.ts';
import { strokeRect } from '../draw-markers.ts';
import { canvasFromVideo, type PointOnCanvas, videoFromCanvas } from '../view-transform.ts';
import type { Viewport } from '../viewport.ts';
import { CLICK_REACH, type Gesture } from './gesture.ts';

/** Draws a box from corner to corner, kept inside the picture. */
export function boxGesture(viewport: Viewport, start: PointOnCanvas, onBox: (box: BoxInVideo) => void): Gesture {
  const boxTo = (at: PointOnCanvas): BoxInVideo | null => {
    const { scene, view } = viewport;
    if (scene === null || Math.hypot(at.x - start.x, at.y - start.y) <= CLICK_REACH) return null;
    return boxBetween(videoFromCanvas(view, start), videoFromCanvas(view, at), scene.video);
  };
  return {
    move: (at) =>
      viewport.sketch((context) => {
        const box = boxTo(at);
        if (box === null) return;
        const { x, y } = canvasFromVideo(viewport.view, box);
        const { scale } = viewport.view;
        strokeRect(context, x, y, box.width * scale, box.height * scale, '#ffffff', true);
      }),
    up: (at) => {
      viewport.sketch(null);
      const box = boxTo(at);
      if (box !== null) onBox(box);
    },
    cancel: () => viewport.sketch(null),
  };
}

/** The part of the picture between two corners; null when it has no area. */
export function boxBetween(
  a: { readonly x: number; readonly y: number },
  b: { readonly x: number; readonly y: number },
  video: Size,
): BoxInVideo | null {
  const clamp = (value: number, most: number) => Math.min(most, Math.max(0, Math.round(value)));
  const left = clamp(Math.min(a.x, b.x), video.width);
  const right = clamp(Math.max(a.x, b.x), video.width);
  const top = clamp(Math.min(a.y, b.y), video.height);
  const bottom = clamp(Math.max(a.y, b.y), video.height);
  return right > left && bottom > top ? { x: left, y: top, width: right - left, height: bottom - top } : null;
}
