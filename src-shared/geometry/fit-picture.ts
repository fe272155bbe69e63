import type { Size } from './geometry.ts';

/** How a picture is brought into the square that a model sees: stretched, or its longest side fitted and the rest left empty. */
export type PictureFit = 'stretch' | 'longest-pad';

/** The part of the model's square of `side` pixels that shows the picture, from the top left. Source: SAM `ResizeLongestSide`. */
export function fitPicture({ width, height }: Size, side: number, fit: PictureFit): Size {
  if (fit === 'stretch') return { width: side, height: side };
  const scale = side / Math.max(width, height);
  return { width: Math.floor(width * scale + 0.5), height: Math.floor(height * scale + 0.5) };
}
