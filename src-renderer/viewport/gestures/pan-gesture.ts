import type { PointOnCanvas } from '../view-transform.ts';
import type { Viewport } from '../viewport.ts';
import type { Gesture } from './gesture.ts';

/** Moves the picture with the pointer. */
export function panGesture(viewport: Viewport, start: PointOnCanvas): Gesture {
  let last = start;
  return {
    move: (at) => {
      viewport.pan(at.x - last.x, at.y - last.y);
      last = at;
    },
    up: () => {},
    cancel: () => {},
  };
}
