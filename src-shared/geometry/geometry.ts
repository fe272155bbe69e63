/** Continuous coordinates in displayed video pixels: (0, 0) is the top-left corner of the top-left pixel. */
export interface PointInVideo {
  readonly x: number;
  readonly y: number;
}

/** Top-left corner and size in displayed video pixels; width and height > 0. */
export interface BoxInVideo {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** True when the point lies inside the frame: 0 <= x < width, 0 <= y < height. */
export function containsPoint(size: Size, point: PointInVideo): boolean {
  return point.x >= 0 && point.y >= 0 && point.x < size.width && point.y < size.height;
}

/** The part of a box that lies in the frame; null: nothing does. */
export function boxInFrame(size: Size, box: BoxInVideo): BoxInVideo | null {
  const x = Math.max(0, box.x);
  const y = Math.max(0, box.y);
  const width = Math.min(size.width, box.x + box.width) - x;
  const height = Math.min(size.height, box.y + box.height) - y;
  const inside = { x, y, width, height };
  return containsBox(size, inside) ? inside : null;
}

/** True when the box has area and lies inside the frame, edges included. */
export function containsBox(size: Size, box: BoxInVideo): boolean {
  return (
    box.width > 0 &&
    box.height > 0 &&
    box.x >= 0 &&
    box.y >= 0 &&
    box.x + box.width <= size.width &&
    box.y + box.height <= size.height
  );
}
