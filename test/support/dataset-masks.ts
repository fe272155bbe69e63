import type { StoredMask } from '../../src-main/core/export/index.ts';
import { bitmapFromRle, type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { discMask, exportObject, speckledMask, storedMask } from './export-fakes.ts';

export const [hardWidth, hardHeight] = [64, 48];
export const hardObjects = [
  { ...exportObject(1, 'Ball, "red"'), className: 'ball & co' },
  { ...exportObject(2, 'cup'), className: 'cup' },
  { ...exportObject(7, 'other cup'), className: 'cup' },
];

/** A ring with a hole, a mask in two parts, a mask of noise, one that comes and goes; none overlap. */
export function hardMasks(frame: number): readonly StoredMask[] {
  const ring = cut(
    discMask(hardWidth, hardHeight, 14 + frame, 14, 10),
    discMask(hardWidth, hardHeight, 14 + frame, 14, 3),
  );
  const parts = unite(
    discMask(hardWidth, hardHeight, 45, 8, 5),
    discMask(hardWidth, hardHeight, 58, 20, 4 + (frame % 2)),
  );
  const noise = lower(speckledMask(hardWidth, hardHeight, frame + 3), 30);
  const away = frame === 2 ? null : noise;
  return [storedMask(1, ring), storedMask(2, frame === 3 ? null : parts), storedMask(7, away)];
}

function combine(a: RleMask, b: RleMask, keep: (a: number, b: number) => boolean): RleMask {
  const [left, right] = [bitmapFromRle(a), bitmapFromRle(b)];
  return rleFromBitmap(
    left.map((value, at) => (keep(value, right[at]) ? 1 : 0)),
    a.width,
    a.height,
  );
}
const cut = (a: RleMask, b: RleMask) => combine(a, b, (x, y) => x === 1 && y === 0);
const unite = (a: RleMask, b: RleMask) => combine(a, b, (x, y) => x === 1 || y === 1);
const lower = (mask: RleMask, from: number) =>
  rleFromBitmap(
    bitmapFromRle(mask).map((value, at) => (at >= from * mask.width && at % mask.width > 4 ? value : 0)),
    mask.width,
    mask.height,
  );
