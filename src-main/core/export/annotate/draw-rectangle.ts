import type { Ink } from './ink.ts';

/** Anything that blends its current colour into one pixel, or into [fromX, toX) of a row; `alpha` is a whole number 0..255. */
export interface Surface {
  dot(x: number, y: number, alpha: number): void;
  row(y: number, fromX: number, toX: number, alpha: number): void;
}

/** Whole pixels: left and top inclusive, width and height > 0. */
export interface PixelBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Fills a box with round corners, anti-aliased; `opacity` 0..1. */
export function fillRounded(ink: Surface, box: PixelBox, radius: number, opacity: number): void {
  const alpha = Math.round(255 * opacity);
  const corner = Math.min(radius, box.width / 2, box.height / 2);
  const reach = Math.ceil(corner);
  for (let row = 0; row < box.height; row++) {
    const y = box.y + row;
    const rounded = row < reach || row >= box.height - reach ? reach : 0;
    for (let column = 0; column < rounded; column++) {
      const across = box.width - 1 - column;
      const part = cornerCoverage(box, corner, column + 0.5, row + 0.5);
      ink.dot(box.x + column, y, Math.round(alpha * part));
      if (across >= rounded) ink.dot(box.x + across, y, Math.round(alpha * part));
    }
    ink.row(y, box.x + rounded, box.x + box.width - rounded, alpha);
  }
}

/** Draws a frame of `thickness` whole pixels just inside `box`; `dash` pixels on and off, 0 for solid. */
export function strokeBox(ink: Ink, box: PixelBox, thickness: number, opacity: number, dash: number): void {
  const alpha = Math.round(255 * opacity);
  for (let row = 0; row < box.height; row++) {
    const horizontal = row < thickness || row >= box.height - thickness;
    if (horizontal && dash === 0) ink.row(box.y + row, box.x, box.x + box.width, alpha);
    else if (horizontal) {
      for (let column = 0; column < box.width; column++) {
        if (!isGap(column, dash)) ink.dot(box.x + column, box.y + row, alpha);
      }
    } else if (!isGap(row, dash)) {
      ink.row(box.y + row, box.x, box.x + Math.min(thickness, box.width), alpha);
      ink.row(box.y + row, box.x + Math.max(thickness, box.width - thickness), box.x + box.width, alpha);
    }
  }
}

function isGap(along: number, dash: number): boolean {
  return dash > 0 && Math.floor(along / dash) % 2 === 1;
}

function cornerCoverage(box: PixelBox, radius: number, x: number, y: number): number {
  const dx = Math.max(radius - x, 0, x - (box.width - radius));
  const dy = Math.max(radius - y, 0, y - (box.height - radius));
  return Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(dx, dy)));
}
