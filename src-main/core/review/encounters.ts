import type { ObjectId } from '../../../src-shared/domain/ids.ts';
import { boxIou, boxOverlap, distance, type SeenMask } from './seen-mask.ts';

/** Two objects that may have traded places at a frame. */
export interface SwapDoubt {
  readonly objectId: ObjectId;
  readonly otherId: ObjectId;
  readonly mask: SeenMask;
  readonly severity: number;
  /** From one frame to the next: what both did there is explained by it. */
  readonly atOnce: boolean;
}

/** Two objects whose boxes overlap, as they were before and where they were closest. */
interface Encounter {
  readonly before: readonly [SeenMask, SeenMask];
  readonly velocity: readonly [Velocity, Velocity];
  closest: SeenMask;
  mostCovered: number;
  lastFrame: number;
}

interface Velocity {
  readonly x: number;
  readonly y: number;
}

/** Apart for this long, two objects are apart. */
const APART_FRAMES = 3;
/** Longer encounters say nothing about where things were headed. */
const LONGEST_FRAMES = 90;
const TRADE_MARGIN = 0.2;
/** Covered by this share of the smaller box at the closest, two masks can trade. */
const CLOSE = 0.35;

/** Watches pairs of objects frame by frame; what is held is the pairs that overlap now. */
export class Encounters {
  readonly #open = new Map<string, Encounter>();

  /** `now` and `earlier` (one frame before) by object; `motion`: how each was moving. */
  frame(
    frameIndex: number,
    now: ReadonlyMap<ObjectId, SeenMask>,
    earlier: ReadonlyMap<ObjectId, SeenMask>,
    motion: (objectId: ObjectId) => Velocity,
  ): SwapDoubt[] {
    const doubts: SwapDoubt[] = [];
    for (const [a, b] of overlapping(now, earlier)) {
      const traded = tradeAt(a, b, earlier);
      if (traded !== null) {
        doubts.push(traded);
        this.#open.delete(keyOf(a, b));
      } else this.#meet(frameIndex, a, b, earlier, motion);
    }
    for (const [key, encounter] of this.#open) {
      if (frameIndex - encounter.lastFrame < APART_FRAMES) continue;
      this.#open.delete(key);
      const doubt = judge(frameIndex, encounter, now);
      if (doubt !== null) doubts.push(doubt);
    }
    return doubts;
  }

  #meet(
    frameIndex: number,
    a: SeenMask,
    b: SeenMask,
    earlier: ReadonlyMap<ObjectId, SeenMask>,
    motion: (objectId: ObjectId) => Velocity,
  ): void {
    if (a.box === null || b.box === null) return;
    const covered = boxOverlap(a.box, b.box) / Math.min(a.box.width * a.box.height, b.box.width * b.box.height);
    if (covered === 0) return;
    const known = this.#open.get(keyOf(a, b));
    if (known === undefined) {
      this.#open.set(keyOf(a, b), {
        before: [earlier.get(a.objectId) ?? a, earlier.get(b.objectId) ?? b],
        velocity: [motion(a.objectId), motion(b.objectId)],
        closest: a,
        mostCovered: covered,
        lastFrame: frameIndex,
      });
      return;
    }
    known.lastFrame = frameIndex;
    if (covered <= known.mostCovered) return;
    known.mostCovered = covered;
    known.closest = a;
  }
}

/** From one frame to the next each lies where the other one was. */
function tradeAt(a: SeenMask, b: SeenMask, earlier: ReadonlyMap<ObjectId, SeenMask>): SwapDoubt | null {
  const beforeA = earlier.get(a.objectId)?.box ?? null;
  const beforeB = earlier.get(b.objectId)?.box ?? null;
  if (a.box === null || b.box === null || beforeA === null || beforeB === null) return null;
  const gainA = boxIou(a.box, beforeB) - boxIou(a.box, beforeA);
  const gainB = boxIou(b.box, beforeA) - boxIou(b.box, beforeB);
  if (gainA < TRADE_MARGIN || gainB < TRADE_MARGIN) return null;
  const severity = Math.min(1, 0.75 + (gainA + gainB) / 8);
  return { objectId: a.objectId, otherId: b.objectId, mask: a, severity, atOnce: true };
}

/** After an encounter: do they go on as they came, or as the other one did? */
function judge(
  frameIndex: number,
  { before, velocity, closest, mostCovered, lastFrame }: Encounter,
  now: ReadonlyMap<ObjectId, SeenMask>,
): SwapDoubt | null {
  const [a, b] = before.map(({ objectId }) => now.get(objectId));
  if (a?.box == null || b?.box == null || mostCovered < CLOSE) return null;
  const [first, second] = before;
  const doubt = { objectId: first.objectId, otherId: second.objectId, mask: closest, atOnce: false };
  if (lastFrame - first.frameIndex > LONGEST_FRAMES) return { ...doubt, severity: 0.3 };
  const [same, traded] = [
    misfit(first, velocity[0], a, frameIndex) + misfit(second, velocity[1], b, frameIndex),
    misfit(first, velocity[0], b, frameIndex) + misfit(second, velocity[1], a, frameIndex),
  ];
  const share = same / Math.max(1e-9, same + traded);
  if (share > 0.6) return { ...doubt, severity: Math.min(0.9, 0.5 + (share - 0.5)) };
  return share > 0.45 ? { ...doubt, severity: 0.35 } : null;
}

/** How far an object is from where and how large it was expected, in sizes. */
function misfit(before: SeenMask, velocity: Velocity, after: SeenMask, frameIndex: number): number {
  if (before.box === null || after.box === null) return 0;
  const frames = frameIndex - before.frameIndex;
  const expected = { ...before.box, x: before.box.x + velocity.x * frames, y: before.box.y + velocity.y * frames };
  const size = Math.max(1, Math.hypot(before.box.width, before.box.height));
  return distance(expected, after.box) / size + Math.abs(Math.log(after.area / before.area));
}

/** Pairs whose boxes overlap now, or one now with the other one frame earlier; each once, lower number first. */
function overlapping(
  now: ReadonlyMap<ObjectId, SeenMask>,
  earlier: ReadonlyMap<ObjectId, SeenMask>,
): [SeenMask, SeenMask][] {
  const reach = [...now.values()].flatMap((mask) => {
    if (mask.box === null) return [];
    const old = earlier.get(mask.objectId)?.box ?? mask.box;
    const left = Math.min(mask.box.x, old.x);
    const right = Math.max(mask.box.x + mask.box.width, old.x + old.width);
    const top = Math.min(mask.box.y, old.y);
    return [{ mask, left, right, top, bottom: Math.max(mask.box.y + mask.box.height, old.y + old.height) }];
  });
  reach.sort((a, b) => a.left - b.left);
  const pairs: [SeenMask, SeenMask][] = [];
  for (const [index, a] of reach.entries()) {
    for (let next = index + 1; next < reach.length && reach[next].left < a.right; next++) {
      const b = reach[next];
      if (b.top >= a.bottom || a.top >= b.bottom) continue;
      pairs.push(a.mask.objectId < b.mask.objectId ? [a.mask, b.mask] : [b.mask, a.mask]);
    }
  }
  return pairs;
}

function keyOf(a: SeenMask, b: SeenMask): string {
  return `${a.objectId}:${b.objectId}`;
}
