/**
 * Keeps the `room` best of the new detections when there are more; then the result is ordered by descending score (ties: the
 * earlier first), otherwise it is unchanged. The order decides the ids. `room` < 0 counts as 0.
 * Source: SAM 3 `_drop_new_det_with_obj_limit`.
 */
export function limitNewDetections(
  newDetections: readonly number[],
  scores: ArrayLike<number>,
  room: number,
): readonly number[] {
  if (newDetections.length <= room) return newDetections;
  return [...newDetections].sort((a, b) => scores[b] - scores[a]).slice(0, Math.max(0, room));
}

/** Box in model-relative coordinates 0..1: left, top, right, bottom. */
export interface RelativeBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * Optional rule, off in the released tracker: false when the box centre lies within `margin` (relative, 0..0.5) of the frame's
 * edge, where new objects are often cut off. Source: SAM 3 `_suppress_detections_close_to_boundary`.
 */
export function centreInsideMargin(box: RelativeBox, margin: number): boolean {
  const near = Math.fround(margin);
  const far = Math.fround(1 - margin);
  const centreX = Math.fround(Math.fround(box.left + box.right) / 2);
  const centreY = Math.fround(Math.fround(box.top + box.bottom) / 2);
  return centreX > near && centreX < far && centreY > near && centreY < far;
}
