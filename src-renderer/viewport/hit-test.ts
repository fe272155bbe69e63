import type { FrameMask } from '../../src-shared/contract/results.ts';
import type { ObjectId } from '../../src-shared/domain/ids.ts';
import type { PointInVideo } from '../../src-shared/geometry/geometry.ts';
import { forEachRun, type RleMask } from '../../src-shared/mask/rle.ts';
import type { Marker } from './scene.ts';
import { canvasFromVideo, type PointOnCanvas, type ViewTransform } from './view-transform.ts';

const REACH = 12;
const BORDER_REACH = 6;

/** The marker under a point, topmost first. */
export function markerAt(markers: readonly Marker[], view: ViewTransform, at: PointOnCanvas): Marker | null {
  return markers.findLast((marker) => isNear(marker, view, at)) ?? null;
}

function isNear({ shape }: Marker, view: ViewTransform, at: PointOnCanvas): boolean {
  if (shape.kind === 'point') {
    const { x, y } = canvasFromVideo(view, shape.at);
    return Math.hypot(x - at.x, y - at.y) <= REACH;
  }
  const corner = canvasFromVideo(view, shape.box);
  const right = corner.x + shape.box.width * view.scale;
  const bottom = corner.y + shape.box.height * view.scale;
  const dx = Math.max(corner.x - at.x, at.x - right, 0);
  const dy = Math.max(corner.y - at.y, at.y - bottom, 0);
  const toSide = Math.min(at.x - corner.x, right - at.x, at.y - corner.y, bottom - at.y);
  return Math.hypot(dx, dy) <= BORDER_REACH && toSide <= BORDER_REACH;
}

/** The object whose mask covers a point; the one drawn last wins. */
export function objectAt(masks: readonly FrameMask[], point: PointInVideo): ObjectId | null {
  const hit = masks.findLast(({ mask }) => mask !== null && covers(mask, point));
  return hit?.objectId ?? null;
}

function covers(mask: RleMask, { x, y }: PointInVideo): boolean {
  if (x < 0 || y < 0 || x >= mask.width || y >= mask.height) return false;
  const pixel = Math.floor(y) * mask.width + Math.floor(x);
  let inside = false;
  forEachRun(mask, (start, end) => {
    if (pixel >= start && pixel < end) inside = true;
  });
  return inside;
}
