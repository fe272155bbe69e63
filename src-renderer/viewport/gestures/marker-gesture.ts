import { drawMarkers } from '../draw-markers.ts';
import type { Marker } from '../scene.ts';
import type { PointOnCanvas } from '../view-transform.ts';
import type { Viewport } from '../viewport.ts';
import { CLICK_REACH, type Gesture, type ViewportActions } from './gesture.ts';

/** Picks a marker up: released in place it is selected, dragged it moves its prompt. */
export function markerGesture(
  viewport: Viewport,
  start: PointOnCanvas,
  marker: Marker,
  actions: ViewportActions,
): Gesture {
  actions.selectPrompt(marker.promptId);
  const moved = (at: PointOnCanvas): Marker => {
    const { scale } = viewport.view;
    const dx = (at.x - start.x) / scale;
    const dy = (at.y - start.y) / scale;
    const { shape } = marker;
    return {
      ...marker,
      selected: true,
      shape:
        shape.kind === 'point'
          ? { kind: 'point', at: inside(viewport, shape.at.x + dx, shape.at.y + dy, 0.01, 0.01) }
          : {
              kind: 'box',
              box: {
                ...shape.box,
                ...inside(viewport, shape.box.x + dx, shape.box.y + dy, shape.box.width, shape.box.height),
              },
            },
    };
  };
  return {
    move: (at) => viewport.sketch((context) => drawMarkers(context, [moved(at)], viewport.view)),
    up: (at) => {
      viewport.sketch(null);
      if (Math.hypot(at.x - start.x, at.y - start.y) <= CLICK_REACH) return;
      const { shape } = moved(at);
      actions.movePrompt(marker.promptId, shape.kind === 'point' ? { point: shape.at } : { box: shape.box });
    },
    cancel: () => viewport.sketch(null),
  };
}

function inside(viewport: Viewport, x: number, y: number, width: number, height: number) {
  const video = viewport.scene?.video ?? { width, height };
  return {
    x: Math.min(video.width - width, Math.max(0, x)),
    y: Math.min(video.height - height, Math.max(0, y)),
  };
}
