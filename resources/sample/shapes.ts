/** Outlines as signed distances in units of the thing's size: negative inside, y down, centred on the origin. */
export type SignedDistance = (x: number, y: number) => number;

export interface Shape {
  readonly distance: SignedDistance;
  /** Points whose discs of radius `rounding` touch the outline: what the shape can stand on. */
  readonly feet: readonly (readonly [number, number])[];
  readonly rounding: number;
  /** Width of the rounded edge: 1 is a full pillow. */
  readonly bevel: number;
}

const corner = 0.26;
export const box: Shape = {
  distance: (x, y) => {
    const dx = Math.abs(x) - 1 + corner;
    const dy = Math.abs(y) - 1 + corner;
    return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - corner;
  },
  feet: [-1, 1].flatMap((x) => [-1, 1].map((y) => [x * (1 - corner), y * (1 - corner)] as const)),
  rounding: corner,
  bevel: 0.3,
};

export const ball: Shape = { distance: (x, y) => Math.hypot(x, y) - 1, feet: [[0, 0]], rounding: 1, bevel: 1 };

const tube = 0.27;
export const ring: Shape = {
  distance: (x, y) => Math.abs(Math.hypot(x, y) - 1 + tube) - tube,
  feet: [[0, 0]],
  rounding: 1,
  bevel: tube,
};

/** A regular polygon's or star's corner points on a circle, the first one pointing up. */
const onCircle = (count: number, radius: number) =>
  Array.from({ length: count }, (_, index) => {
    const turn = (index / count) * 2 * Math.PI;
    return [Math.sin(turn) * radius, -Math.cos(turn) * radius] as const;
  });

const triangleCorners = onCircle(3, 0.86);
export const triangle: Shape = {
  distance: polygonDistance(triangleCorners, 0.2),
  feet: triangleCorners,
  rounding: 0.2,
  bevel: 0.42,
};

const starTips = onCircle(5, 0.88);
const starDents = onCircle(5, -0.46);
export const star: Shape = {
  distance: polygonDistance(
    starTips.flatMap((tip, index) => [tip, starDents[(index + 3) % 5]]),
    0.13,
  ),
  feet: starTips,
  rounding: 0.13,
  bevel: 0.5,
};

/** Two arcs that meet in points, bent a little like a leaf in the wind. */
export const leaf: Shape = {
  distance: (x, y) => {
    const bent = y + 0.16 * x * x - 0.06 + 0.05 * x;
    const half = 0.93;
    const width = 0.44;
    const offset = (half * half - width * width) / (2 * width);
    const px = Math.abs(x);
    const py = Math.abs(bent);
    // Beyond the tip's normal cone the tip itself is nearest, else one of the arcs.
    const pastTip = (px - half) * offset > py * half;
    return (pastTip ? Math.hypot(px - half, py) : Math.hypot(px, py + offset) - (width + offset)) - 0.05;
  },
  feet: [[0, 0.2]],
  rounding: 0.2,
  bevel: 0.34,
};

/** How far the shape reaches down from its centre when turned by `angle` (clockwise on screen), in units of its size. */
export function reachDown({ feet, rounding }: Shape, angle: number): number {
  const lows = feet.map(([x, y]) => x * Math.sin(angle) + y * Math.cos(angle));
  return Math.max(...lows) + rounding;
}

function polygonDistance(points: readonly (readonly [number, number])[], rounding: number): SignedDistance {
  return (x, y) => {
    let squared = Number.POSITIVE_INFINITY;
    let inside = false;
    for (let index = 0; index < points.length; index++) {
      const [ax, ay] = points[index];
      const [bx, by] = points[(index + points.length - 1) % points.length];
      const share = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2);
      const at = Math.min(1, Math.max(0, share));
      squared = Math.min(squared, (x - ax - (bx - ax) * at) ** 2 + (y - ay - (by - ay) * at) ** 2);
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
    return (inside ? -1 : 1) * Math.sqrt(squared) - rounding;
  };
}
