import { labelPicture, masksFromLabels } from '../../../../src-shared/datasets/label-picture.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import type { RleMask } from '../../../../src-shared/mask/rle.ts';
import { decodeSamples } from './read-mask-png.ts';

/**
 * Reads a picture of object ids as `labelPicture` tells: one mask per id that occurs, ascending, and the colours that stand for
 * none. Throws `prompt-invalid` as `maskFromPng`.
 */
export function masksFromIndexPng(
  bytes: Buffer,
  name: string,
  expected: Size,
): { readonly masks: ReadonlyMap<number, RleMask>; readonly unknownColours: readonly string[] } {
  const picture = labelPicture(decodeSamples(bytes, name, expected));
  return { masks: masksFromLabels(picture), unknownColours: picture.unknownColours };
}
