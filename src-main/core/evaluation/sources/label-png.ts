import { type LabelPicture, labelPicture } from '../../../../src-shared/datasets/label-picture.ts';
import { type RleMask, rleFromBitmap } from '../../../../src-shared/mask/rle.ts';
import { pngHeader, pngSamples } from '../../base/png-samples.ts';
import { unreadable } from './read-failure.ts';

/** Reads a picture of object ids as `labelPicture` tells. Throws `file-unreadable` for anything else. */
export function readLabelPng(bytes: Buffer, path: string): LabelPicture {
  const header = pngHeader(bytes);
  if (header === null) throw unreadable(path, 'is not a PNG picture');
  const picture = labelPicture(samplesOf(bytes, header, path));
  const [colour] = picture.unknownColours;
  if (colour === undefined) return picture;
  throw unreadable(path, `has the colour ${colour}, which is no object of the DAVIS palette; save it as a palette PNG`);
}

/** Everything that is not background, as one mask. */
export function foregroundOf({ width, height, labels }: LabelPicture): RleMask {
  return rleFromBitmap(
    Uint8Array.from(labels, (label) => (label === 0 ? 0 : 1)),
    width,
    height,
  );
}

function samplesOf(bytes: Buffer, header: Parameters<typeof pngSamples>[1], path: string) {
  try {
    return pngSamples(bytes, header);
  } catch (cause) {
    throw unreadable(path, `is damaged (${(cause as Error).message})`, cause);
  }
}
