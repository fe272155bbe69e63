import type { ObjectId } from '../../../src-shared/domain/ids.ts';
import type { RleMask } from '../../../src-shared/mask/rle.ts';
import { BrushMask } from '../brush-mask.ts';
import type { FrameMaskCache } from '../frame-mask-cache.ts';
import { type PointOnCanvas, videoFromCanvas } from '../view-transform.ts';
import type { Viewport } from '../viewport.ts';
import type { Gesture } from './gesture.ts';

export interface BrushStroke {
  readonly frameIndex: number;
  /** The object whose mask is painted; null: a new one. */
  readonly objectId: ObjectId | null;
  readonly colour: string;
  readonly start: RleMask | null;
  /** In video pixels. */
  readonly radius: number;
  readonly erase: boolean;
}

const OPACITY = 0.6;

/** What a stroke on the frame on screen would paint on; null: that frame is not the one the person is on. */
export function strokeOf(viewport: Viewport, masks: FrameMaskCache, erase: boolean): BrushStroke | null {
  const { scene, shownFrame } = viewport;
  if (scene === null || shownFrame !== scene.frameIndex) return null;
  const { objectId, colour, radius } = scene.brush;
  const start = masks.get(shownFrame)?.find((mask) => mask.objectId === objectId)?.mask ?? null;
  return { frameIndex: shownFrame, objectId, colour, start, radius, erase };
}

/** Paints on a mask from press to release; the object's stored mask is out of sight meanwhile. */
export function brushGesture(
  viewport: Viewport,
  start: PointOnCanvas,
  { objectId, colour, start: before, radius, erase }: BrushStroke,
  onMask: (mask: RleMask) => void,
): Gesture | null {
  const { scene } = viewport;
  if (scene === null) return null;
  const brush = new BrushMask(scene.video, before, colour);
  const paint = (at: PointOnCanvas) => {
    brush.stroke(videoFromCanvas(viewport.view, at), radius, erase);
    viewport.sketch((context) => viewport.inVideo(context, () => brush.draw(context, OPACITY)));
  };
  viewport.setAside(objectId);
  paint(start);
  const end = () => {
    viewport.setAside(null);
    viewport.sketch(null);
  };
  return {
    move: paint,
    up: () => {
      // Told first: the painted mask is in its place before the sketch goes.
      onMask(brush.toMask());
      end();
    },
    cancel: end,
  };
}
