import { ImageInput } from '../runtime/image-input.ts';
import type { BackboneManifest } from './backbone-manifest.ts';
import { resamplePicture } from './resample-picture.ts';

/** A picture, uint8 RGB [height, width, 3]. */
export interface RgbPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/**
 * The middle square of a picture at the size that the pack asks for, uint8 RGB [S, S, 3]: shorter side to floor(S / cropPct), then
 * the centre crop, as timm's evaluation transform (torchvision Resize and CenterCrop on a Pillow picture).
 */
export function squarePicture(picture: RgbPicture, image: BackboneManifest['image']): Uint8Array<ArrayBuffer> {
  const { size, cropPct, filter } = image;
  const shorter = Math.floor(size / cropPct);
  const { width, height } = picture;
  const [across, down] =
    width <= height
      ? [shorter, Math.trunc((shorter * height) / width)]
      : [Math.trunc((shorter * width) / height), shorter];
  const resized = resamplePicture(picture.pixels, width, height, across, down, filter);
  const left = halfToEven(across - size);
  const top = halfToEven(down - size);
  const square = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    const from = ((top + y) * across + left) * 3;
    square.set(resized.subarray(from, from + size * 3), y * size * 3);
  }
  return square;
}

/** Half of a number, rounded as Python rounds: torchvision's crop depends on it. */
function halfToEven(value: number): number {
  const half = Math.floor(value / 2);
  return value % 2 !== 0 && half % 2 !== 0 ? half + 1 : half;
}

/** Normalised pixel values [B, 3, S, S] of squares [S, S, 3]. */
export function pixelValues(
  squares: readonly Uint8Array[],
  image: BackboneManifest['image'],
): Float32Array<ArrayBuffer> {
  const input = new ImageInput(image);
  const values = new Float32Array(squares.length * input.data.length);
  for (const [row, square] of squares.entries()) {
    input.fill(square);
    values.set(input.data, row * input.data.length);
  }
  return values;
}
