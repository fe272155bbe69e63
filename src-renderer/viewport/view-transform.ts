import type { PointInVideo, Size } from '../../src-shared/geometry/geometry.ts';

/** A point on the viewport in CSS pixels, from its top-left corner. */
export interface PointOnCanvas {
  readonly x: number;
  readonly y: number;
}

/** canvas = video * scale + offset, in CSS pixels. */
export interface ViewTransform {
  readonly scale: number;
  readonly offsetX: number;
  readonly offsetY: number;
}

const LEAST_SCALE = 0.05;
const LARGEST_SCALE = 40;
/** So much of the picture always stays in sight. */
const KEPT_IN_SIGHT = 48;

/** The whole picture, centred, with a margin around it. */
export function fitTransform(video: Size, canvas: Size, margin: number): ViewTransform {
  const width = Math.max(1, canvas.width - 2 * margin);
  const height = Math.max(1, canvas.height - 2 * margin);
  const scale = Math.min(width / video.width, height / video.height);
  return {
    scale,
    offsetX: (canvas.width - video.width * scale) / 2,
    offsetY: (canvas.height - video.height * scale) / 2,
  };
}

/** A place of the video in the middle of the canvas. */
export function centredOn(at: PointInVideo, wished: number, canvas: Size): ViewTransform {
  const scale = Math.min(LARGEST_SCALE, Math.max(LEAST_SCALE, wished));
  return { scale, offsetX: canvas.width / 2 - at.x * scale, offsetY: canvas.height / 2 - at.y * scale };
}

/** Scales around a point, which keeps its place on the canvas. */
export function zoomAt(transform: ViewTransform, at: PointOnCanvas, factor: number): ViewTransform {
  const scale = Math.min(LARGEST_SCALE, Math.max(LEAST_SCALE, transform.scale * factor));
  const ratio = scale / transform.scale;
  return {
    scale,
    offsetX: at.x - (at.x - transform.offsetX) * ratio,
    offsetY: at.y - (at.y - transform.offsetY) * ratio,
  };
}

/** Moves the picture, but never out of sight. */
export function panBy(transform: ViewTransform, dx: number, dy: number, video: Size, canvas: Size): ViewTransform {
  const clamp = (offset: number, side: number, room: number) =>
    Math.min(room - KEPT_IN_SIGHT, Math.max(KEPT_IN_SIGHT - side * transform.scale, offset));
  return {
    scale: transform.scale,
    offsetX: clamp(transform.offsetX + dx, video.width, canvas.width),
    offsetY: clamp(transform.offsetY + dy, video.height, canvas.height),
  };
}

export function videoFromCanvas({ scale, offsetX, offsetY }: ViewTransform, point: PointOnCanvas): PointInVideo {
  return { x: (point.x - offsetX) / scale, y: (point.y - offsetY) / scale };
}

export function canvasFromVideo({ scale, offsetX, offsetY }: ViewTransform, point: PointInVideo): PointOnCanvas {
  return { x: point.x * scale + offsetX, y: point.y * scale + offsetY };
}
