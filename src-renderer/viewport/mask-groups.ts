import type { BoxInVideo } from '../../src-shared/geometry/geometry.ts';
import { maskBox } from '../../src-shared/mask/rle.ts';
import type { MaskLook } from './compose-overlay.ts';

interface Group {
  readonly masks: readonly MaskLook[];
  readonly box: BoxInVideo;
}

/**
 * Masks whose boxes, with a margin around them, touch stay together, in their order; others are painted apart, so that the empty ground
 * between far objects costs nothing. Empty masks are in no group.
 */
export function maskGroups(masks: readonly MaskLook[], margin: number): readonly (readonly MaskLook[])[] {
  let groups: readonly Group[] = [];
  for (const look of masks) {
    const box = maskBox(look.mask);
    if (box !== null) groups = joined(groups, { masks: [look], box: grown(box, margin) });
  }
  return groups.map((group) => masks.filter((look) => group.masks.includes(look)));
}

/** A group that has grown may touch others that it did not touch before. */
function joined(groups: readonly Group[], added: Group): readonly Group[] {
  const touching = groups.find(({ box }) => touches(box, added.box));
  if (touching === undefined) return [...groups, added];
  const whole = { masks: [...touching.masks, ...added.masks], box: around(touching.box, added.box) };
  return joined(
    groups.filter((group) => group !== touching),
    whole,
  );
}

function touches(a: BoxInVideo, b: BoxInVideo): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function around(a: BoxInVideo, b: BoxInVideo): BoxInVideo {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  const right = Math.max(a.x + a.width, b.x + b.width);
  return { x, y, width: right - x, height: Math.max(a.y + a.height, b.y + b.height) - y };
}

function grown({ x, y, width, height }: BoxInVideo, margin: number): BoxInVideo {
  return { x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin };
}
