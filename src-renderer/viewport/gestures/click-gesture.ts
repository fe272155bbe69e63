import type { PointInVideo } from '../../../src-shared/geometry/geometry.ts';
import { type PointOnCanvas, videoFromCanvas } from '../view-transform.ts';
import type { Viewport } from '../viewport.ts';
import { CLICK_REACH, type Gesture } from './gesture.ts';

/** A click at one place; a press that wanders off is none. */
export function clickGesture(
  viewport: Viewport,
  start: PointOnCanvas,
  onClick: (point: PointInVideo) => void,
): Gesture {
  // The view may go along with an object until the release.
  const point = videoFromCanvas(viewport.view, start);
  let still = true;
  return {
    move: (at) => {
      still &&= Math.hypot(at.x - start.x, at.y - start.y) <= CLICK_REACH;
    },
    up: () => {
      if (still) onClick(point);
    },
    cancel: () => {},
  };
}
