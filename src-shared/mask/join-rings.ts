import type { Ring } from './trace-rings.ts';

/**
 * One outline around several parts, for formats that hold one polygon per object: each further part is reached and left along
 * one line, which has no area. Parts are joined in the order given, each near where it lies closest.
 */
export function joinRings(rings: readonly Ring[]): Ring {
  let joined: number[] = [...(rings[0] ?? [])];
  for (const ring of rings.slice(1)) {
    const landing = nearest(ring, joined[0], joined[1]);
    const leaving = nearest(joined, ring[landing], ring[landing + 1]);
    const turned = [...ring.slice(landing), ...ring.slice(0, landing + 2)];
    joined = [...joined.slice(0, leaving + 2), ...turned, ...joined.slice(leaving)];
  }
  return joined;
}

/** Offset of the ring's point that is closest to (x, y). */
function nearest(ring: Ring, x: number, y: number): number {
  let best = 0;
  let shortest = Number.POSITIVE_INFINITY;
  for (let at = 0; at < ring.length; at += 2) {
    const distance = (ring[at] - x) ** 2 + (ring[at + 1] - y) ** 2;
    if (distance >= shortest) continue;
    shortest = distance;
    best = at;
  }
  return best;
}
