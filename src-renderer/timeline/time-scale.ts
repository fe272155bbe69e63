/** Which frames lie where on a strip of pixels: x = (frame - first) / framesPerPixel. */
export interface TimeScale {
  /** Frame at the left edge; may be between two frames. */
  readonly first: number;
  readonly framesPerPixel: number;
}

/** At most this wide is one frame. */
const WIDEST_FRAME_PIXELS = 48;

export function fitScale(frameCount: number, width: number): TimeScale {
  return { first: 0, framesPerPixel: Math.max(1 / WIDEST_FRAME_PIXELS, frameCount / Math.max(1, width)) };
}

export function xOfFrame({ first, framesPerPixel }: TimeScale, frame: number): number {
  return (frame - first) / framesPerPixel;
}

/** The frame whose cell covers x. */
export function frameAt({ first, framesPerPixel }: TimeScale, x: number, frameCount: number): number {
  return Math.min(frameCount - 1, Math.max(0, Math.floor(first + x * framesPerPixel)));
}

/** Zooms around a place that keeps its frame; never further out than the whole clip. */
export function zoomScale(scale: TimeScale, x: number, factor: number, frameCount: number, width: number): TimeScale {
  const widest = fitScale(frameCount, width).framesPerPixel;
  const framesPerPixel = Math.min(widest, Math.max(1 / WIDEST_FRAME_PIXELS, scale.framesPerPixel / factor));
  const kept = scale.first + x * scale.framesPerPixel;
  return scrollScale({ first: kept - x * framesPerPixel, framesPerPixel }, 0, frameCount, width);
}

export function scrollScale(scale: TimeScale, pixels: number, frameCount: number, width: number): TimeScale {
  const most = Math.max(0, frameCount - width * scale.framesPerPixel);
  return { ...scale, first: Math.min(most, Math.max(0, scale.first + pixels * scale.framesPerPixel)) };
}

/** Moves just enough to show a frame. */
export function reveal(scale: TimeScale, frame: number, frameCount: number, width: number): TimeScale {
  const x = xOfFrame(scale, frame);
  if (x >= 0 && x <= width - 1) return scale;
  return scrollScale(scale, x < 0 ? x - width * 0.2 : x - width * 0.8, frameCount, width);
}

/** Distance between labelled ticks in frames: 1, 2 or 5 times a power of ten, at least `leastPixels` apart. */
export function tickStep({ framesPerPixel }: TimeScale, leastPixels: number): number {
  const least = Math.max(1, framesPerPixel * leastPixels);
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= least) ?? 10 * power;
}
