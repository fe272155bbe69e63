import type { FrameIndex, ObjectId } from '../../../src-shared/domain/ids.ts';
import type { BoxInVideo } from '../../../src-shared/geometry/geometry.ts';

/** One object on one frame, as far as doubt needs to know it: no pixels. Scores are 0..1; null: the model gave none. */
export interface SeenMask {
  readonly objectId: ObjectId;
  readonly frameIndex: FrameIndex;
  /** 0: the object is absent. */
  readonly area: number;
  /** null: absent. */
  readonly box: BoxInVideo | null;
  /** IoU with the object's mask one frame earlier; null: there is none. */
  readonly stepIou: number | null;
  readonly confidence: number | null;
  readonly visible: number | null;
  /** Given only where it is low. */
  readonly presence: number | null;
  /** A person's own word: its scores say nothing. */
  readonly byPerson: boolean;
  /** The run that made it; 0: none. */
  readonly run: number;
}

export function boxOverlap(a: BoxInVideo, b: BoxInVideo): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width <= 0 || height <= 0 ? 0 : width * height;
}

export function boxIou(a: BoxInVideo, b: BoxInVideo): number {
  const shared = boxOverlap(a, b);
  return shared / (a.width * a.height + b.width * b.height - shared);
}

/** How alike two masks are by place and size, 0..1: 1 at the same place with the same area, near 0 a few sizes away. */
export function likeness(a: SeenMask, b: SeenMask): number {
  if (a.box === null || b.box === null) return 0;
  const size = Math.max(1, (Math.hypot(a.box.width, a.box.height) + Math.hypot(b.box.width, b.box.height)) / 2);
  const sizesApart = distance(a.box, b.box) / (2 * size);
  const place = Math.exp(-(sizesApart * sizesApart));
  return place * Math.sqrt(Math.min(a.area, b.area) / Math.max(a.area, b.area));
}

export function distance(a: BoxInVideo, b: BoxInVideo): number {
  return Math.hypot(a.x + a.width / 2 - b.x - b.width / 2, a.y + a.height / 2 - b.y - b.height / 2);
}
