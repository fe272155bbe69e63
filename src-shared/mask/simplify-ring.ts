import { type Ring, signedArea } from './trace-rings.ts';

/**
 * Leaves points out so that no point of the old outline is further than `tolerance` pixels from the new one, and the other way
 * round (Douglas and Peucker, on both halves of the ring). A ring that would lose its area is returned as it is; 0 changes nothing.
 */
export function simplifyRing(ring: Ring, tolerance: number): Ring {
  const points = ring.length / 2;
  if (tolerance <= 0 || points <= 4) return ring;
  const kept = new Uint8Array(points);
  const far = farthestFrom(ring, 0);
  kept[0] = 1;
  kept[far] = 1;
  keepBetween(ring, kept, 0, far, tolerance);
  keepBetween(ring, kept, far, points, tolerance);
  const simple: number[] = [];
  for (let point = 0; point < points; point++) if (kept[point]) simple.push(ring[point * 2], ring[point * 2 + 1]);
  const sameSide = signedArea(simple) * signedArea(ring) > 0;
  return simple.length >= 6 && sameSide ? simple : ring;
}

function farthestFrom(ring: Ring, point: number): number {
  let far = point;
  let longest = -1;
  for (let other = 0; other * 2 < ring.length; other++) {
    const distance = Math.hypot(ring[other * 2] - ring[point * 2], ring[other * 2 + 1] - ring[point * 2 + 1]);
    if (distance > longest) {
      longest = distance;
      far = other;
    }
  }
  return far;
}

/** Marks what must stay between two kept points; `last` may be the number of points, which is the first one again. */
function keepBetween(ring: Ring, kept: Uint8Array, first: number, last: number, tolerance: number): void {
  const points = ring.length / 2;
  const open: [number, number][] = [[first, last]];
  for (let span = open.pop(); span !== undefined; span = open.pop()) {
    const [from, to] = span;
    let worst = tolerance;
    let at = -1;
    for (let point = from + 1; point < to; point++) {
      const distance = distanceToSegment(ring, point, from, to % points);
      if (distance > worst) {
        worst = distance;
        at = point;
      }
    }
    if (at < 0) continue;
    kept[at] = 1;
    open.push([from, at], [at, to]);
  }
}

function distanceToSegment(ring: Ring, point: number, from: number, to: number): number {
  const ax = ring[from * 2];
  const ay = ring[from * 2 + 1];
  const dx = ring[to * 2] - ax;
  const dy = ring[to * 2 + 1] - ay;
  const px = ring[point * 2] - ax;
  const py = ring[point * 2 + 1] - ay;
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / squared));
  return Math.hypot(px - along * dx, py - along * dy);
}
