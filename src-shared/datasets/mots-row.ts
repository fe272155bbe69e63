import type { CompressedCocoRle } from '../mask/coco-rle.ts';

/** A row of MOTS text: `frame id class height width rle`. */
export interface MotsRow {
  readonly frame: number;
  /** class * 1000 + instance. */
  readonly id: number;
  readonly rle: CompressedCocoRle;
}

/** null when the line is no such row. */
export function parseMotsRow(line: string): MotsRow | null {
  const [frame, id, classId, height, width, counts, ...rest] = line.trim().split(/\s+/);
  if (counts === undefined || rest.length > 0) return null;
  if (![frame, id, classId, height, width].every((field) => /^\d+$/.test(field))) return null;
  return { frame: Number(frame), id: Number(id), rle: { size: [Number(height), Number(width)], counts } };
}

/** Of class 1. */
export const FIRST_MOTS_ID = 1000;

/** Whether an id marks a region that is not scored: the whole of class 10. */
export function isMotsIgnored(id: number): boolean {
  return Math.floor(id / 1000) === 10;
}
