import { videoFromCanvas } from '../view-transform.ts';
import type { Viewport } from '../viewport.ts';
import type { Gesture } from './gesture.ts';

/** Drags the line between before and after; `onWipe` is told where it is, 0..1 of the picture's width. */
export function wipeGesture(viewport: Viewport, onWipe: (share: number) => void): Gesture {
  return {
    move: (at) => {
      const width = viewport.scene?.video.width ?? 1;
      onWipe(Math.min(1, Math.max(0, videoFromCanvas(viewport.view, at).x / width)));
    },
    up: () => {},
    cancel: () => {},
  };
}
