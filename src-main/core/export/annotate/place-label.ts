import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import type { PixelBox } from './draw-rectangle.ts';

/**
 * Where a label goes: above the box's left edge, else inside its top, else below, else along the right edge; always wholly inside
 * the frame and, where one of these is free, clear of the labels already placed (else where it covers least of them).
 * Returns null when the frame is too small for it.
 */
export function placeLabel(
  box: PixelBox,
  label: Size,
  frame: Size,
  gap: number,
  placed: readonly PixelBox[],
): PixelBox | null {
  if (label.width > frame.width || label.height > frame.height) return null;
  let best: PixelBox | null = null;
  let bestOverlap = Number.POSITIVE_INFINITY;
  for (const [x, y] of candidates(box, label, gap)) {
    if (y < 0 || y + label.height > frame.height) continue;
    const spot = { ...label, x: Math.max(0, Math.min(frame.width - label.width, x)), y };
    const overlap = placed.reduce((sum, other) => sum + overlapArea(spot, other), 0);
    if (overlap < bestOverlap) {
      best = spot;
      bestOverlap = overlap;
    }
    if (bestOverlap === 0) break;
  }
  return best;
}

function candidates(box: PixelBox, label: Size, gap: number): readonly (readonly [number, number])[] {
  const right = box.x + box.width - label.width;
  const above = box.y - gap - label.height;
  const inside = box.y + gap * 2;
  const below = box.y + box.height + gap;
  const lowInside = box.y + box.height - gap * 2 - label.height;
  return [
    [box.x, above],
    [box.x + gap * 2, inside],
    [box.x, below],
    [right, above],
    [right - gap * 2, inside],
    [right, below],
    [box.x + gap * 2, lowInside],
    [box.x, Math.max(0, above)],
  ];
}

function overlapArea(a: PixelBox, b: PixelBox): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}
