import { maskBox, type RleMask } from '../../../../src-shared/mask/rle.ts';
import { type RgbPicture, resamplePicture } from '../../models/index.ts';
import type { MeasuredPack } from './measured-pack.ts';

/** Turns a picture, or what a mask covers of it, into a vector. */
export interface Embedder {
  readonly dims: number | null;
  /** How the vectors are made, in words. */
  readonly method: string;
  /** One vector a mask (null: the whole picture), as the model gives it; null where a mask is empty. */
  embed(picture: RgbPicture, masks: readonly (RleMask | null)[]): Promise<readonly (Float32Array | null)[]>;
}

/** Share of the box that is added on each side: what is around a thing helps to know it. */
const MARGIN = 0.125;

/**
 * A backbone looks at the box of the mask with a margin; a segmenter's own image encoder runs once a picture, and its features are
 * averaged under each mask.
 */
export function embedderOf(pack: MeasuredPack): Embedder {
  if (pack.kind === 'backbone') {
    const { runtime } = pack;
    return {
      dims: runtime.dims,
      method: `${runtime.pack.manifest.arch}; of an object the box of its mask with ${MARGIN * 100} % margin`,
      embed: async (picture, masks) => {
        const crops = masks.map((mask) => (mask === null ? picture : cropAround(picture, mask)));
        const present = crops.filter((crop) => crop !== null);
        const vectors = present.length === 0 ? [] : await runtime.embed(present);
        let next = 0;
        return crops.map((crop) => (crop === null ? null : vectors[next++]));
      },
    };
  }
  const { runtime } = pack;
  const side = runtime.spec.imageSize;
  return {
    dims: null,
    method: 'image encoder features, averaged; of an object under its mask',
    embed: async ({ pixels, width, height }, masks) => {
      const features = await runtime.encodeImage(resamplePicture(pixels, width, height, side, side, 'bilinear-aa'));
      return masks.map((mask) => runtime.pool(features, mask));
    },
  };
}

/** The mask's box with its margin, cut at the picture's border; null when the mask is empty. */
function cropAround(picture: RgbPicture, mask: RleMask): RgbPicture | null {
  const box = maskBox(mask);
  if (box === null) return null;
  const [across, down] = [Math.round(box.width * MARGIN), Math.round(box.height * MARGIN)];
  const left = Math.max(0, box.x - across);
  const top = Math.max(0, box.y - down);
  const width = Math.min(picture.width, box.x + box.width + across) - left;
  const height = Math.min(picture.height, box.y + box.height + down) - top;
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * 3;
    pixels.set(picture.pixels.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, pixels };
}
