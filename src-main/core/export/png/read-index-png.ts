import { labelPicture, masksFromLabels, type PictureSamples } from '../../../../src-shared/datasets/label-picture.ts';
import { FIRST_MOTS_ID } from '../../../../src-shared/datasets/mots-row.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import type { RleMask } from '../../../../src-shared/mask/rle.ts';
import { decodeSamples } from './read-mask-png.ts';

/** A grey mask with soft edges has values above it, a picture of grey object ids has none. */
const MOST_GREY_IDS = 127;
const WHITE_16 = 65535;

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

/**
 * Whether a picture holds several objects, or numbers of MOTS, and so is no mask of one. Grey values may also be the soft edges of one
 * mask, and so may colours that are not of the DAVIS palette.
 */
export function tellsObjectsApart(samples: PictureSamples): boolean {
  const { labels, unknownColours } = labelPicture(samples);
  if (unknownColours.length > 0) return false;
  const ids = new Set<number>();
  for (let at = 0; at < labels.length; at++) if (labels[at] !== 0 && labels[at] !== labels[at - 1]) ids.add(labels[at]);
  const all = [...ids];
  const several = all.length > 1 && (samples.kind !== 'grey' || all.every((id) => id <= MOST_GREY_IDS));
  return several || (all.length > 0 && all.every((id) => id >= FIRST_MOTS_ID && id < WHITE_16));
}
