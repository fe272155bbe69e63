import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import type { PixelBox } from '../annotate/draw-rectangle.ts';
import { type YuvImage, yuvByteLength } from '../annotate/yuv-image.ts';
import type { ComposeScratch } from './compose-scratch.ts';
import { drawOverlay, drawStyles, unionOf } from './draw-styles.ts';
import { copyWindow, cutOut, sideBySide, sideBySideSize } from './layouts.ts';
import type { Look } from './resolve-look.ts';
import type { Scene } from './scene.ts';

/** What the pictures of a look are like, all frames alike. */
export interface ComposedShape extends Size {
  /** A plane of straight alpha [height, width] follows the others. */
  readonly alpha: boolean;
}

/** A finished picture: planar 4:2:0 as in `YuvImage`, with alpha behind where the shape says so. */
export interface ComposedFrame extends ComposedShape {
  /** The source's own bytes, drawn upon, or a buffer of the scratch; valid until the frame after the next is composed. */
  readonly data: Uint8Array;
}

/** `window`: size of the crop, for that style alone. */
export function composedShape(look: Look, source: Size, window: Size | null): ComposedShape {
  const { width, height } = look.style === 'side-by-side' ? sideBySideSize(source) : (window ?? source);
  return { width, height, alpha: look.transparent };
}

/**
 * The one way from a decoded frame to what a person sees, for stills and for every output: depends on its arguments alone (the
 * scratch is working memory). May write into `image`. `window`: the part that is shown, for the style crop alone.
 * Where a style changes the objects, every byte that is further than `dilate` and four pixels from them stays as it was.
 */
export function composeFrame(
  image: YuvImage,
  scene: Scene,
  look: Look,
  scratch: ComposeScratch,
  window: PixelBox | null = null,
): ComposedFrame {
  const shape = composedShape(look, image, window);
  const { style } = look;
  if (style === 'side-by-side') {
    const data = scratch.output(yuvByteLength(shape.width, shape.height));
    sideBySide(image, { ...image, ...shape, data }, () => drawOverlay(image, scene.objects, look, scratch));
    return { ...shape, data };
  }
  if (style === 'crop') {
    if (window === null) throw new StudioError('internal', 'bug', 'A crop needs its window.');
    const data = scratch.output(yuvByteLength(shape.width, shape.height));
    copyWindow(image, window, data);
    return { ...shape, data };
  }
  if (look.transparent) {
    const data = scratch.output(yuvByteLength(shape.width, shape.height) + shape.width * shape.height);
    cutOut(image, unionOf(scene, image), scratch.matte(image.width, image.height), data);
    return { ...shape, data };
  }
  drawStyles[style](image, scene, look, scratch);
  return { ...shape, data: image.data };
}
