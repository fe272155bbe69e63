import { maskArea, maskIou, type RleMask } from './rle.ts';

/** From this IoU on two masks of one frame show one thing (sam-pipeline 2.5 has 0.1 to 0.5). */
const TWIN_IOU = 0.5;

/** Whether two masks of one frame show one thing; an empty one shows nothing. */
export function showSameThing(a: RleMask | null, b: RleMask | null): boolean {
  if (a === null || b === null || maskArea(a) === 0 || maskArea(b) === 0) return false;
  return maskIou(a, b) >= TWIN_IOU;
}
