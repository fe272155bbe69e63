import type { DecodePlan } from './decode-plan.ts';

/** A column and a row that stand before a picture so that its colour samples lie on even places, as in the stored one. */
export interface BlockLead {
  readonly left: 0 | 1;
  readonly top: 0 | 1;
}

/** A side that is not even ends with half a colour block; a turn or a mirror may bring that end to the left or to the top. */
export function blockLead({ storedWidth, storedHeight, rotation, mirrored }: DecodePlan): BlockLead {
  const across = storedWidth % 2 === 1;
  const down = storedHeight % 2 === 1;
  const flipped = mirrored === true;
  const [left, top] = {
    0: [across && flipped, false],
    90: [down, across && flipped],
    180: [across && !flipped, down],
    270: [false, across && !flipped],
  }[rotation];
  return { left: left ? 1 : 0, top: top ? 1 : 0 };
}

/** Whether a picture that is shown turned or mirrored has a side that is not even, so that its colour blocks are not those of the stored one. */
export function turnsOddSide({ storedWidth, storedHeight, rotation, mirrored }: DecodePlan): boolean {
  return (rotation !== 0 || mirrored === true) && (storedWidth % 2 === 1 || storedHeight % 2 === 1);
}

/** Planar 4:2:0 [height, width] with its lead before it: luma is doubled at the edge, colour samples are as many as before. */
export function addLead(from: Uint8Array, width: number, height: number, lead: BlockLead, into: Uint8Array): void {
  const wide = width + lead.left;
  for (let y = 0; y < height; y++) {
    const row = (y + lead.top) * wide;
    into[row] = from[y * width];
    into.set(from.subarray(y * width, (y + 1) * width), row + lead.left);
  }
  if (lead.top === 1) into.copyWithin(0, wide, 2 * wide);
  into.set(from.subarray(width * height), wide * (height + lead.top));
}
