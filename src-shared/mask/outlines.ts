import { maskFromRings } from './mask-from-rings.ts';
import type { RleMask } from './rle.ts';
import { simplifyRing } from './simplify-ring.ts';
import { type Ring, traceRings } from './trace-rings.ts';

/** The outer outlines of a mask, one a part, simplified within the tolerance; holes are filled. */
export function outlinesOf(mask: RleMask, tolerance: number): readonly Ring[] {
  return traceRings(mask).outers.map((ring) => simplifyRing(ring, tolerance));
}

/** What a polygon format means by a mask before anything is simplified: the mask with its holes filled. */
export function withoutHoles(mask: RleMask): RleMask {
  const { outers, holes } = traceRings(mask);
  return holes.length === 0 ? mask : maskFromRings(outers, mask.width, mask.height);
}
