import { readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';

/** A question about a picture and its answer, as models/recipes/stills.py writes them; a later round corrects the answer to the earlier. */
export interface Still {
  readonly picture: string;
  readonly name: string;
  readonly mask: string;
  readonly iou: number;
  readonly rounds: readonly {
    readonly points: readonly (readonly [x: number, y: number, label: number])[];
    readonly box: readonly [number, number, number, number] | null;
  }[];
}

/** A mask out of a black and white PNG. */
export function readMask(path: string): RleMask {
  const { width, height, data } = PNG.sync.read(readFileSync(path));
  const bitmap = new Uint8Array(width * height);
  for (let at = 0; at < bitmap.length; at++) bitmap[at] = data[at * 4] > 127 ? 1 : 0;
  return rleFromBitmap(bitmap, width, height);
}
