import type { BoxInVideo, PointInVideo } from '../../../../../src-shared/geometry/geometry.ts';

/** The upright box around one that was turned clockwise by `degrees` about `pivot`; the box itself when it was not turned. */
export function boxAroundTurned(box: BoxInVideo, degrees: number, pivot: PointInVideo): BoxInVideo {
  if (degrees % 360 === 0) return box;
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const corners = [box.x, box.x + box.width].flatMap((x) =>
    [box.y, box.y + box.height].map((y) => {
      const [dx, dy] = [x - pivot.x, y - pivot.y];
      return { x: pivot.x + dx * cos - dy * sin, y: pivot.y + dx * sin + dy * cos };
    }),
  );
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
