import { blendTowards } from '../annotate/blend-run.ts';
import { parseColour, yuvFromRgb } from '../annotate/yuv-colour.ts';
import type { YuvImage } from '../annotate/yuv-image.ts';
import type { Matte } from './matte.ts';
import { blendOutside, fillOutside, planesOf } from './planes.ts';

/** Dims everything but the objects by `strength` (0..1) and takes half as much of its colour. */
export function dimBackground(image: YuvImage, matte: Matte, strength: number): void {
  const [y, u, v] = planesOf(image, matte);
  blendOutside(image.data, y, blendTowards(image.fullRange ? 0 : 16, strength));
  for (const plane of [u, v]) blendOutside(image.data, plane, blendTowards(128, strength * 0.75));
}

/** Takes the colour from everything but the objects; 1 leaves grey. */
export function greyBackground(image: YuvImage, matte: Matte, strength: number): void {
  const [, u, v] = planesOf(image, matte);
  for (const plane of [u, v]) blendOutside(image.data, plane, blendTowards(128, strength));
}

/** Puts one colour (`#rrggbb`) behind the objects. */
export function replaceBackground(image: YuvImage, matte: Matte, colour: string): void {
  const yuv = yuvFromRgb(parseColour(colour), image.matrix, image.fullRange);
  for (const plane of planesOf(image, matte)) fillOutside(image.data, plane, Math.round(yuv[plane.kind]));
}
